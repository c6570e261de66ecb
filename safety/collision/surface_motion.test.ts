import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { JointGuard } from '../joint_guard.ts';
import { CollisionGuard } from './collision_guard.ts';
import { linkCapsules } from './link_capsules.ts';
import { SurfaceSpeedGuard } from './surface_speed.ts';

const HZ = 500;
/** Half a step of the central differences, s. */
const H = 1e-5;

/** Speeds of capsules' ends and rates of turning by differences of their places, joined as the bound has them. */
function bySteps(robot: Robot, q: Float64Array, velocity: Float64Array): number {
  const { count, body, ends, radius } = linkCapsules(robot);
  const at = (time_s: number) => {
    const data = new RobotData(robot.model);
    const moved = q.slice();
    for (let k = 0; k < velocity.length; k++) moved[k] += time_s * velocity[k];
    forwardKinematics(robot.model, data, moved);
    return data;
  };
  const [before, after] = [at(-H), at(H)];
  let greatest = 0;
  for (let c = 0; c < count; c++) {
    const b = body[c];
    if (b < 0) continue;
    const place = ({ R, p }: RobotData, e: number, r: number) =>
      [0, 1, 2].reduce((sum, k) => sum + R[9 * b + 3 * r + k] * ends[e + k], p[3 * b + r]);
    // The chord of a turn by θ is 2·√2·sin(θ/2) in the norm of its matrices.
    const chord = Math.hypot(...Array.from({ length: 9 }, (_, k) => after.R[9 * b + k] - before.R[9 * b + k]));
    const turning = (2 * Math.asin(chord / (2 * Math.SQRT2))) / (2 * H);
    for (const e of [6 * c, 6 * c + 3]) {
      const speed = Math.hypot(...[0, 1, 2].map((r) => (place(after, e, r) - place(before, e, r)) / (2 * H)));
      greatest = Math.max(greatest, speed + radius[c] * turning);
    }
  }
  return greatest;
}

function expectAgreement(robot: Robot, seed: number, cases: number): void {
  const rng = createRng(seed, 'surface_motion');
  const { position_lower, position_upper, velocity, acceleration, jerk } = robot.limits;
  const joints = Array.from({ length: robot.arm_joints }, (_, i) => {
    const range = { position_lower: position_lower[i], position_upper: position_upper[i] };
    return new JointGuard({ ...range, velocity: velocity[i], acceleration: acceleration[i], jerk: jerk[i] }, HZ);
  });
  const options = { hz: HZ, self_margin_m: 0, obstacle_margin_m: 0, keep_out: [] };
  const guard = new SurfaceSpeedGuard(robot.model, new CollisionGuard(robot, joints, options), joints, HZ);
  for (let i = 0; i < cases; i++) {
    const q = robot.home_q.map((home, k) => (k < robot.arm_joints ? home + rng.range(-1, 1) : home));
    // Of all joints, and of one alone.
    const rates = Float64Array.from(joints, (_, k) => (i % 2 === 0 || k === i % joints.length ? rng.range(-2, 2) : 0));
    guard.findSpeed(q, rates);
    const expected = bySteps(robot, q, rates);
    expect(guard.speed[0], `${robot.name} of seed ${seed}, case ${i}`).toBeCloseTo(expected, 5);
  }
}

describe('speeds of surfaces at positions and velocities', () => {
  it('are those of differences of places, for the Panda', () => {
    expectAgreement(loadRobot('panda', { visualMeshes: false }), 1, 60);
  });

  it('are so for random trees of sliding, turning and mimicking joints', () => {
    for (let seed = 0; seed < 12; seed++) expectAgreement(randomSolidArm(createRng(seed, 'arm'), 4), seed, 8);
  });
});
