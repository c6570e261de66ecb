import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { closestOfSegments } from './closest_segments.ts';

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const along = (segment: number[], share: number) =>
  [0, 1, 2].map((k) => segment[k] + share * (segment[3 + k] - segment[k]));

describe('the nearest points of two segments', () => {
  it('lie on both, and no pair of a fine grid is nearer', () => {
    const out = new Float64Array(6);
    for (let seed = 1; seed <= 105; seed++) {
      const rng = createRng(seed);
      const random = () => Array.from({ length: 6 }, () => rng.uniform(-1, 1));
      const [p, q] = [random(), random()];
      if (seed % 5 === 0) for (let k = 0; k < 3; k++) q[3 + k] = q[k] + 2 * (p[3 + k] - p[k]);
      if (seed % 7 === 0) p.splice(3, 3, ...p.slice(0, 3));
      const found = closestOfSegments([9, 9, 9, ...p], 3, q, out);
      expect(found, `seed ${seed}`).toBeCloseTo(distance(out.subarray(0, 3), out.subarray(3)), 12);
      let least = Infinity;
      for (let i = 0; i <= 25; i++) {
        for (let j = 0; j <= 25; j++) least = Math.min(least, distance(along(p, i / 25), along(q, j / 25)));
      }
      expect(found, `seed ${seed}`).toBeLessThanOrEqual(least + 1e-9);
      expect(least, `seed ${seed}`).toBeLessThan(found + 0.2);
    }
  });

  it('are at the points themselves where both segments are points', () => {
    const out = new Float64Array(6);
    expect(closestOfSegments([0, 0, 0, 0, 0, 0], 0, [3, 4, 0, 3, 4, 0], out)).toBe(5);
    expect([...out]).toEqual([0, 0, 0, 3, 4, 0]);
  });
});
