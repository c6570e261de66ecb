import { expect } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { Servo } from '../../control/index.ts';
import { forwardKinematics, frameIndex, framePose, poseFrom12, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { usableLimits } from '../../safety/index.ts';
import { randomArm } from './random_arm.ts';
import { ServoRig } from './servo_rig.ts';

export const PANDA = loadRobot('panda');
export const N = PANDA.arm_joints;
export const LIMITS = usableLimits(PANDA.limits);
const HZ = 500;
export const HOME = PANDA.home_q.slice(0, N);
const TCP = frameIndex(PANDA.model, PANDA.tcp_frame);

export function createRig(hz = HZ, start: Float64Array = PANDA.home_q): ServoRig {
  return new ServoRig(PANDA, new Servo(PANDA, hz), hz, LIMITS, start);
}

/** T_base_tool at arm positions: rotation row-major 9 and position 3 (m). */
export function toolPose(q: ArrayLike<number>, frame = TCP): Float64Array {
  const all = PANDA.home_q.slice();
  for (let i = 0; i < N; i++) all[i] = q[i];
  const data = new RobotData(PANDA.model);
  forwardKinematics(PANDA.model, data, all);
  const pose = new Float64Array(12);
  framePose(PANDA.model, data, frame, pose);
  return pose;
}

/** Gives the Panda a hundred random commands of every kind, and expects every limit to be kept. */
export function judgeRandomCommands(seed: number): void {
  const rng = createRng(seed, 'servo commands');
  const rig = createRig();
  const twist = new Float64Array(6);
  for (let k = 0; k < 100; k++) {
    const kind = rng.int(4);
    const silent = rng.int(10) === 0;
    const q = HOME.map((value) => value + rng.range(-1.5, 1.5));
    for (let d = 0; d < 6; d++) twist[d] = rng.range(-1, 1) * (d < 3 ? 0.8 : 3);
    const pose = poseFrom12(toolPose(q));
    rig.run(30 + rng.int(150), (cycle) => {
      if (silent && cycle > 0) return;
      if (kind === 0) rig.servo.setTwist(twist);
      else if (kind === 1) rig.servo.setPose(pose);
      else if (kind === 2) rig.servo.setJoints(q);
      else rig.servo.setJointVelocity(q);
    });
  }
  expect(rig.worst_velocity, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-9);
  expect(rig.worst_acceleration, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-7);
  expect(rig.worst_jerk, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-4);
  expect(rig.worst_position, `seed ${seed}`).toBeLessThanOrEqual(0);
}

/** Commands an arm of random joints, and expects it to move and to keep every limit. */
export function judgeRandomArm(seed: number): void {
  const rng = createRng(seed, 'servo of random arms');
  const robot = randomArm(rng, 2 + (seed % 7));
  const { limits } = robot;
  const home = robot.home_q.map((q, i) => Math.min(Math.max(q, limits.position_lower[i]), limits.position_upper[i]));
  const rig = new ServoRig(robot, new Servo(robot, HZ, { limits }), HZ, limits, home);
  const twist = new Float64Array(6);
  const velocity = new Float64Array(robot.arm_joints);
  for (let k = 0; k < 12; k++) {
    for (let d = 0; d < 6; d++) twist[d] = rng.range(-0.6, 0.6);
    for (let i = 0; i < velocity.length; i++) velocity[i] = rng.range(-2, 2);
    rig.run(150, () => {
      if (k % 3 === 2) rig.servo.setJointVelocity(velocity);
      else rig.servo.setTwist(twist);
    });
  }
  expect(rig.q.every(Number.isFinite), `seed ${seed}`).toBe(true);
  const moved = rig.q.some((q, i) => Math.abs(q - home[i]) > 0.01);
  expect(moved, `seed ${seed}`).toBe(true);
  expect(rig.worst_velocity, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-8);
  expect(rig.worst_acceleration, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-7);
  expect(rig.worst_jerk, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-4);
  expect(rig.worst_position, `seed ${seed}`).toBeLessThanOrEqual(1e-12);
}
