import { describe, expect, test } from 'vitest';
import { type ConvexMesh, createRng, type Rng, type Shape } from '../../contracts/index.ts';
import { convexHull } from '../../robots/index.ts';
import { hullOfShape } from '../../test/support/mesh_robot.ts';
import { boundingSphere } from './bounding_sphere.ts';
import { type FittedSphere, fitSpheres } from './fit.ts';

function randomShape(rng: Rng): Shape | ConvexMesh {
  const side = (): number => rng.range(0.01, 0.4);
  switch (rng.int(4)) {
    case 0:
      return { type: 'box', size: [side(), side(), side()] };
    case 1:
      return { type: 'cylinder', radius: side() / 2, length: side() };
    case 2:
      return { type: 'sphere', radius: side() };
    default: {
      const size = [side(), side(), side()];
      const points = Float64Array.from({ length: 300 }, (_, k) => size[k % 3] * rng.normal() + 0.1 * (k % 3));
      return convexHull(points, { max_vertices: 60 });
    }
  }
}

/** A point of the surface: of a triangle of the shape's hull, of a cylinder or sphere pushed out to where it is round. */
function surfacePoint(shape: Shape | ConvexMesh, hull: ConvexMesh, rng: Rng): number[] {
  const t = 3 * rng.int(hull.triangles.length / 3);
  const [f, g] = [rng.uniform(), rng.uniform()];
  const [a, b, c] = f + g < 1 ? [1 - f - g, f, g] : [f + g - 1, 1 - f, 1 - g];
  const at = (v: number, k: number): number => hull.vertices[3 * hull.triangles[v] + k];
  const x = [0, 1, 2].map((k) => a * at(t, k) + b * at(t + 1, k) + c * at(t + 2, k));
  if (shape.type === 'sphere') return x.map((value) => (value * shape.radius) / Math.hypot(x[0], x[1], x[2]));
  if (shape.type !== 'cylinder' || Math.abs(Math.abs(x[2]) - shape.length / 2) < 1e-9) return x;
  const out = shape.radius / Math.hypot(x[0], x[1]);
  return [out * x[0], out * x[1], x[2]];
}

const fromCentre = ({ centre }: FittedSphere, x: readonly number[]): number =>
  Math.hypot(x[0] - centre[0], x[1] - centre[1], x[2] - centre[2]);

describe('spheres of a shape', () => {
  test('cover it outside, and lie in it inside: no point of the surface is out of all or within one', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'shape');
      const shape = randomShape(rng);
      const hull = hullOfShape(shape);
      const spheres = fitSpheres(shape, { max_spheres: 1 + rng.int(12) });
      const rounding = shape.type === 'mesh' ? shape.short_m : 0;
      let uncovered = 0;
      let cut_off = 0;
      for (let k = 0; k < 300; k++) {
        const x = surfacePoint(shape, hull, rng);
        uncovered = Math.max(uncovered, Math.min(...spheres.map((sphere) => fromCentre(sphere, x) - sphere.outer_m)));
        for (const sphere of spheres) {
          cut_off = Math.max(cut_off, sphere.inner_m - rounding - fromCentre(sphere, x));
        }
      }
      expect(uncovered, `seed ${seed}, ${shape.type}`).toBeLessThan(1e-12);
      expect(cut_off, `seed ${seed}, ${shape.type}`).toBeLessThan(1e-12);
    }
  });

  test('more spheres are smaller ones, down to what fits inside', () => {
    const rod: Shape = { type: 'cylinder', radius: 0.03, length: 0.6 };
    const largest = [1, 2, 4, 8, 16].map((max_spheres) =>
      Math.max(...fitSpheres(rod, { max_spheres }).map(({ outer_m }) => outer_m)),
    );
    for (let k = 1; k < largest.length; k++) expect(largest[k]).toBeLessThan(largest[k - 1]);
    expect(fitSpheres(rod, { max_spheres: 100 }).length).toBeLessThan(33);
    expect(fitSpheres(rod, { max_spheres: 100, close_enough: 2 }).every(({ inner_m }) => inner_m > 0.025)).toBe(true);
  });

  test('a bounding sphere holds all and is within 1 % of the least', () => {
    // eight corners of a cube: the least is half its diagonal
    const corners = Array.from({ length: 8 }, (_, k) => [k & 1, (k >> 1) & 1, k >> 2, 0]).flat();
    const { radius } = boundingSphere(corners);
    expect(radius).toBeGreaterThanOrEqual(Math.sqrt(3) / 2);
    expect(radius).toBeLessThan((1.01 * Math.sqrt(3)) / 2);
    // one ball within another
    expect(boundingSphere([0, 0, 0, 1, 0.2, 0, 0, 0.1]).radius).toBeLessThan(1.01);
    // two balls apart: from the far side of one to that of the other
    expect(boundingSphere([0, 0, 0, 0.5, 3, 0, 0, 0.1]).radius).toBeCloseTo(1.8, 1);
  });
});
