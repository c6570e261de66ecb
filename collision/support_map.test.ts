import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { convexHull } from '../robots/index.ts';
import { SupportMap, supportMapOf } from './support_map.ts';

/** The slow version: every vertex, the first of the farthest. */
function farthest(vertices: Float64Array, [x, y, z]: Float64Array): number {
  let best = 0;
  for (let i = 3; i < vertices.length; i += 3) {
    const along = (k: number): number => vertices[k] * x + vertices[k + 1] * y + vertices[k + 2] * z;
    if (along(i) > along(best)) best = i;
  }
  return best;
}

describe('support map', () => {
  test('names the vertex that looking at all of them names, for hulls long, flat and round', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'hull');
      const size = [rng.range(0.01, 0.5), rng.range(0.01, 0.5), rng.range(0.01, 0.5)];
      const points = Float64Array.from({ length: 3 * (20 + rng.int(200)) }, (_, k) => size[k % 3] * rng.normal());
      const { vertices } = convexHull(points, { max_vertices: 300, tolerance_m: 0 });
      const map = new SupportMap(vertices);
      for (let k = 0; k < 400; k++) {
        // also along axes, edges and corners of the cube, and on the borders of its cells
        const d = Float64Array.from([0, 0, 0], () => (k % 4 === 0 ? (rng.int(9) - 4) / 4 : rng.normal()));
        if (d.every((x) => x === 0)) continue;
        expect(map.farthest(d, 0), `seed ${seed}, direction ${d}`).toBe(farthest(vertices, d));
      }
    }
  });

  test('is made once for a hull, and not at all for a box', () => {
    const rng = createRng(3);
    const vertices = Float64Array.from({ length: 90 }, () => rng.normal());
    expect(supportMapOf(vertices)).toBe(supportMapOf(vertices));
    expect(supportMapOf(new Float64Array(24))).toBeNull();
  });
});
