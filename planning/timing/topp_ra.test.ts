import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { blendWithin, packPolyline } from './blend.ts';
import { constrainPath } from './path_constraints.ts';
import { type PathConstraints, solveToppRa } from './topp_ra.ts';

const N = 7;
const PANDA_MOTION = loadRobot('panda').limits;
const polyline = (rng: Rng, corners: number): Float64Array[] =>
  Array.from({ length: corners }, () => Float64Array.from({ length: N }, () => rng.range(-1, 1)));

const durationOf = ({ delta, intervals }: PathConstraints, x: Float64Array): number => {
  let sum = 0;
  for (let k = 0; k < intervals; k++) sum += (2 * delta[k]) / (Math.sqrt(x[k]) + Math.sqrt(x[k + 1]));
  return sum;
};

/** Largest share of a bound that x uses, of speeds and of rows. */
function worstShare(constraints: PathConstraints, x: Float64Array): number {
  const { intervals, rows, alpha, beta, bound, delta, x_max } = constraints;
  let worst = 0;
  for (let k = 0; k <= intervals; k++) worst = Math.max(worst, Math.sqrt(x[k] / x_max[k]));
  for (let k = 0; k < intervals; k++) {
    const u = (x[k + 1] - x[k]) / (2 * delta[k]);
    for (let r = k * rows; r < (k + 1) * rows; r++) {
      worst = Math.max(worst, Math.abs(alpha[r] * u + beta[r] * x[k]) / bound[r]);
    }
  }
  return worst;
}

/** Random rows over a path of one unit; without `alpha` near zero the bounds are regular. */
function randomConstraints(rng: Rng, intervals: number): PathConstraints {
  const rows = 3;
  const alpha = Float64Array.from(
    { length: intervals * rows },
    () => rng.range(0.3, 1) * (rng.uniform() < 0.5 ? -1 : 1),
  );
  return {
    intervals,
    rows,
    delta: new Float64Array(intervals).fill(1 / intervals),
    alpha,
    beta: alpha.map(() => rng.range(-1, 1)),
    bound: alpha.map(() => rng.range(1, 3)),
    x_max: Float64Array.from({ length: intervals + 1 }, () => rng.range(0.5, 4)),
  };
}

/** Least time by dynamic programming over a grid of x, which can only be slower than the true least. */
function byGrid(constraints: PathConstraints, levels: number): number {
  const { intervals, rows, alpha, beta, bound, delta, x_max } = constraints;
  const top = Math.max(...x_max);
  const level = (i: number) => top * (i / levels) ** 2;
  let cost = new Float64Array(levels + 1).fill(Number.POSITIVE_INFINITY);
  cost[0] = 0;
  for (let k = intervals - 1; k >= 0; k--) {
    const before = new Float64Array(levels + 1).fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i <= levels && level(i) <= x_max[k]; i++) {
      for (let next = 0; next <= levels && level(next) <= x_max[k + 1]; next++) {
        if (cost[next] === Number.POSITIVE_INFINITY || i + next === 0) continue;
        const u = (level(next) - level(i)) / (2 * delta[k]);
        let holds = true;
        for (let r = k * rows; r < (k + 1) * rows && holds; r++) {
          holds = Math.abs(alpha[r] * u + beta[r] * level(i)) <= bound[r];
        }
        const time = (2 * delta[k]) / (Math.sqrt(level(i)) + Math.sqrt(level(next)));
        if (holds) before[i] = Math.min(before[i], cost[next] + time);
      }
    }
    cost = before;
  }
  return cost[0];
}

describe('TOPP-RA', () => {
  test('holds its bounds and is at every point at one of them', () => {
    for (let seed = 0; seed < 60; seed++) {
      const path = blendWithin(packPolyline(polyline(createRng(seed, 'bang'), 2 + (seed % 5)), N), N, 0.05);
      const grid = constrainPath(path, PANDA_MOTION);
      const x = solveToppRa(grid);
      if (x === null) throw new Error(`seed ${seed}`);
      expect(worstShare(grid, x), `seed ${seed}`).toBeLessThan(1 + 1e-7);
      expect([x[0], x[grid.intervals]]).toEqual([0, 0]);
      expect(Math.min(...x.subarray(1, grid.intervals)), `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  test('no motion on a grid of speeds is faster, and a fine grid comes close', () => {
    for (let seed = 0; seed < 12; seed++) {
      const constraints = randomConstraints(createRng(seed, 'grid'), 10);
      const x = solveToppRa(constraints);
      if (x === null) throw new Error(`seed ${seed}`);
      const duration = durationOf(constraints, x);
      const grid = byGrid(constraints, 300);
      expect(duration, `seed ${seed}`).toBeLessThanOrEqual(grid * (1 + 1e-9));
      expect(grid / duration, `seed ${seed}`).toBeLessThan(1.05);
      expect(worstShare(constraints, x), `seed ${seed}`).toBeLessThan(1 + 1e-9);
    }
  });

  test('a line is full acceleration, full speed, full deceleration', () => {
    for (const length of [0.01, 0.3, 3]) {
      const a = new Float64Array(N);
      const b = new Float64Array(N);
      b[1] = length;
      const grid = constrainPath(blendWithin(packPolyline([a, b], N), N, 0), PANDA_MOTION, { intervals: 2000 });
      const x = solveToppRa(grid);
      if (x === null) throw new Error(`${length}`);
      const [V, A] = [PANDA_MOTION.velocity[1], PANDA_MOTION.acceleration[1]];
      const ideal = length < (V * V) / A ? 2 * Math.sqrt(length / A) : length / V + V / A;
      expect(durationOf(grid, x)).toBeCloseTo(ideal, 5);
    }
  });

  test('starts and ends at a speed where asked, and says when a start is too fast', () => {
    const path = blendWithin(packPolyline(polyline(createRng(3), 4), N), N, 0.05);
    const grid = constrainPath(path, PANDA_MOTION);
    const rest = solveToppRa(grid);
    const moving = solveToppRa(grid, 0.5, 0.4);
    if (rest === null || moving === null) throw new Error('possible');
    expect(moving[0]).toBe(0.5);
    expect(moving[grid.intervals]).toBeCloseTo(0.4, 12);
    expect(durationOf(grid, moving)).toBeLessThan(durationOf(grid, rest));
    expect(worstShare(grid, moving)).toBeLessThan(1 + 1e-9);
    expect(solveToppRa(grid, 1e3)).toBeNull();
  });
});
