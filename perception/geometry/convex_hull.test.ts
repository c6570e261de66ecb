import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { convexHull, convexHullIndices } from './convex_hull.ts';

const cross = (ax: number, ay: number, bx: number, by: number) => ax * by - ay * bx;

/** An ordered pair of points is an edge of the hull if every other point lies on its left. */
function edgesByBruteForce(p: Float64Array): Set<string> {
  const n = p.length / 2;
  const edges = new Set<string>();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      let left = true;
      for (let k = 0; k < n && left; k++) {
        const side = cross(
          p[2 * j] - p[2 * i],
          p[2 * j + 1] - p[2 * i + 1],
          p[2 * k] - p[2 * i],
          p[2 * k + 1] - p[2 * i + 1],
        );
        left = k === i || k === j || side > 0;
      }
      if (left) edges.add(`${i} ${j}`);
    }
  }
  return edges;
}

describe('convexHull', () => {
  it('has the edges that brute force finds, for few points and many', () => {
    const rng = createRng(1).stream('hull');
    for (let trial = 0; trial < 60; trial++) {
      const n = trial % 5 === 0 ? 90 : 3 + rng.int(30);
      const points = Float64Array.from({ length: 2 * n }, () => rng.normal());
      const hull = convexHullIndices(points);
      const edges = new Set(Array.from(hull, (i, k) => `${i} ${hull[(k + 1) % hull.length]}`));
      expect(edges, `trial ${trial}: ${points}`).toEqual(edgesByBruteForce(points));
    }
  });

  it('leaves out points on its sides and repeated ones', () => {
    const square = Float64Array.of(0, 0, 1, 0, 1, 0, 2, 0, 2, 2, 0, 2, 0, 1, 1, 1);
    expect([...convexHull(square)]).toEqual([0, 0, 2, 0, 2, 2, 0, 2]);
  });

  it('of fewer than three points is what there is', () => {
    expect(convexHull(new Float64Array(0))).toHaveLength(0);
    expect([...convexHull(Float64Array.of(1, 2))]).toEqual([1, 2]);
    expect(convexHull(Float64Array.of(1, 2, 1, 2, 1, 2)).length).toBeLessThanOrEqual(4);
  });
});
