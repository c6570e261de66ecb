import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape, type Vector3 } from '../../contracts/index.ts';
import { convexHull } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { dot, pairSlant, pairWidth } from './contact_pair.ts';
import { pairsFromShape } from './pairs_from_shape.ts';

const WIDE = 0.08;
const range = (rng: Rng): number => rng.range(0.01, 0.12);
const draw = (rng: Rng): Shape => {
  const kind = rng.int(3);
  if (kind === 0) return { type: 'box', size: [range(rng), range(rng), range(rng)] };
  return kind === 1
    ? { type: 'cylinder', radius: range(rng) / 2, length: range(rng) }
    : { type: 'sphere', radius: range(rng) / 2 };
};

/** How far outside a shape a point is, negative inside (m); exact on the surface. */
function outside(shape: Shape, [x, y, z]: Vector3): number {
  if (shape.type === 'sphere') return Math.hypot(x, y, z) - shape.radius;
  if (shape.type === 'cylinder') return Math.max(Math.hypot(x, y) - shape.radius, Math.abs(z) - shape.length / 2);
  return Math.max(...[x, y, z].map((value, k) => Math.abs(value) - shape.size[k] / 2));
}

describe('antipodal contacts of shapes', () => {
  test('lie on the surface, face each other squarely, and fit between the fingers; every side that fits is used', () => {
    for (let seed = 0; seed < sweep(100, 300); seed++) {
      const shape = draw(createRng(seed));
      const pairs = pairsFromShape(shape, { max_width_m: WIDE });
      const where = `seed ${seed} ${JSON.stringify(shape)}`;
      for (const pair of pairs) {
        expect(outside(shape, pair.a), where).toBeCloseTo(0, 12);
        expect(outside(shape, pair.b), where).toBeCloseTo(0, 12);
        expect(pairSlant(pair), where).toBeLessThan(1e-6);
        expect(pairWidth(pair), where).toBeLessThanOrEqual(WIDE + 1e-12);
        // a little along the normal is outside, a little against it inside
        const along = (p: Vector3, n: Vector3, d: number): Vector3 => [
          p[0] + d * n[0],
          p[1] + d * n[1],
          p[2] + d * n[2],
        ];
        expect(outside(shape, along(pair.b, pair.normal_b, 1e-4)), where).toBeGreaterThan(9e-5);
        expect(outside(shape, along(pair.a, pair.normal_a, -1e-4)), where).toBeLessThan(-9e-6);
      }
      const sides =
        shape.type === 'box'
          ? [...shape.size]
          : shape.type === 'cylinder'
            ? [2 * shape.radius, shape.length]
            : [2 * shape.radius];
      const wanted = sides.filter((side) => side <= WIDE);
      for (const side of wanted) {
        expect(
          pairs.some((pair) => Math.abs(pairWidth(pair) - side) < 1e-12),
          `${where} across ${side}`,
        ).toBe(true);
      }
      if (wanted.length === 0) expect(pairs, where).toEqual([]);
    }
  });

  test('a hull gives what its box gives, and never contacts it does not have', () => {
    for (let seed = 0; seed < sweep(16, 40); seed++) {
      const rng = createRng(seed);
      const size: Vector3 = [rng.range(0.02, 0.07), rng.range(0.02, 0.07), rng.range(0.02, 0.07)];
      const corners = Array.from({ length: 8 }, (_, k) =>
        [0, 1, 2].map((axis) => ((k >> axis) & 1 ? 0.5 : -0.5) * size[axis]),
      );
      const hull = convexHull(Float64Array.from(corners.flat()));
      const pairs = pairsFromShape(hull, { max_width_m: WIDE });
      const widths = new Set(pairs.map((pair) => pairWidth(pair).toFixed(6)));
      expect([...widths].sort(), `seed ${seed}`).toEqual([...new Set(size.map((s) => s.toFixed(6)))].sort());
      for (const pair of pairs) expect(pairSlant(pair), `seed ${seed}`).toBeLessThan(1e-6);
    }
  });

  test('on random hulls both contacts are on faces whose normals look away from each other', () => {
    for (let seed = 0; seed < sweep(10, 25); seed++) {
      const rng = createRng(seed);
      const cloud = Float64Array.from({ length: 60 }, () => 0.03 * rng.normal());
      const hull = convexHull(cloud);
      const pairs = pairsFromShape(hull, { max_width_m: WIDE });
      expect(pairs.length, `seed ${seed}`).toBeGreaterThan(0);
      for (const { a, b, normal_a, normal_b } of pairs) {
        expect(dot(normal_a, normal_b), `seed ${seed}`).toBeLessThan(0);
        for (const [p, n] of [
          [a, normal_a],
          [b, normal_b],
        ] as const) {
          let farthest = Number.NEGATIVE_INFINITY;
          for (let i = 0; i < hull.vertices.length; i += 3) {
            const v: Vector3 = [hull.vertices[i] - p[0], hull.vertices[i + 1] - p[1], hull.vertices[i + 2] - p[2]];
            farthest = Math.max(farthest, dot(n, v));
          }
          expect(farthest, `seed ${seed}`).toBeLessThan(1e-6);
        }
      }
    }
  });
});
