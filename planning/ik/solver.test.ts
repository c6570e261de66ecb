import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRng, PACKAGE_ROOT } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData, rotationAngleBetween } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { bytesPerCall } from '../../test/support/heap.ts';
import { sweep } from '../../test/support/sweep.ts';
import { ARMS, armOf } from '../../test/support/urdf_arm.ts';
import { toolDown } from '../grasp.ts';
import { FREE_YAW } from './pose_region.ts';
import { IkSolver } from './solver.ts';

const robot = loadRobot('panda');
const UR_LIKE = join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf');
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

const rangesOf = (arm: Robot): { lower: Float64Array; upper: Float64Array } => ({
  lower: arm.limits.position_lower.map((x) => (Number.isFinite(x) ? x : -Math.PI)),
  upper: arm.limits.position_upper.map((x) => (Number.isFinite(x) ? x : Math.PI)),
});

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
    for (let trial = 0; trial < sweep(400, 1000); trial++) {
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
    expect(solved).toBeGreaterThanOrEqual(sweep(400, 998));
    expect(first).toBeGreaterThan(sweep(360, 900));
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

  test('what is no number is refused at once, and a joint too narrow for the margin stays in its middle', () => {
    const ik = new IkSolver(robot);
    const target = toolDown(0, 0.5, 0, 0.1);
    const reason = 'the target and the seed must be finite numbers';
    for (const [pose, seed] of [
      [target.map((x, k) => (k === 9 ? Number.NaN : x)), home],
      [target, home.map((x, j) => (j === 3 ? Infinity : x))],
    ]) {
      expect(ik.solve(pose, seed, createRng(1))).toMatchObject({ ok: false, reason, restarts: -1 });
      expect(ik.solveRegion(pose, FREE_YAW, seed, createRng(1))).toMatchObject({ ok: false, reason });
      expect(ik.solveAll(pose, seed, new Float64Array(70))).toBe(0);
      expect(ik.solveBest(pose, seed, () => 0)).toMatchObject({ ok: false, reason });
    }
    const joints = ARMS.irb120.joints.map((joint, k) => (k === 3 ? { ...joint, lower: 0.2, upper: 0.21 } : joint));
    const narrow = new IkSolver(armOf('narrow', joints), { limit_margin_rad: 0.02, home_gain: 0 });
    narrow.chain.place(Float64Array.of(0.3, 0.2, -0.4, 0.205, 0.5, -0.2));
    const { ok, q } = narrow.solve(narrow.chain.tool.slice(), new Float64Array(6), createRng(2));
    expect(ok).toBe(true);
    expect(q[3]).toBeCloseTo(0.205, 9);
  });

  test('depends on its arguments alone', () => {
    const target = toolDown(2.9, 0.62, -0.25, 0.03);
    const once = new IkSolver(robot).solve(target, home, createRng(5)).q.slice();
    const ik = new IkSolver(robot);
    ik.solve(toolDown(-1, 0.4, 0.2, 0.1), home, createRng(6));
    expect([...ik.solve(target, home, createRng(5)).q]).toEqual([...once]);
  });

  test('the closed form first: every pose of each arm, with no descent but the check', () => {
    for (const arm of [
      robot,
      loadRobot(UR_LIKE),
      ...Object.entries(ARMS).map(([name, { joints }]) => armOf(name, joints)),
    ]) {
      const solver = new IkSolver(arm, { limit_margin_rad: 0, home_gain: 0, first: 'closed_form' });
      const rng = createRng(7, arm.name);
      const { lower, upper } = rangesOf(arm);
      const start = arm.home_q.slice(0, arm.arm_joints);
      for (let trial = 0; trial < sweep(120, 300); trial++) {
        // a third of the joints stand at a limit, where solutions are rarest
        const made = lower.map((low, j) => [low, upper[j], rng.range(low, upper[j])][Math.min(2, rng.int(6))]);
        solver.chain.place(made);
        const result = solver.solve(solver.chain.tool.slice(), start, rng);
        expect(result.ok, `${arm.name} trial ${trial}: ${[...made]}`).toBe(true);
        expect(result.position_error_m).toBeLessThanOrEqual(1e-6);
        expect(result.rotation_error_rad).toBeLessThanOrEqual(1e-5);
        result.q.forEach((x, j) => {
          expect(x, `${arm.name} trial ${trial}`).toBeGreaterThanOrEqual(arm.limits.position_lower[j]);
          expect(x, `${arm.name} trial ${trial}`).toBeLessThanOrEqual(arm.limits.position_upper[j]);
        });
      }
    }
  });

  test('whole turns: the solution nearest to the seed within limits wider than one', () => {
    const arm = loadRobot(UR_LIKE);
    const solver = new IkSolver(arm, { limit_margin_rad: 0, home_gain: 0, first: 'closed_form' });
    const rng = createRng(8);
    for (let trial = 0; trial < 200; trial++) {
      const made = Float64Array.from({ length: 6 }, (_, j) => rng.range(j === 2 ? -3 : -6, j === 2 ? 3 : 6));
      solver.chain.place(made);
      const { ok, q } = solver.solve(solver.chain.tool.slice(), made, rng);
      expect(ok, `trial ${trial}`).toBe(true);
      made.forEach((x, j) => void expect(q[j], `trial ${trial}: ${[...made]}`).toBeCloseTo(x, 5));
    }
  });

  test('all solutions: each is one, and those of six joints are all there', () => {
    const arm = loadRobot(UR_LIKE);
    const solver = new IkSolver(arm, { limit_margin_rad: 0 });
    const rng = createRng(9);
    const out = new Float64Array(6 * 16);
    let most = 0;
    for (let trial = 0; trial < 200; trial++) {
      const made = Float64Array.from({ length: 6 }, () => rng.range(-3, 3));
      solver.chain.place(made);
      const target = solver.chain.tool.slice();
      const count = solver.solveAll(target, made, out);
      most = Math.max(most, count);
      const off: number[] = [];
      for (let i = 0; i < count; i++) {
        solver.chain.place(out, 6 * i);
        expect(gap(solver.chain.tool, target), `trial ${trial}`).toBeLessThan(1.1e-6);
        off.push(Math.max(...made.map((x, j) => Math.abs(x - out[6 * i + j]))));
      }
      expect(Math.min(...off), `trial ${trial}`).toBeLessThan(1e-5);
    }
    expect(most).toBe(8);
    const panda = new Float64Array(7 * 100);
    expect(new IkSolver(robot).solveAll(toolDown(0.3, 0.5, 0.1, 0.05), home, panda)).toBeGreaterThan(10);
  });

  test('the best by a cost is the least of all, and what is refused is not given', () => {
    const solver = new IkSolver(robot, { limit_margin_rad: 0 });
    const target = toolDown(0.3, 0.5, 0.1, 0.05);
    const out = new Float64Array(7 * 256);
    const count = solver.solveAll(target, home, out);
    const elbows = Array.from({ length: count }, (_, i) => out[7 * i + 2]);
    const left = solver.solveBest(target, home, (q, at) => q[at + 2]);
    expect(left.ok).toBe(true);
    expect(left.q[2]).toBeCloseTo(Math.min(...elbows), 9);
    expect(gap(poseOf(left.q), target)).toBeLessThan(1.1e-6);
    const refused = solver.solveBest(target, home, () => Infinity);
    expect(refused.ok).toBe(false);
    expect(refused.reason).toBe(`each of ${count} joint positions that reach the pose is refused`);
    const away = solver.solveBest(toolDown(0, 1.5, 0, 0.1), home, () => 0);
    expect(away.reason).toContain('no joint position within the limits reaches the pose');
    const general = new IkSolver(robot, { closed_form: false });
    const listed = general.solveAll(target, home, out);
    expect(listed).toBeGreaterThan(2);
    for (let i = 0; i < listed; i++) expect(gap(poseOf(out.slice(7 * i, 7 * i + 7)), target)).toBeLessThan(1.1e-6);
  });

  test('a general arm without a closed form is solved from several starts', () => {
    const rng = createRng(10);
    const draw = (r: number): [number, number, number] => [rng.range(-r, r), rng.range(-r, r), rng.range(-r, r)];
    for (const joints of [6, 7]) {
      const arm = armOf(
        'general',
        Array.from({ length: joints }, () => ({ xyz: draw(0.3), rpy: draw(3), lower: -2.5, upper: 2.5 })),
      );
      const solver = new IkSolver(arm, { limit_margin_rad: 0, home_gain: 0 });
      expect(solver.closed_form).toBeNull();
      let solved = 0;
      for (let trial = 0; trial < 200; trial++) {
        solver.chain.place(Float64Array.from({ length: joints }, () => rng.range(-2.5, 2.5)));
        if (solver.solve(solver.chain.tool.slice(), arm.home_q, rng).ok) solved++;
      }
      expect(solved).toBeGreaterThanOrEqual(199);
    }
  });

  test('an arm of too few joints comes as near as it can', () => {
    const arm = armOf('short', ARMS.irb120.joints.slice(0, 4));
    const solver = new IkSolver(arm, { limit_margin_rad: 0, home_gain: 0 });
    const rng = createRng(11);
    const made = Float64Array.of(0.4, 0.3, -0.6, 1);
    solver.chain.place(made);
    expect(solver.solve(solver.chain.tool.slice(), arm.home_q, rng).ok).toBe(true);
    const apart = solver.solve(toolDown(0, 0.3, 0.1, 0.3), arm.home_q, rng);
    expect(apart.ok).toBe(false);
    expect(apart.reason).toMatch(/nearest is .* mm and .* rad away/);
  });

  test('regions: a free turn about the tool axis is reached nearer home, a box anywhere inside', () => {
    const solver = new IkSolver(robot);
    const rng = createRng(12);
    let nearer = 0;
    for (let trial = 0; trial < 100; trial++) {
      const target = toolDown(rng.range(-3, 3), rng.range(0.4, 0.6), rng.range(-0.2, 0.2), 0.1);
      const fixed = solver.solve(target, home, rng);
      const far = fixed.ok ? Math.hypot(...fixed.q.map((x, j) => x - home[j])) : Infinity;
      const free = solver.solveRegion(target, FREE_YAW, home, rng);
      expect(free.ok, `trial ${trial}`).toBe(true);
      const reached = poseOf(free.q);
      expect(gap(reached, target), `trial ${trial}`).toBeLessThan(1.1e-6);
      expect(reached[8], `trial ${trial}`).toBeCloseTo(-1, 9);
      if (Math.hypot(...free.q.map((x, j) => x - home[j])) < far + 0.05) nearer++;
    }
    expect(nearer).toBeGreaterThan(90);
    const out = solver.solveRegion(toolDown(0, 1.5, 0, 0.1), FREE_YAW, home, createRng(1));
    expect(out.ok).toBe(false);
    expect(out.reason).toContain('nearest is');
  });

  test('allocates nothing, near or far from the seed', () => {
    const rng = createRng(13);
    const solver = new IkSolver(robot, { limit_margin_rad: 0, first: 'closed_form' });
    const targets = Array.from({ length: 20 }, () =>
      poseOf(position_lower.map((low, j) => rng.range(low, position_upper[j]))),
    );
    const close = toolDown(0.3, 0.5, 0.1, 0.05);
    const work = (calls: number) => {
      for (let i = 0; i < calls; i++) {
        solver.solve(targets[i % 20], home, rng);
        solver.solve(close, home, null);
      }
    };
    work(3000);
    expect(bytesPerCall(200, work, 12, 63)).toBeLessThan(64);
  });
});
