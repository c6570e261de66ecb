import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { randomRobot } from '../test/support/random_robot.ts';
import { sweep } from '../test/support/sweep.ts';
import { envelopeForRobot } from './envelope.ts';
import { JointGuard } from './joint_guard.ts';
import { ToolGuard } from './tool_guard.ts';

const ROBOT = plainArm();
const HZ = 500;
const ENVELOPE = envelopeForRobot(ROBOT);

function armJoints(hz = HZ): JointGuard[] {
  return ENVELOPE.joints.map(
    (joint) =>
      new JointGuard(
        {
          position_lower: joint.position_lower_rad,
          position_upper: joint.position_upper_rad,
          velocity: joint.velocity_rad_per_s,
          acceleration: joint.acceleration_rad_per_s2,
          jerk: joint.jerk_rad_per_s3,
        },
        hz,
      ),
  );
}

/** Tool speed and acceleration by differences of its positions, from joint positions alone. */
class ToolJudge {
  private readonly robot: Robot;
  private readonly frame: number;
  private readonly data: RobotData;
  private readonly hz: number;
  private readonly pose = new Float64Array(12);
  private readonly trail: number[][] = [];

  constructor(robot: Robot, frame: string, hz: number) {
    this.robot = robot;
    this.frame = frameIndex(robot.model, frame);
    this.data = new RobotData(robot.model);
    this.hz = hz;
  }

  look(q: Float64Array): [speed: number, acceleration: number] {
    const { pose } = this;
    forwardKinematics(this.robot.model, this.data, q);
    framePose(this.robot.model, this.data, this.frame, pose);
    this.trail.unshift([pose[9], pose[10], pose[11]]);
    const [x, y, z] = this.trail;
    this.trail.length = Math.min(3, this.trail.length);
    const speed = y === undefined ? 0 : this.hz * Math.hypot(...x.map((value, i) => value - y[i]));
    const acceleration =
      z === undefined ? 0 : this.hz ** 2 * Math.hypot(...x.map((value, i) => value - 2 * y[i] + z[i]));
    return [speed, acceleration];
  }
}

/** Greatest speed and acceleration over the proposals and every cycle of the stops from them. */
function greatest(robot: Robot, frame: string, joints: readonly JointGuard[], hz: number): [number, number] {
  const judge = new ToolJudge(robot, frame, hz);
  const q = robot.home_q.slice();
  const cycles = Math.max(...joints.map((joint) => joint.tail.cycles));
  let speed = 0;
  let acceleration = 0;
  for (let count = -2; count <= cycles; count++) {
    joints.forEach((joint, k) => {
      joint.tail.locate(count);
      q[k] = count >= 0 ? joint.next_p + joint.tail.displacement : count === -1 ? joint.p : joint.p - joint.v / hz;
    });
    const [v, a] = judge.look(q);
    if (count < 0) continue;
    speed = Math.max(speed, v);
    acceleration = Math.max(acceleration, a);
  }
  return [speed, acceleration];
}

/** A state of every joint, one cycle after another, and the stop from it. */
function draw(rng: Rng, joints: readonly JointGuard[], hz: number, share: number): void {
  for (const joint of joints) {
    const { bounds } = joint;
    joint.p = rng.range(Math.max(bounds.position_lower, -3), Math.min(bounds.position_upper, 3));
    joint.v = bounds.velocity * rng.range(-1, 1) * share;
    joint.next_a = rng.uniform() < 0.3 ? 0 : bounds.acceleration * rng.range(-1, 1) * Math.min(1, 2 * share);
    joint.next_v = joint.v + joint.next_a / hz;
    joint.next_p = joint.p + joint.next_v / hz;
    joint.tail.velocity = joint.next_v;
    joint.tail.acceleration = joint.next_a;
    joint.tail.solve();
  }
}

/** Compares the guard with a look at every cycle, with limits near what the motions need. */
function compare(rng: Rng, robot: Robot, joints: readonly JointGuard[], hz: number, cases: number): number[] {
  const guard = new ToolGuard(robot, robot.tcp_frame, joints, hz);
  const counts = [0, 0];
  for (let i = 0; i < cases; i++) {
    draw(rng, joints, hz, [0.02, 0.2, 1][i % 3]);
    const [speed, acceleration] = greatest(robot, robot.tcp_frame, joints, hz);
    guard.speed_limit = i % 5 === 0 ? Infinity : speed * rng.range(0.8, 1.3);
    guard.acceleration_limit = i % 5 === 1 ? Infinity : acceleration * rng.range(0.8, 1.3);
    const kept = speed <= guard.speed_limit && acceleration <= guard.acceleration_limit;
    expect(guard.allows(), `case ${i}: ${speed} m/s, ${acceleration} m/s², allowed ${guard.speed_limit}`).toBe(kept);
    counts[kept ? 1 : 0]++;
  }
  return counts;
}

describe('tool guard', () => {
  it('decides as a look at every cycle of the tail does', () => {
    const [refused, allowed] = compare(createRng(41), ROBOT, armJoints(), HZ, sweep(1200, 3000));
    expect(refused).toBeGreaterThan(sweep(280, 700));
    expect(allowed).toBeGreaterThan(sweep(280, 700));
  });

  it('does so for random chains with sliding and mimicking joints', () => {
    const rng = createRng(42);
    for (let round = 0; round < sweep(16, 40); round++) {
      const model = randomRobot(rng, { bodies: 5, mimics: 0.3 });
      const n = model.nq;
      const robot: Robot = {
        ...ROBOT,
        model,
        arm_joints: n,
        tcp_frame: model.frames.at(-1)!.name,
        home_q: new Float64Array(n),
      };
      const hz = round % 2 === 0 ? 500 : 1000;
      const bounds = { position_lower: -1, position_upper: 1, velocity: 2, acceleration: 10, jerk: 2000 };
      const joints = Array.from({ length: n }, () => new JointGuard(bounds, hz));
      compare(rng, robot, joints, hz, 60);
    }
  });

  it('says yes at once when nothing is limited', () => {
    const joints = armJoints();
    draw(createRng(43), joints, HZ, 1);
    const guard = new ToolGuard(ROBOT, 'tool', joints, HZ);
    expect(guard.allows()).toBe(true);
    expect(guard.poses).toBe(0);
  });

  it('settles a slow motion by its bounds alone', () => {
    const joints = armJoints();
    joints.forEach((joint, i) => {
      joint.reset(ROBOT.home_q[i]);
    });
    const guard = new ToolGuard(ROBOT, 'tool', joints, HZ);
    guard.speed_limit = 0.25;
    for (let k = 0; k < 200; k++) {
      for (const joint of joints) joint.proposeTowardsVelocity(Float64Array.of(0.04), 0);
      expect(guard.allows()).toBe(true);
      for (const joint of joints) joint.commit();
    }
    expect(guard.poses).toBe(0);
  });

  it('names the links when the frame is none of them', () => {
    expect(() => new ToolGuard(ROBOT, 'nose', armJoints(), HZ)).toThrow('tool.frame nose');
  });

  it.each([
    [0.25, Infinity],
    [1.7, 13],
    [0.25, 8],
  ])('keeps %d m/s and %d m/s² under hostile velocity commands', (speed_limit, acceleration_limit) => {
    const rng = createRng(44, `${speed_limit} ${acceleration_limit}`);
    const joints = armJoints();
    const guard = new ToolGuard(ROBOT, 'tool', joints, HZ);
    const judge = new ToolJudge(ROBOT, 'tool', HZ);
    const q = ROBOT.home_q.slice();
    joints.forEach((joint, i) => {
      joint.reset(q[i]);
    });
    const command = new Float64Array(joints.length);
    const speed_ceiling = speed_limit * (1 + 1e-9) + 4e-14 * HZ;
    const acceleration_ceiling = acceleration_limit * (1 + 1e-9) + 4e-14 * HZ * HZ;
    let greatest_speed = 0;
    let refused = 0;
    let worst = '';
    guard.speed_limit = speed_limit;
    guard.acceleration_limit = acceleration_limit;
    for (let k = 0; k < 20_000; k++) {
      const attack = (k / 500) | 0;
      const scale = [0.1, 0.4, 1][attack % 3];
      if (attack % 2 === 0 || k % 40 === 0) {
        joints.forEach((joint, i) => {
          command[i] = scale * joint.bounds.velocity * rng.range(-1, 1) * (attack % 5 === 0 ? 0.2 : 1);
        });
      }
      joints.forEach((joint, i) => {
        if (!joint.proposeVelocity(command, i)) joint.proposeTowardsVelocity(command, i);
      });
      if (!guard.allows()) {
        refused++;
        for (const joint of joints) joint.proposeStop();
      }
      joints.forEach((joint, i) => {
        joint.commit();
        q[i] = joint.p;
      });
      const [speed, acceleration] = judge.look(q);
      greatest_speed = Math.max(greatest_speed, speed);
      if (speed <= speed_ceiling && acceleration <= acceleration_ceiling) continue;
      worst ||= `cycle ${k}: ${speed} m/s, ${acceleration} m/s²`;
    }
    expect(worst).toBe('');
    expect(greatest_speed).toBeGreaterThan(0.5 * Math.min(speed_limit, 1));
    expect(refused).toBeGreaterThan(1000);
  });

  it('allocates nothing', () => {
    const rng = createRng(45);
    const joints = armJoints();
    const guard = new ToolGuard(ROBOT, 'tool', joints, HZ);
    draw(rng, joints, HZ, 0.3);
    const [speed, acceleration] = greatest(ROBOT, 'tool', joints, HZ);
    guard.speed_limit = speed * 1.05;
    guard.acceleration_limit = acceleration * 1.05;
    expect(guard.allows()).toBe(true);
    expect(heapGrowthPerCall(() => guard.allows(), 3000)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
