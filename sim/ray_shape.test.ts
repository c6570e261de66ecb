import { describe, expect, it } from 'vitest';
import { type ConvexMesh, createRng, type Shape } from '../contracts/index.ts';
import { convexHull } from '../robots/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { rayShape } from './ray_shape.ts';

const rng = createRng(9);
const points = Array.from({ length: 40 }, () => [rng.normal(), rng.normal(), rng.normal()].map((x) => 0.03 * x));
const SHAPES: readonly (readonly [string, Shape | ConvexMesh])[] = [
  ['box', { type: 'box', size: [0.1, 0.06, 0.2] }],
  ['cylinder', { type: 'cylinder', radius: 0.05, length: 0.12 }],
  ['sphere', { type: 'sphere', radius: 0.07 }],
  ['hull', convexHull(Float64Array.from(points.flat()))],
];

/** Whether a point is in the shape, by its definition. */
function inside(shape: Shape | ConvexMesh, p: readonly number[], slack: number): boolean {
  switch (shape.type) {
    case 'box':
      return p.every((x, k) => Math.abs(x) <= shape.size[k] / 2 + slack);
    case 'cylinder':
      return Math.hypot(p[0], p[1]) <= shape.radius + slack && Math.abs(p[2]) <= shape.length / 2 + slack;
    case 'sphere':
      return Math.hypot(...p) <= shape.radius + slack;
    case 'mesh': {
      const { vertices: v, triangles } = shape;
      for (let t = 0; t < triangles.length; t += 3) {
        const [a, b, c] = [0, 1, 2].map((k) => [0, 1, 2].map((i) => v[3 * triangles[t + k] + i]));
        const [e, f] = [b, c].map((corner) => corner.map((x, i) => x - a[i]));
        const n = [e[1] * f[2] - e[2] * f[1], e[2] * f[0] - e[0] * f[2], e[0] * f[1] - e[1] * f[0]];
        const height = n.reduce((sum, x, i) => sum + x * (p[i] - a[i]), 0) / Math.hypot(...n);
        if (height > slack) return false;
      }
      return true;
    }
  }
}

describe.each(SHAPES)('a ray against a %s', (_, shape) => {
  it('enters where marching along it does, with the normal against it', () => {
    const cast = rayShape(shape);
    const hit = new Float64Array(4);
    let hits = 0;
    for (let trial = 0; trial < sweep(40, 150); trial++) {
      const o = Float64Array.from({ length: 3 }, () => rng.range(-0.3, 0.3));
      const aim = [rng.range(-0.08, 0.08), rng.range(-0.08, 0.08), rng.range(-0.12, 0.12)];
      // Some along the axes, where speeds are zero.
      const d = trial % 5 === 0 ? [0, 0, 0].map((_zero, k) => (k === trial % 3 ? 1 : 0)) : aim.map((x, k) => x - o[k]);
      const length = Math.hypot(...d);
      const unit = Float64Array.from(d, (x) => x / length);
      const at = (t: number) => [0, 1, 2].map((k) => o[k] + t * unit[k]);
      if (inside(shape, at(0), 0)) {
        expect(cast.cast(o, unit, hit), `trial ${trial}: begins inside`).toBe(false);
        continue;
      }
      let first = -1;
      for (let t = 0; t < 0.8 && first < 0; t += 5e-4) if (inside(shape, at(t), 0)) first = t;
      const found = cast.cast(o, unit, hit);
      if (first >= 0) {
        expect(found, `trial ${trial}`).toBe(true);
        expect(hit[0]).toBeLessThanOrEqual(first + 1e-9);
        expect(hit[0]).toBeGreaterThan(first - 6e-4);
        hits++;
      }
      if (!found) continue;
      expect(inside(shape, at(hit[0]), 1e-9), `trial ${trial}: on the surface`).toBe(true);
      expect(inside(shape, at(hit[0] - 1e-6), 0), `trial ${trial}: outside before`).toBe(false);
      expect(Math.hypot(hit[1], hit[2], hit[3])).toBeCloseTo(1, 12);
      expect(hit[1] * unit[0] + hit[2] * unit[1] + hit[3] * unit[2]).toBeLessThanOrEqual(0);
      // Outwards along the normal is outside, inwards inside.
      const beside = (s: number) => at(hit[0]).map((x, k) => x + s * hit[1 + k]);
      expect(inside(shape, beside(1e-7), 0)).toBe(false);
    }
    expect(hits).toBeGreaterThan(sweep(10, 40));
  });
});
