import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { blendCorners } from './corners.ts';

const N = 3;
const polyline = (rng: Rng, corners: number): Float64Array[] =>
  Array.from({ length: corners }, () => Float64Array.from({ length: N }, () => rng.range(-1, 1)));
const lengthOf = (path: readonly Float64Array[]) =>
  path.slice(1).reduce((sum, b, i) => sum + Math.hypot(...b.map((x, j) => x - path[i][j])), 0);
const sharpest = (path: readonly Float64Array[]) => {
  let least = 1;
  for (let i = 1; i < path.length - 1; i++) {
    const [u, v] = [0, 1].map((k) => path[i + k].map((x, j) => x - path[i + k - 1][j]));
    const dot = u.reduce((sum, x, j) => sum + x * v[j], 0);
    least = Math.min(least, dot / (Math.hypot(...u) * Math.hypot(...v)));
  }
  return Math.acos(Math.max(-1, least));
};

/** Free outside a ball; checks a segment exactly. */
const outsideBall =
  (centre: Float64Array, radius: number) => (a: Float64Array, ao: number, b: Float64Array, bo: number) => {
    const d = centre.map((_, j) => b[bo + j] - a[ao + j]);
    const r = centre.map((x, j) => x - a[ao + j]);
    const dd = d.reduce((sum, x) => sum + x * x, 0);
    const u = dd > 0 ? Math.min(1, Math.max(0, d.reduce((sum, x, j) => sum + x * r[j], 0) / dd)) : 0;
    return Math.hypot(...r.map((x, j) => x - u * d[j])) > radius;
  };

describe('rounded corners', () => {
  test('keep the ends, shorten the path, turn gently and leave no long legs', () => {
    for (let seed = 0; seed < 40; seed++) {
      const path = polyline(createRng(seed, 'corners'), 3 + (seed % 4));
      const rounded = blendCorners(path, N, () => true, { spacing_rad: 0.05 });
      expect([...rounded[0]]).toEqual([...path[0]]);
      expect([...rounded[rounded.length - 1]]).toEqual([...path[path.length - 1]]);
      expect(lengthOf(rounded), `seed ${seed}`).toBeLessThan(lengthOf(path));
      const longest = Math.max(...rounded.slice(1).map((b, i) => Math.hypot(...b.map((x, j) => x - rounded[i][j]))));
      expect(longest).toBeLessThan(0.05 + 1e-9);
      expect(sharpest(rounded), `seed ${seed}`).toBeLessThan(0.6 * sharpest(path));
    }
  });

  test('give way to what is in the bend, as little as halving allows', () => {
    let shrunk = 0;
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'ball');
      const path = polyline(rng, 3);
      const inside = path[0].map((x, j) => path[1][j] + 0.2 * (x - path[1][j]) + 0.2 * (path[2][j] - path[1][j]));
      const free = outsideBall(inside, 0.1);
      const check = (points: readonly Float64Array[]) => points.slice(1).every((b, i) => free(points[i], 0, b, 0));
      if (!check(path)) continue;
      const rounded = blendCorners(path, N, free);
      expect(check(rounded), `seed ${seed}`).toBe(true);
      if (check(blendCorners(path, N, () => true))) continue;
      shrunk++;
      expect(lengthOf(rounded)).toBeGreaterThan(lengthOf(blendCorners(path, N, () => true)));
    }
    expect(shrunk).toBeGreaterThan(10);
  });

  test('a corner that nothing may cut stays as it is; one point and repeated points are left alone', () => {
    const [a, b, c] = polyline(createRng(4), 3);
    const kept = blendCorners([a, b, c], N, () => false, { spacing_rad: 100 });
    expect(kept.map((q) => [...q])).toEqual([a, b, c].map((q) => [...q]));
    expect(blendCorners([a, a], N, () => true)).toEqual([a]);
    expect(blendCorners([a], N, () => true)).toEqual([a]);
  });
});
