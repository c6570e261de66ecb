import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { splineVelocities } from './spline_velocities.ts';

/** Value and derivatives of the cubic through two knots with velocities, at time t from the first. */
function cubic(h: number, [p0, v0, p1, v1]: readonly number[], t: number): { v: number; a: number } {
  const s = (p1 - p0) / h;
  const c = (3 * s - 2 * v0 - v1) / h;
  const d = (v0 + v1 - 2 * s) / (h * h);
  return { v: v0 + 2 * c * t + 3 * d * t * t, a: 2 * c + 6 * d * t };
}

describe('velocities of a spline', () => {
  it('give continuous accelerations at every inner knot, the first velocity, and rest at the end', () => {
    const rng = createRng(5, 'splines');
    for (let round = 0; round < 200; round++) {
      const n = 1 + rng.int(7);
      const knots = 2 + rng.int(9);
      const time_s = new Float64Array(knots);
      for (let k = 1; k < knots; k++) time_s[k] = time_s[k - 1] + rng.range(0.01, 2);
      const position = Float64Array.from({ length: n * knots }, () => rng.range(-3, 3));
      const first = Float64Array.from({ length: n }, () => rng.range(-1, 1));
      const { velocity, acceleration } = splineVelocities(time_s, position, first);
      const where = `round ${round}, ${n} joints, ${knots} knots`;
      for (let i = 0; i < n; i++) {
        const at = (k: number) => [position[k * n + i], velocity[k * n + i]];
        expect(velocity[i], where).toBe(first[i]);
        expect(velocity[(knots - 1) * n + i], where).toBe(0);
        for (let k = 1; k + 1 < knots; k++) {
          const before = time_s[k] - time_s[k - 1];
          const after = time_s[k + 1] - time_s[k];
          const left = cubic(before, [...at(k - 1), ...at(k)], before).a;
          const right = cubic(after, [...at(k), ...at(k + 1)], 0).a;
          expect(Math.abs(left - right) / (1 + Math.abs(left)), where).toBeLessThan(1e-8);
          expect(Math.abs(acceleration[k * n + i] - right) / (1 + Math.abs(right)), where).toBeLessThan(1e-8);
        }
      }
    }
  });
});
