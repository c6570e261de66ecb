import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DoubleS, type PhaseState } from './double_s.ts';

const state = (): PhaseState => ({ s: 0, v: 0, a: 0, j: 0 });
const logUniform = (u: number): number => 10 ** (-3 + 5 * u);

/** Shortest time by brute force: the (velocity peak, acceleration peak) of a rest-to-rest motion with jerk J, on a grid. */
function bruteForce(distance: number, V: number, A: number, J: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 1; i <= 400; i++) {
    const t_jerk = (Math.min(A / J, Math.cbrt(distance / (2 * J)) * 1.0000001) * i) / 400;
    const a = J * t_jerk;
    // v = a (t_acc − t_jerk); distance = v (t_acc + t_cruise)
    const t_free = t_jerk / 2 + Math.sqrt((t_jerk * t_jerk) / 4 + distance / a);
    const t_acc = Math.min(t_free, t_jerk + V / a);
    if (t_acc < 2 * t_jerk) continue;
    const v = a * (t_acc - t_jerk);
    best = Math.min(best, t_acc + distance / v);
  }
  return best;
}

describe('double-S profile', () => {
  test('integrates its own jerk, within the limits, and ends exactly', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < 400; trial++) {
      const [D, V, A, J] = [0, 0, 0, 0].map(() => logUniform(rng.uniform()));
      const profile = new DoubleS(D, V, A, J);
      const now = state();
      const next = state();
      const label = `trial ${trial}: ${D} ${V} ${A} ${J}`;
      profile.evaluate(0, now);
      expect([now.s, now.v, now.a]).toEqual([0, 0, 0]);
      const steps = 500;
      const h = profile.duration / steps;
      // largest excess over what each law allows, relative
      let excess = 0;
      for (let k = 1; k <= steps; k++) {
        profile.evaluate(k === steps ? profile.duration : k * h, next);
        const middle = ((now.v + next.v) / 2) * h;
        excess = Math.max(
          excess,
          next.v / V - 1,
          Math.abs(next.a) / A - 1,
          Math.abs(next.j) / J - 1,
          (now.s - next.s) / D,
          Math.abs(next.a - now.a) / (J * h) - 1,
          Math.abs(next.v - now.v) / (profile.peak_acceleration * h) - 1,
          Math.abs(next.s - now.s - middle) / ((J * h ** 3) / 8 + 1e-12 * D) - 1,
        );
        Object.assign(now, next);
      }
      expect(excess, label).toBeLessThan(1e-6);
      expect([now.s, now.v, now.a]).toEqual([D, 0, 0]);
    }
  });

  test('no rest-to-rest motion of the family is shorter, and the duration is among them', () => {
    const rng = createRng(2);
    for (let trial = 0; trial < 300; trial++) {
      const [D, V, A, J] = [0, 0, 0, 0].map(() => logUniform(rng.uniform()));
      const { duration } = new DoubleS(D, V, A, J);
      const brute = bruteForce(D, V, Math.min(A, Math.sqrt(V * J)), J);
      expect(duration / brute, `trial ${trial}`).toBeLessThanOrEqual(1 + 1e-6);
      expect(duration / brute, `trial ${trial}`).toBeGreaterThan(1 - 2e-3);
    }
  });

  test('tighter limits never shorten it; no distance takes no time', () => {
    const rng = createRng(3);
    for (let trial = 0; trial < 500; trial++) {
      const limits = [0, 0, 0].map(() => logUniform(rng.uniform()));
      const D = logUniform(rng.uniform());
      const { duration } = new DoubleS(D, limits[0], limits[1], limits[2]);
      for (let k = 0; k < 3; k++) {
        const tight = limits.map((x, i) => (i === k ? x * 0.7 : x));
        expect(new DoubleS(D, tight[0], tight[1], tight[2]).duration).toBeGreaterThanOrEqual(duration * (1 - 1e-12));
      }
      expect(new DoubleS(0, limits[0], limits[1], limits[2]).duration).toBe(0);
    }
    expect(() => new DoubleS(-1, 1, 1, 1)).toThrow(RangeError);
    expect(() => new DoubleS(1, 0, 1, 1)).toThrow(RangeError);
  });
});
