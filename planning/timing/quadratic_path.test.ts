import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { blendWithin, packPolyline } from './blend.ts';
import type { QuadraticPath } from './quadratic_path.ts';

const N = 4;
const polyline = (rng: Rng, corners: number): Float64Array[] =>
  Array.from({ length: corners }, () => Float64Array.from({ length: N }, () => rng.range(-1, 1)));

/** First derivative of piece i at ds. */
const slope = ({ dq, ddq }: QuadraticPath, i: number, ds: number) =>
  Array.from({ length: N }, (_, j) => dq[i * N + j] + ds * ddq[i * N + j]);
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (x, j) => Math.abs(x - b[j])));

describe('paths of quadratic pieces', () => {
  test('join in value and slope, keep their ends and leave the polyline by what they may', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'quadratic');
      const points = polyline(rng, 2 + (seed % 6));
      const within = 10 ** rng.range(-5, 0);
      const path = blendWithin(packPolyline(points, N), N, within);
      const here = new Float64Array(N);
      expect([[...path.start], [...path.end]], `seed ${seed}`).toEqual([
        [...points[0]],
        [...points[points.length - 1]],
      ]);
      let jump = 0;
      let kink = 0;
      let far = 0;
      for (let i = 0; i < path.pieces; i++) {
        const length = path.s[i + 1] - path.s[i];
        expect(length).toBeGreaterThan(0);
        path.write(i, length, here, 0);
        const next = i + 1 < path.pieces ? path.q.subarray((i + 1) * N, (i + 2) * N) : path.end;
        jump = Math.max(jump, apart(here, next));
        if (i + 1 < path.pieces) kink = Math.max(kink, apart(slope(path, i, length), slope(path, i + 1, 0)));
        for (let k = 0; k <= 10; k++) {
          path.write(i, (k / 10) * length, here, 0);
          far = Math.max(far, offPolyline(here, points));
        }
      }
      expect([jump < 1e-12, kink < 1e-10, far <= within * (1 + 1e-9)], `seed ${seed}: ${jump} ${kink} ${far}`).toEqual([
        true,
        true,
        true,
      ]);
    }
  });

  test('points on the way straight on and repeated points change nothing', () => {
    const rng = createRng(7);
    const [a, b, c] = polyline(rng, 3);
    const between = a.map((x, j) => x + 0.4 * (b[j] - x));
    expect(packPolyline([a, a, between, b, b, c, c], N)).toEqual(packPolyline([a, b, c], N));
    expect(packPolyline([a, a, a], N)).toEqual(packPolyline([a], N));
  });
});

function offPolyline(q: Float64Array, points: readonly Float64Array[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < points.length; i++) {
    const d = points[i].map((x, j) => x - points[i - 1][j]);
    const r = q.map((x, j) => x - points[i - 1][j]);
    const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, j) => sum + value * y[j], 0);
    const u = Math.min(1, Math.max(0, dot(r, d) / dot(d, d)));
    least = Math.min(least, Math.hypot(...r.map((x, j) => x - u * d[j])));
  }
  return least;
}
