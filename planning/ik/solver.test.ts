import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData, rotationAngleBetween } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { heapGrowthPerCall } from '../../test/support/heap.ts';
import { toolDown } from '../grasp.ts';
import { IkSolver } from './solver.ts';

const robot = loadRobot('panda');
const n = robot.arm_joints;
const { position_lower, position_upper } = robot.limits;
const home = robot.home_q.slice(0, n);

function poseOf(q: Float64Array): Float64Array {
  const data = new RobotData(robot.model);
  const full = robot.home_q.slice();
  full.set(q);
  forwardKinematics(robot.model, data, full);
  const out = new Float64Array(12);
  framePose(robot.model, data, frameIndex(robot.model, robot.tcp_frame), out);
  return out;
}

const gap = (a: Float64Array, b: Float64Array): number => Math.hypot(a[9] - b[9], a[10] - b[10], a[11] - b[11]);

describe('inverse kinematics', () => {
  test('finds poses the arm can take, within the limits, wherever the joints that made them are', () => {
    const rng = createRng(1);
    const ik = new IkSolver(robot);
    let solved = 0;
    const trials = 500;
    for (let trial = 0; trial < trials; trial++) {
      const made = Float64Array.from({ length: n }, (_, j) =>
        rng.range(position_lower[j] + 0.05, position_upper[j] - 0.05),
      );
      const target = poseOf(made);
      const result = ik.solve(target, home, rng.stream(`${trial}`));
      if (!result.ok) {
        expect(result.reason).toMatch(/nearest is .* away after 13 starts/);
        continue;
      }
      solved++;
      const reached = poseOf(result.q);
      expect(gap(reached, target), `trial ${trial}`).toBeLessThan(1.1e-6);
      expect(rotationAngleBetween(reached, 0, target, 0), `trial ${trial}`).toBeLessThan(1.1e-5);
      for (let j = 0; j < n; j++) {
        expect(result.q[j]).toBeGreaterThanOrEqual(position_lower[j] + 0.01 - 1e-12);
        expect(result.q[j]).toBeLessThanOrEqual(position_upper[j] - 0.01 + 1e-12);
      }
    }
    expect(solved / trials).toBeGreaterThan(0.99);
  });

  test('grasps from above over the whole table are nearly always reached from home at the first start', () => {
    const rng = createRng(2);
    const ik = new IkSolver(robot);
    let solved = 0;
    let first = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const target = toolDown(
        rng.range(-Math.PI, Math.PI),
        rng.range(0.36, 0.68),
        rng.range(-0.28, 0.28),
        rng.range(0.015, 0.15),
      );
      const result = ik.solve(target, home, rng.stream(`${trial}`));
      if (result.ok) solved++;
      if (result.ok && result.restarts === 0) first++;
    }
    expect(solved).toBeGreaterThanOrEqual(998);
    expect(first).toBeGreaterThan(900);
  });

  test('the pull home leaves the pose alone and brings the joints nearer home', () => {
    const rng = createRng(3);
    const plain = new IkSolver(robot, { home_gain: 0 });
    const pulled = new IkSolver(robot, { home_gain: 0.3 });
    let nearer = 0;
    let counted = 0;
    const fromHome = (q: Float64Array): number => Math.hypot(...q.map((x, j) => x - home[j]));
    for (let trial = 0; trial < 200; trial++) {
      const seed = home.map((x) => x + rng.range(-0.6, 0.6));
      const target = toolDown(rng.range(-0.5, 0.5), rng.range(0.4, 0.6), rng.range(-0.2, 0.2), 0.1);
      const free = plain.solve(target, seed, null);
      const drawn = pulled.solve(target, seed, null);
      if (!free.ok || !drawn.ok) continue;
      counted++;
      if (fromHome(drawn.q) < fromHome(free.q) + 1e-6) nearer++;
    }
    expect(counted).toBeGreaterThan(180);
    expect(nearer / counted).toBeGreaterThan(0.9);
  });

  test('says how near it came when a pose is out of reach', () => {
    const ik = new IkSolver(robot);
    const result = ik.solve(toolDown(0, 1.5, 0, 0.1), home, createRng(1));
    expect(result.ok).toBe(false);
    expect(result.position_error_m).toBeGreaterThan(0.4);
    expect(result.reason).toContain('no joint position within the limits reaches the pose');
    expect(result.reason).toContain((1000 * result.position_error_m).toFixed(1));
  });

  test('depends on its arguments alone', () => {
    const target = toolDown(2.9, 0.62, -0.25, 0.03);
    const once = new IkSolver(robot).solve(target, home, createRng(5)).q.slice();
    const ik = new IkSolver(robot);
    ik.solve(toolDown(-1, 0.4, 0.2, 0.1), home, createRng(6));
    expect([...ik.solve(target, home, createRng(5)).q]).toEqual([...once]);
  });

  test('allocates nothing in its iterations', () => {
    const ik = new IkSolver(robot);
    const target = toolDown(0.3, 0.5, 0.1, 0.05);
    const growth = heapGrowthPerCall(() => {
      ik.solve(target, home, null);
    });
    expect(growth).toBeLessThan(64);
  });
});
