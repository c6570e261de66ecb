import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { boxMesh } from '../../test/support/mesh_files.ts';
import { convexHull } from './convex_hull.ts';
import { massProperties } from './mass_properties.ts';

describe('mass properties of meshes', () => {
  test('a box is m (y² + z²) / 12 about its centre, wherever it stands', () => {
    const rng = createRng(1);
    for (let k = 0; k < 50; k++) {
      const size = [rng.range(0.01, 2), rng.range(0.01, 2), rng.range(0.01, 2)] as const;
      const centre = [rng.range(-9, 9), rng.range(-9, 9), rng.range(-9, 9)] as const;
      const { volume, com, inertia } = massProperties(boxMesh(size, centre));
      const [x, y, z] = size;
      const wanted = [(y * y + z * z) / 12, (x * x + z * z) / 12, (x * x + y * y) / 12, 0, 0, 0];
      expect(volume / (x * y * z)).toBeCloseTo(1, 9);
      for (let i = 0; i < 3; i++) expect(com[i], `case ${k}`).toBeCloseTo(centre[i], 9);
      for (let i = 0; i < 6; i++) expect(inertia[i], `case ${k} entry ${i}`).toBeCloseTo(wanted[i], 9);
    }
  });

  test('finer and finer spheres come to 4/3 π r³ and 2/5 r², from below and as the square of the edge', () => {
    const r = 0.3;
    const errors = [500, 2000].map((count) => {
      const places = Array.from({ length: count }, (_, i) => {
        const z = 1 - (2 * i + 1) / count;
        const angle = i * Math.PI * (3 - Math.sqrt(5));
        const flat = Math.sqrt(1 - z * z);
        return [r * flat * Math.cos(angle), r * flat * Math.sin(angle), r * z];
      });
      const { volume, com, inertia } = massProperties(
        convexHull(Float64Array.from(places.flat()), { max_vertices: count, tolerance_m: 0 }),
      );
      for (const x of com) expect(Math.abs(x)).toBeLessThan(1e-4);
      const moment = (inertia[0] + inertia[1] + inertia[2]) / 3;
      return [1 - volume / ((4 / 3) * Math.PI * r ** 3), 1 - moment / (0.4 * r * r)];
    });
    for (const k of [0, 1]) {
      expect(errors[1][k]).toBeGreaterThan(0);
      expect(errors[1][k]).toBeLessThan(0.006);
      expect(errors[0][k] / errors[1][k]).toBeGreaterThan(3.5);
      expect(errors[0][k] / errors[1][k]).toBeLessThan(4.5);
    }
  });

  test('turning and moving a solid turns and moves its properties', () => {
    const rng = createRng(2);
    const points = Float64Array.from({ length: 90 }, () => rng.normal());
    const hull = convexHull(points, { max_vertices: 99, tolerance_m: 0 });
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const vertices = hull.vertices.map((_, i, v) => {
      const [x, y, z] = v.subarray(i - (i % 3), i - (i % 3) + 3);
      return [c * x - s * y + 3, s * x + c * y - 1, z + 2][i % 3];
    });
    const before = massProperties(hull);
    const after = massProperties({ ...hull, vertices });
    expect(after.volume).toBeCloseTo(before.volume, 10);
    const [x, y, z] = before.com;
    [c * x - s * y + 3, s * x + c * y - 1, z + 2].forEach((v, k) => void expect(after.com[k]).toBeCloseTo(v, 10));
    const [xx, yy, zz, xy, xz, yz] = before.inertia;
    const turned = [
      c * c * xx - 2 * c * s * xy + s * s * yy,
      s * s * xx + 2 * c * s * xy + c * c * yy,
      zz,
      c * s * (xx - yy) + (c * c - s * s) * xy,
      c * xz - s * yz,
      s * xz + c * yz,
    ];
    turned.forEach((v, k) => void expect(after.inertia[k], `entry ${k}`).toBeCloseTo(v, 9));
  });
});
