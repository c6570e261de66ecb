import { Vector3 } from 'three';
import { ConvexHull } from 'three/examples/jsm/math/ConvexHull.js';
import { describe, expect, test } from 'vitest';
import { type ConvexMesh, createRng, type Rng } from '../../contracts/index.ts';
import { ellipsoidPoints } from '../../test/support/mesh_files.ts';
import { convexHull } from './convex_hull.ts';
import { massProperties } from './mass_properties.ts';

const FULL = { max_vertices: 1e6, tolerance_m: 0 };

/** Points of many kinds: balls, boxes filled with a grid, prisms, lines of points, all with copies. */
function cloud(rng: Rng, k: number): Float64Array {
  const round = ellipsoidPoints(rng, 20 + rng.int(200), [rng.range(0.01, 1), 0.3, 0.1]);
  if (k % 4 === 0) return round;
  if (k % 4 === 1) return Float64Array.from({ length: 3 * 150 }, () => rng.int(5) * 0.1);
  if (k % 4 === 2) {
    const sides = 3 + rng.int(30);
    return Float64Array.from(
      Array.from({ length: 4 * sides }, (_, i) => {
        const angle = (2 * Math.PI * Math.floor(i / 4)) / sides;
        return [Math.cos(angle), Math.sin(angle), (i % 4) - 1.5];
      }).flat(),
    );
  }
  return Float64Array.from([...round, ...round, ...round.map((x) => 0.3 * x)]);
}

/** Greatest height of a point over a face of the hull (m). */
function outside({ vertices: v, triangles }: ConvexMesh, points: Float64Array): number {
  let worst = -Infinity;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => v.subarray(3 * triangles[t + i], 3 * triangles[t + i] + 3));
    const u = b.map((x, i) => x - a[i]);
    const w = c.map((x, i) => x - a[i]);
    const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    const length = Math.hypot(...n);
    if (length < 1e-9) continue;
    for (let p = 0; p < points.length; p += 3) {
      const height = n.reduce((sum, x, i) => sum + x * (points[p + i] - a[i]), 0) / length;
      worst = Math.max(worst, height);
    }
  }
  return worst;
}

/** Each edge is walked once in each direction. */
function isClosed({ triangles }: ConvexMesh): boolean {
  const edges = new Set<string>();
  for (let t = 0; t < triangles.length; t++) {
    edges.add(`${triangles[t]} ${triangles[t % 3 === 2 ? t - 2 : t + 1]}`);
  }
  return edges.size === triangles.length && [...edges].every((edge) => edges.has(edge.split(' ').reverse().join(' ')));
}

describe('convex hulls', () => {
  test('hold every point, are closed, and have V − E + F = 2', () => {
    const rng = createRng(3, 'hulls');
    for (let k = 0; k < 120; k++) {
      const points = cloud(rng, k);
      const hull = convexHull(points, FULL);
      expect(hull.short_m, `case ${k}`).toBe(0);
      expect(outside(hull, points), `case ${k}`).toBeLessThan(1e-9);
      expect(isClosed(hull), `case ${k} is closed`).toBe(true);
      expect(hull.triangles.length / 3, `case ${k}`).toBe((2 * hull.vertices.length) / 3 - 4);
    }
  });

  test('have the volume of the hulls of three.js', () => {
    const rng = createRng(5, 'hulls');
    for (let k = 0; k < 60; k++) {
      const points = cloud(rng, k);
      const theirs = new ConvexHull().setFromPoints(
        Array.from({ length: points.length / 3 }, (_, i) => new Vector3(...points.subarray(3 * i, 3 * i + 3))),
      );
      let volume = 0;
      for (const face of theirs.faces) {
        const [a, b, c] = [face.edge, face.edge.next, face.edge.prev].map((edge) => edge.head().point);
        volume += a.dot(b.clone().cross(c)) / 6;
      }
      expect(massProperties(convexHull(points, FULL)).volume / volume, `case ${k}`).toBeCloseTo(1, 8);
    }
  });

  test('with few vertices they are inside the full hull, which a ball of short_m about them holds', () => {
    const rng = createRng(7, 'hulls');
    for (let k = 0; k < 40; k++) {
      const points = ellipsoidPoints(rng, 300, [0.02, rng.range(0.02, 0.1), rng.range(0.02, 0.3)]);
      let before = Infinity;
      for (const max_vertices of [8, 16, 32, 64, 128]) {
        const hull = convexHull(points, { max_vertices, tolerance_m: 1e-5 });
        expect(hull.vertices.length / 3).toBeLessThanOrEqual(max_vertices);
        expect(isClosed(hull)).toBe(true);
        // The height over a face is never more than the distance from the hull.
        expect(outside(hull, points), `case ${k}, ${max_vertices}`).toBeLessThanOrEqual(hull.short_m + 1e-12);
        expect(hull.short_m).toBeLessThan(before * 1.5);
        before = hull.short_m;
      }
      expect(before).toBeLessThan(0.01);
      const loose = convexHull(points, { max_vertices: 300, tolerance_m: 1e-3 });
      expect(loose.vertices.length).toBeLessThan(900);
      expect(loose.short_m).toBeLessThan(3e-3);
    }
  });

  test('flat and single points have none', () => {
    const rng = createRng(9, 'hulls');
    const flat = Float64Array.from({ length: 60 }, (_, i) => (i % 3 === 2 ? 0.4 : rng.normal()));
    for (const points of [flat, flat.slice(0, 9), new Float64Array(30).fill(1), new Float64Array(0)]) {
      expect(() => convexHull(points)).toThrow(/plane/);
    }
  });
});
