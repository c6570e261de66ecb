import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRng, PACKAGE_ROOT, type Rng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData, rotationAngleBetween } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { ARMS, armOf, type ChainJoint } from '../../test/support/urdf_arm.ts';
import { IkSolver } from './solver.ts';

const POSES = 10_000;

/** How a position is drawn: anywhere, some joints at limits, one at a limit, some straight or at right angles. */
const DRAWS: Readonly<Record<string, (rng: Rng, low: Float64Array, high: Float64Array) => Float64Array>> = {
  anywhere: (rng, low, high) => low.map((x, j) => rng.range(x, high[j])),
  'at limits': (rng, low, high) => low.map((x, j) => [x, high[j], rng.range(x, high[j])][Math.min(2, rng.int(5))]),
  'at one limit': (rng, low, high) => {
    const at = rng.int(low.length);
    return low.map((x, j) => (j !== at ? rng.range(x, high[j]) : rng.uniform() < 0.5 ? x : high[j]));
  },
  straight: (rng, low, high) =>
    low.map((x, j) => {
      const turned = (rng.int(5) - 2) * (Math.PI / 2) + rng.range(-1e-4, 1e-4) * rng.int(2);
      return rng.uniform() < 0.4 ? Math.min(high[j], Math.max(x, turned)) : rng.range(x, high[j]);
    }),
};

/** Share of poses solved; each solution is checked by the kinematics of the whole tree. */
function solvedShare(robot: Robot, solver: IkSolver, count: number, name: string): number {
  const data = new RobotData(robot.model);
  const full = robot.home_q.slice();
  const frame = frameIndex(robot.model, robot.tcp_frame);
  const { position_lower, position_upper } = robot.limits;
  const low = position_lower.map((x) => (Number.isFinite(x) ? x : -Math.PI));
  const high = position_upper.map((x) => (Number.isFinite(x) ? x : Math.PI));
  const start = robot.home_q.slice(0, robot.arm_joints);
  const target = new Float64Array(12);
  const reached = new Float64Array(12);
  const poseAt = (q: Float64Array, out: Float64Array): void => {
    full.set(q);
    forwardKinematics(robot.model, data, full);
    framePose(robot.model, data, frame, out);
  };
  const rng = createRng(21, `${robot.name} ${name}`);
  let solved = 0;
  for (let trial = 0; trial < count; trial++) {
    const made = DRAWS[name](rng, low, high);
    poseAt(made, target);
    const { ok, q } = solver.solve(target, start, rng);
    if (!ok) continue;
    solved++;
    poseAt(q, reached);
    const label = `${robot.name} ${name} ${trial}: ${[...made]}`;
    expect(Math.hypot(...[9, 10, 11].map((k) => reached[k] - target[k])), label).toBeLessThan(1e-5);
    expect(rotationAngleBetween(reached, 0, target, 0), label).toBeLessThan(1e-4);
    q.forEach((x, j) => {
      expect(x >= position_lower[j] && x <= position_upper[j], label).toBe(true);
    });
  }
  return solved / count;
}

describe('inverse kinematics of many poses', () => {
  test('Panda and an industrial arm: all of them, at limits and in singular positions too', () => {
    for (const robot of [loadRobot('panda'), loadRobot(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf'))]) {
      const solver = new IkSolver(robot, { limit_margin_rad: 0, home_gain: 0, first: 'closed_form' });
      for (const name of Object.keys(DRAWS)) {
        expect(solvedShare(robot, solver, POSES, name), `${robot.name} ${name}`).toBeGreaterThanOrEqual(0.9999);
      }
    }
  }, 600_000);

  test('published arms, whose axes meet exactly or nearly', () => {
    for (const [arm, { joints }] of Object.entries(ARMS)) {
      const robot = armOf(arm, joints);
      const solver = new IkSolver(robot, { limit_margin_rad: 0, home_gain: 0, first: 'closed_form' });
      for (const name of Object.keys(DRAWS)) {
        expect(solvedShare(robot, solver, 2000, name), `${arm} ${name}`).toBeGreaterThanOrEqual(0.999);
      }
    }
  }, 600_000);

  test('descent alone on any arm: published ones and drawn ones of six to eight joints', () => {
    const rng = createRng(22);
    const draw = (r: number): [number, number, number] => [rng.range(-r, r), rng.range(-r, r), rng.range(-r, r)];
    const drawn = [6, 6, 6, 7, 7, 8].map((count, i) => {
      const joint = (): ChainJoint => ({ xyz: draw(0.3), rpy: draw(3), lower: -2.5, upper: 2.5 });
      return armOf(`drawn_${i}`, Array.from({ length: count }, joint));
    });
    for (const robot of [loadRobot('panda'), armOf('iiwa', ARMS.iiwa.joints), ...drawn]) {
      const solver = new IkSolver(robot, { limit_margin_rad: 0, home_gain: 0, closed_form: false });
      expect(solvedShare(robot, solver, 2000, 'anywhere'), robot.name).toBeGreaterThanOrEqual(0.999);
    }
  }, 600_000);
});
