import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { convexHull } from './convex_hull.ts';
import { boundsAlong, minAreaRectangle } from './rectangle.ts';

describe('minAreaRectangle', () => {
  it('is no larger than the best of all angles tried by brute force, and within their resolution', () => {
    const rng = createRng(2).stream('rectangle');
    for (let trial = 0; trial < 40; trial++) {
      const hull = convexHull(Float64Array.from({ length: 2 * (4 + rng.int(40)) }, () => rng.normal()));
      const { length, width } = minAreaRectangle(hull);
      let best = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 3600; k++) {
        const angle = (k / 3600) * (Math.PI / 2);
        const tried = boundsAlong(hull, Math.cos(angle), Math.sin(angle));
        best = Math.min(best, tried.length * tried.width);
      }
      expect(length * width, `trial ${trial}`).toBeLessThanOrEqual(best * (1 + 1e-12));
      expect(length * width, `trial ${trial}`).toBeGreaterThan(best * 0.995);
    }
  });

  it('recovers rectangles: centre, sides and angle in [0, 90) degrees', () => {
    const rng = createRng(3).stream('rectangle');
    for (let trial = 0; trial < 200; trial++) {
      const [x, y, yaw] = [rng.normal(), rng.normal(), rng.range(-7, 7)];
      const [a, b] = [rng.range(0.5, 1), rng.range(1.2, 2)];
      const [c, s] = [Math.cos(yaw) / 2, Math.sin(yaw) / 2];
      const corners = [
        [1, 1],
        [-1, 1],
        [-1, -1],
        [1, -1],
      ].flatMap(([u, v]) => [x + u * a * c - v * b * s, y + u * a * s + v * b * c]);
      const found = minAreaRectangle(convexHull(Float64Array.from(corners)));
      const quarters = Math.round((yaw - found.angle_rad) / (Math.PI / 2));
      expect(found.x).toBeCloseTo(x, 9);
      expect(found.y).toBeCloseTo(y, 9);
      expect(found.angle_rad).toBeGreaterThanOrEqual(0);
      expect(found.angle_rad).toBeLessThan(Math.PI / 2);
      expect(yaw - found.angle_rad - (quarters * Math.PI) / 2, `trial ${trial} yaw ${yaw}`).toBeCloseTo(0, 9);
      const sides = quarters % 2 === 0 ? [found.length, found.width] : [found.width, found.length];
      expect(sides[0]).toBeCloseTo(a, 9);
      expect(sides[1]).toBeCloseTo(b, 9);
    }
  });
});
