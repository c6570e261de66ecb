/**
 * Boxes along the axes of the world about obstacles, in a binary tree cut at the median of the longest side. Its nodes lie
 * in the order of a walk through it, each with the number of the node to go on with where it is left out, so that a walk
 * needs no stack: `for (n = 0; n < nodes; ) n = near(n) ? n + 1 : skip[n]`.
 */
export class ObstacleTree {
  readonly nodes: number;
  /** Lower corner 3 and upper corner 3 of every node, 6 each (m). */
  readonly bounds: Float64Array;
  readonly skip: Int32Array;
  /** Obstacle of a leaf, −1 for a node that is none. */
  readonly obstacle: Int32Array;

  /** @param boxes  lower corner 3 and upper corner 3 of `count` ≥ 1 obstacles (m) */
  constructor(boxes: Float64Array, count: number) {
    this.nodes = 2 * count - 1;
    this.bounds = new Float64Array(6 * this.nodes);
    this.skip = new Int32Array(this.nodes);
    this.obstacle = new Int32Array(this.nodes).fill(-1);
    const order = Int32Array.from({ length: count }, (_, o) => o);
    this.build(boxes, order, 0, count, 0);
  }

  /** Writes the subtree over order[from, to) from node on; returns the node behind it. */
  private build(boxes: Float64Array, order: Int32Array, from: number, to: number, node: number): number {
    const { bounds } = this;
    const at = 6 * node;
    for (let k = 0; k < 3; k++) {
      bounds[at + k] = Infinity;
      bounds[at + 3 + k] = -Infinity;
      for (let i = from; i < to; i++) {
        bounds[at + k] = Math.min(bounds[at + k], boxes[6 * order[i] + k]);
        bounds[at + 3 + k] = Math.max(bounds[at + 3 + k], boxes[6 * order[i] + 3 + k]);
      }
    }
    let end = node + 1;
    if (to - from === 1) this.obstacle[node] = order[from];
    else {
      const sides = [0, 1, 2].map((k) => bounds[at + 3 + k] - bounds[at + k]);
      const axis = sides.indexOf(Math.max(...sides));
      const middle = (o: number): number => boxes[6 * o + axis] + boxes[6 * o + 3 + axis];
      order.subarray(from, to).sort((a, b) => middle(a) - middle(b) || a - b);
      const half = (from + to) >> 1;
      end = this.build(boxes, order, from, half, end);
      end = this.build(boxes, order, half, to, end);
    }
    this.skip[node] = end;
    return end;
  }
}
