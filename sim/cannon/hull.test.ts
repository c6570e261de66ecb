import { describe, expect, it } from 'vitest';
import { type ConvexMesh, createRng, InputError } from '../../contracts/index.ts';
import { convexHull } from '../../robots/index.ts';
import { ellipsoidPoints } from '../../test/support/mesh_files.ts';
import { hullOfShape } from '../../test/support/mesh_robot.ts';
import { boxHull, FACE_CORNERS, type Hull, hullOf } from './hull.ts';

const hulls: readonly (readonly [string, ConvexMesh])[] = [
  ['box', hullOfShape({ type: 'box', size: [0.1, 0.2, 0.3] })],
  ['cylinder', hullOfShape({ type: 'cylinder', radius: 0.03, length: 0.1 })],
  ['sphere', hullOfShape({ type: 'sphere', radius: 0.03 })],
  [
    'stone',
    convexHull(ellipsoidPoints(createRng(1), 100, [0.02, 0.03, 0.05], [0.1, 0, 0]), {
      max_vertices: 100,
      tolerance_m: 0,
    }),
  ],
];

const corners = ({ loop, loop_first }: Hull, f: number) => [...loop.subarray(loop_first[f], loop_first[f + 1])];
const vertex = ({ vertices }: Hull, v: number) => [...vertices.subarray(3 * v, 3 * v + 3)];
const height = (hull: Hull, f: number, v: number) =>
  vertex(hull, v).reduce((sum, x, k) => sum + x * hull.normals[3 * f + k], -hull.offsets[f]);

describe('hulls of the narrowphase', () => {
  it('join triangles in one plane: 6 faces of a box, 50 of a cylinder of 48 sides', () => {
    expect(hullOf(hulls[0][1]).faces).toBe(6);
    expect(hullOf(hulls[1][1]).faces).toBe(50);
    const box = boxHull(0.05, 0.1, 0.15);
    expect(box.faces).toBe(6);
    expect([...box.offsets].sort()).toEqual([0.05, 0.05, 0.1, 0.1, 0.15, 0.15]);
    expect(box.inner).toBeCloseTo(0.05, 12);
    expect(box.radius).toBeCloseTo(Math.hypot(0.05, 0.1, 0.15), 12);
  });

  it.each(hulls)('of a %s: no vertex is before a face, corners are on it and go round it, V − E + F = 2', (_, mesh) => {
    const hull = hullOf(mesh);
    const count = hull.vertices.length / 3;
    let edges = 0;
    for (let f = 0; f < hull.faces; f++) {
      for (let v = 0; v < count; v++) expect(height(hull, f, v)).toBeLessThan(1e-9);
      const loop = corners(hull, f);
      edges += loop.length / 2;
      loop.forEach((v, k) => {
        expect(Math.abs(height(hull, f, v))).toBeLessThan(2e-6);
        const [a, b, c] = [v, loop[(k + 1) % loop.length], loop[(k + 2) % loop.length]].map((i) => vertex(hull, i));
        const u = b.map((x, i) => x - a[i]);
        const w = c.map((x, i) => x - b[i]);
        const n = [...hull.normals.subarray(3 * f, 3 * f + 3)];
        const turn =
          n[0] * (u[1] * w[2] - u[2] * w[1]) + n[1] * (u[2] * w[0] - u[0] * w[2]) + n[2] * (u[0] * w[1] - u[1] * w[0]);
        expect(turn).toBeGreaterThan(-1e-12);
        expect([...hull.around.subarray(hull.around_first[v], hull.around_first[v + 1])]).toContain(f);
      });
      const patch = [...hull.patch.subarray(hull.patch_first[f], hull.patch_first[f + 1])];
      expect(patch.length).toBeLessThanOrEqual(FACE_CORNERS);
      expect(patch.length).toBeGreaterThanOrEqual(3);
      expect(patch.every((v) => loop.includes(v))).toBe(true);
    }
    expect(count - edges + hull.faces).toBe(2);
    expect(hullOf(mesh), 'made once').toBe(hull);
  });

  it('refuses what contacts have no room for, and holes', () => {
    const many = convexHull(ellipsoidPoints(createRng(2), 400, [1, 1, 1]), { max_vertices: 400, tolerance_m: 0 });
    expect(() => hullOf(many)).toThrow(InputError);
    expect(() => hullOf(many)).toThrow(/400 vertices.*room for 256/);
    const [, box] = hulls[0];
    expect(() => hullOf({ ...box, triangles: box.triangles.slice(3) })).toThrow(/hole/);
  });
});
