import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { CubicSpline } from './spline.ts';

function randomSpline(seed: number, n: number): { spline: CubicSpline; knots: Float64Array; values: Float64Array } {
  const rng = createRng(seed);
  const count = 4 + rng.int(12);
  const knots = new Float64Array(count);
  for (let i = 1; i < count; i++) knots[i] = knots[i - 1] + rng.range(0.05, 0.4);
  const values = Float64Array.from({ length: count * n }, () => rng.range(-1, 1));
  return { spline: new CubicSpline(knots, values, n), knots, values };
}

describe('cubic spline', () => {
  test('passes its knots and is continuous to the second derivative', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { spline, knots, values } = randomSpline(seed, 3);
      const at = new Float64Array(12);
      const before = new Float64Array(12);
      knots.forEach((s, i) => {
        spline.evaluate(s, at);
        for (let j = 0; j < 3; j++) expect(at[j]).toBeCloseTo(values[3 * i + j], 12);
        if (i === 0 || i === knots.length - 1) return;
        spline.evaluate(s - 1e-9, before);
        for (let j = 0; j < 9; j++) expect(Math.abs(at[j] - before[j]), `seed ${seed}`).toBeLessThan(1e-4);
      });
    }
  });

  test('reproduces cubics exactly, ends included', () => {
    const rng = createRng(9);
    const c = [0, 0, 0, 0].map(() => rng.range(-2, 2));
    const knots = Float64Array.of(0, 0.1, 0.35, 0.5, 0.9, 1);
    const spline = new CubicSpline(
      knots,
      knots.map((s) => c[0] + s * (c[1] + s * (c[2] + s * c[3]))),
      1,
    );
    const at = new Float64Array(4);
    for (let s = 0; s <= 1; s += 0.01) {
      spline.evaluate(s, at);
      expect(at[0]).toBeCloseTo(c[0] + s * (c[1] + s * (c[2] + s * c[3])), 10);
      expect(at[1]).toBeCloseTo(c[1] + s * (2 * c[2] + 3 * s * c[3]), 9);
      expect(at[2]).toBeCloseTo(2 * c[2] + 6 * s * c[3], 8);
      expect(at[3]).toBeCloseTo(6 * c[3], 6);
    }
  });
});
