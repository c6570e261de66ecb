import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { type ElementTree, pointTree, triangleTree } from './element_tree.ts';

/** Numbers of the elements under a node; throws if a box does not hold what is under it. */
function elementsUnder(tree: ElementTree, node: number): number[] {
  const { link, leaf, box, data, stride } = tree;
  const under =
    leaf[node] > 0
      ? Array.from({ length: leaf[node] }, (_, k) => link[node] + k)
      : [...elementsUnder(tree, node + 1), ...elementsUnder(tree, -link[node])];
  for (const element of under) {
    for (let k = 0; k < stride; k++) {
      const off = Math.abs(data[stride * element + k] - box[6 * node + (k % 3)]);
      if (off > box[6 * node + 3 + (k % 3)] + 1e-12) throw new Error(`element ${element} is outside node ${node}`);
    }
  }
  return under;
}

describe('a tree of points or triangles', () => {
  test('holds every element in one leaf, and boxes hold what is under them', () => {
    const rng = createRng(121);
    for (let trial = 0; trial < 40; trial++) {
      const count = 1 + rng.int(300);
      // equal coordinates, too
      const numbers = (n: number) => Float64Array.from({ length: n }, () => rng.int(1 + rng.int(12)) / 10);
      const points = numbers(3 * count);
      const tree =
        trial % 2 === 0
          ? pointTree(points, 0.01)
          : triangleTree(
              {
                type: 'mesh',
                vertices: points,
                triangles: Uint32Array.from({ length: 3 * count }, () => rng.int(count)),
              },
              false,
            );
      const under = elementsUnder(tree, 0).sort((a, b) => a - b);
      expect(under).toEqual(Array.from({ length: tree.count }, (_, k) => k));
      const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
      if (trial % 2 === 0) expect(sum(tree.data)).toBeCloseTo(sum(points), 9);
    }
  });

  test('is as deep as halving makes it, also for a hundred thousand equal points', () => {
    const tree = pointTree(new Float64Array(300_000), 0);
    const depth = (node: number): number =>
      tree.leaf[node] > 0 ? 1 : 1 + Math.max(depth(node + 1), depth(-tree.link[node]));
    expect(depth(0)).toBeLessThanOrEqual(16);
  });
});
