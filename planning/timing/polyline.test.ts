import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { cutPolyline, restOfPolyline } from './polyline.ts';

const length = (path: readonly Float64Array[]) =>
  path.slice(1).reduce((sum, q, i) => sum + Math.hypot(...q.map((x, j) => x - path[i][j])), 0);

describe('parts of a polyline', () => {
  test('are as long as they are cut, meet in one point, and hold the points of the whole', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'polyline');
      const path = Array.from({ length: 2 + rng.int(6) }, () =>
        Float64Array.from({ length: 3 }, () => rng.range(-1, 1)),
      );
      const whole = length(path);
      const corner = length(path.slice(0, 1 + rng.int(path.length)));
      const at = rng.uniform() < 0.3 ? corner : rng.uniform() * whole;
      const [before, after] = [cutPolyline(path, at), restOfPolyline(path, at)];
      expect(length(before), `seed ${seed}`).toBeCloseTo(at, 9);
      expect(length(after), `seed ${seed}`).toBeCloseTo(whole - at, 9);
      expect(after[0], `seed ${seed}`).toEqual(before[before.length - 1]);
      const points = [...before, ...after.slice(1)];
      for (const point of path) expect(points, `seed ${seed}`).toContainEqual(point);
      expect(points.length, `seed ${seed}`).toBeLessThanOrEqual(path.length + 1);
    }
  });

  test('beyond the ends there is the end alone', () => {
    const path = [Float64Array.of(0), Float64Array.of(1)];
    expect([cutPolyline(path, -1), restOfPolyline(path, -1)]).toEqual([[path[0]], path]);
    expect([cutPolyline(path, 2), restOfPolyline(path, 2)]).toEqual([path, [path[1]]]);
  });
});
