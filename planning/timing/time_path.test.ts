import { describe, expect, test } from 'vitest';
import { createRng, InputError, type Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { blendCorners } from './corners.ts';
import { DoubleS } from './double_s.ts';
import type { MotionLimits } from './limits.ts';
import { reportMotion } from './motion_report.ts';
import { timePath } from './time_path.ts';

const N = 7;
const PANDA_MOTION = loadRobot('panda').limits;
const SLACK = 1e-6;
const scaled = (velocity: number, acceleration: number, jerk: number): MotionLimits => ({
  velocity: PANDA_MOTION.velocity.map((x) => x * velocity),
  acceleration: PANDA_MOTION.acceleration.map((x) => x * acceleration),
  jerk: PANDA_MOTION.jerk.map((x) => x * jerk),
});
const polyline = (rng: Rng, corners: number, size = 1): Float64Array[] =>
  Array.from({ length: corners }, () => Float64Array.from({ length: N }, () => rng.range(-size, size)));

function expectLaws(path: readonly Float64Array[], limits: MotionLimits, label: string, dt_s = 0.001) {
  const motion = timePath(path, limits, { dt_s });
  const samples = motion.samples();
  const report = reportMotion(samples, limits, path);
  const held = [report.velocity, report.acceleration, report.jerk].every((share) => share <= 1 + SLACK);
  const law = held && report.integration_rad < 1e-9 && report.off_path_rad < 1e-3;
  if (!law) expect.fail(`${label}: ${JSON.stringify(report)} on ${JSON.stringify(path.map((q) => [...q]))}`);
  const last = (samples.rows - 1) * N;
  expect([...samples.position.subarray(0, N)], label).toEqual([...path[0]]);
  expect([...samples.position.subarray(last)], label).toEqual([...path[path.length - 1]]);
  for (const k of [0, last]) {
    const ends = [samples.velocity, samples.acceleration].flatMap((x) => [...x.subarray(k, k + N)]);
    expect(
      ends.every((x) => x === 0),
      label,
    ).toBe(true);
  }
  return { motion, report };
}

describe('timed paths', () => {
  test('hold every limit, integrate from their jerks and stay on the polyline, rounded or not', () => {
    for (let seed = 0; seed < sweep(15, 40); seed++) {
      const rng = createRng(seed, 'polyline');
      const path = polyline(rng, 2 + (seed % 5), 10 ** rng.range(-2, 0.3));
      const limits = scaled(rng.range(0.2, 1), rng.range(0.2, 1), 10 ** rng.range(-1.5, 0));
      expectLaws(path, limits, `sharp, seed ${seed}`);
      expectLaws(
        blendCorners(path, N, () => true),
        limits,
        `rounded, seed ${seed}`,
        seed % 2 === 0 ? 0.001 : 0.002,
      );
    }
  });

  test('rounding corners never makes a motion longer, nor do wider limits', () => {
    for (let seed = 0; seed < sweep(8, 20); seed++) {
      const path = polyline(createRng(seed, 'faster'), 3 + (seed % 4));
      const rounded = blendCorners(path, N, () => true);
      const duration = timePath(rounded, PANDA_MOTION).duration_s;
      expect(duration, `seed ${seed}`).toBeLessThan(timePath(path, PANDA_MOTION).duration_s);
      expect(duration, `seed ${seed}`).toBeLessThan(timePath(rounded, scaled(0.8, 0.8, 0.8)).duration_s);
    }
  });

  test('a straight line takes as long as the shortest jerk-limited motion along it, and three samples more at most', () => {
    for (let seed = 0; seed < sweep(15, 40); seed++) {
      const rng = createRng(seed, 'line');
      const limits = scaled(1, 1, 10 ** rng.range(-1.5, 0));
      const [a, b] = polyline(rng, 2, 10 ** rng.range(-1, 0.3));
      const bound = (x: Float64Array) => Math.min(...x.map((limit, j) => limit / Math.abs(b[j] - a[j])));
      const ideal = new DoubleS(1, bound(limits.velocity), bound(limits.acceleration), bound(limits.jerk)).duration;
      const { motion } = expectLaws([a, b], limits, `line, seed ${seed}`);
      expect(motion.duration_s - ideal, `seed ${seed}: ${ideal} s`).toBeGreaterThan(-1e-9);
      expect(motion.duration_s - ideal, `seed ${seed}: ${ideal} s`).toBeLessThan(0.0031);
    }
  });

  test('repeated, straight-on, tiny, turning-back and a thousand points are travelled', () => {
    const rng = createRng(5, 'odd');
    const [a, b, c] = polyline(rng, 3);
    const between = (u: number) => a.map((x, j) => x + u * (b[j] - x));
    expectLaws([a, a, b, b, b, c, c], PANDA_MOTION, 'repeated');
    expectLaws([a, between(0.3), between(0.30001), between(0.9), b], PANDA_MOTION, 'straight on');
    expectLaws([a, a.map((x) => x + 1e-7), a.map((x) => x - 1e-6), b], PANDA_MOTION, 'tiny');
    expectLaws([a, b, a], PANDA_MOTION, 'there and back');
    const far = [a, a.map((x) => x + 30), a.map((x, j) => x - 8 * j)];
    expectLaws(far, scaled(1, 1, 1e-2), 'many turns');
    expectLaws([a, a.map((x) => x + 2e-9)], PANDA_MOTION, 'next to nothing');
    const walk = [a];
    while (walk.length < 1000) walk.push(walk[walk.length - 1].map((x) => x + rng.range(-0.01, 0.01)));
    expectLaws(walk, PANDA_MOTION, 'a thousand points');
    const straight = timePath([a, b], PANDA_MOTION).duration_s;
    expect(timePath([a, between(0.3), between(0.7), b], PANDA_MOTION).duration_s).toBeCloseTo(straight, 9);
    const still = timePath([a, a], PANDA_MOTION);
    expect([still.duration_s, still.samples().rows]).toEqual([0, 1]);
    expect([...still.samples().position]).toEqual([...a]);
  });

  test('equal paths give equal bytes; bad points and periods are named', () => {
    const path = blendCorners(polyline(createRng(9), 5), N, () => true);
    expect(timePath(path, PANDA_MOTION).samples()).toEqual(timePath(path, PANDA_MOTION).samples());
    const bad = [path[0], path[1].map((x, j) => (j === 3 ? Number.NaN : x))];
    expect(() => timePath(bad, PANDA_MOTION)).toThrow(/point 1 of the path.*NaN.*7 finite/);
    expect(() => timePath([], PANDA_MOTION)).toThrow(InputError);
    expect(() => timePath([path[0], path[0].map((x) => x + 300)], PANDA_MOTION)).toThrow(/point 1.*250 rad/);
    expect(() => timePath([path[0].slice(0, 3)], PANDA_MOTION)).toThrow(InputError);
    expect(() => timePath(path, PANDA_MOTION, { dt_s: 0 })).toThrow(/sample period/);
    expect(() => timePath(path, PANDA_MOTION, { dt_s: 1e-6 })).toThrow(/jerk limit.*longer period/);
  });
});
