import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape } from '../contracts/index.ts';
import { hullOfShape } from '../test/support/mesh_robot.ts';
import { sweep } from '../test/support/sweep.ts';
import { triangleTree } from './element_tree.ts';
import { isInside } from './inside_mesh.ts';

const stack = new Int32Array(128);
const size = (rng: Rng) => rng.range(0.1, 1);

describe('inside a closed mesh', () => {
  test('are the points behind all faces of a convex one', () => {
    const rng = createRng(101);
    let inside = 0;
    for (let trial = 0; trial < sweep(25, 60); trial++) {
      const shape: Shape =
        trial % 2 === 0
          ? { type: 'box', size: [size(rng), size(rng), size(rng)] }
          : { type: 'cylinder', radius: size(rng) / 2, length: size(rng) };
      const mesh = hullOfShape(shape);
      const tree = triangleTree(mesh, true);
      const corner = (v: number) => [0, 1, 2].map((k) => mesh.vertices[3 * v + k]);
      for (let k = 0; k < 50; k++) {
        const point = Float64Array.from({ length: 3 }, () => rng.range(-0.6, 0.6));
        let behind = true;
        for (let t = 0; t < mesh.triangles.length; t += 3) {
          const [a, b, c] = [0, 1, 2].map((j) => corner(mesh.triangles[t + j]));
          const u = b.map((x, j) => x - a[j]);
          const w = c.map((x, j) => x - a[j]);
          const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
          if (n.reduce((sum, x, j) => sum + x * (point[j] - a[j]), 0) > 0) behind = false;
        }
        expect(isInside(tree, point, stack), `trial ${trial}: ${point.join(' ')}`).toBe(behind);
        if (behind) inside++;
      }
    }
    expect(inside).toBeGreaterThan(sweep(83, 200));
  });

  test('a cavity is not inside', () => {
    const outer = hullOfShape({ type: 'box', size: [1, 1, 1] });
    const inner = hullOfShape({ type: 'box', size: [0.4, 0.4, 0.4] });
    const count = outer.vertices.length / 3;
    const tree = triangleTree(
      {
        type: 'mesh',
        vertices: Float64Array.from([...outer.vertices, ...inner.vertices]),
        triangles: Uint32Array.from([...outer.triangles, ...inner.triangles.toReversed().map((v) => v + count)]),
      },
      true,
    );
    expect(isInside(tree, Float64Array.of(0, 0, 0), stack)).toBe(false);
    expect(isInside(tree, Float64Array.of(0.3, 0.1, 0), stack)).toBe(true);
    expect(isInside(tree, Float64Array.of(0.6, 0.1, 0), stack)).toBe(false);
  });
});
