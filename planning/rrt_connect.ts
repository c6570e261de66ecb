import type { Rng } from '../contracts/index.ts';
import { distance, type EdgeChecker } from './configuration_space.ts';

export interface RrtOptions {
  /** Longest edge (rad, Euclidean over the joints). */
  readonly range_rad?: number;
  readonly max_iterations?: number;
  readonly max_nodes?: number;
}

export interface RrtResult {
  readonly ok: boolean;
  /** Waypoints from start to goal; empty unless ok. */
  readonly path: readonly Float64Array[];
  readonly iterations: number;
  readonly nodes: number;
  readonly reason: string;
}

/** A tree of joint positions in flat arrays. */
class Tree {
  readonly q: Float64Array;
  readonly parent: Int32Array;
  readonly n: number;
  size = 0;

  constructor(n: number, capacity: number) {
    this.n = n;
    this.q = new Float64Array(n * capacity);
    this.parent = new Int32Array(capacity);
  }

  add(q: Float64Array, offset: number, parent: number): number {
    const at = this.n * this.size;
    for (let j = 0; j < this.n; j++) this.q[at + j] = q[offset + j];
    this.parent[this.size] = parent;
    return this.size++;
  }

  nearest(q: Float64Array, offset: number): number {
    const { n, q: nodes } = this;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.size; i++) {
      const at = n * i;
      let sum = 0;
      for (let j = 0; j < n && sum < least; j++) {
        const d = nodes[at + j] - q[offset + j];
        sum += d * d;
      }
      if (sum < least) {
        least = sum;
        best = i;
      }
    }
    return best;
  }

  /** Positions from node i to the root. */
  branch(i: number): Float64Array[] {
    const points: Float64Array[] = [];
    for (let k = i; k >= 0; k = this.parent[k]) points.push(this.q.slice(this.n * k, this.n * k + this.n));
    return points;
  }
}

/**
 * RRT-Connect (Kuffner and LaValle, 2000) with two trees kept of like size: the smaller one grows towards a random
 * position, the other connects to it. Budget in iterations; the same stream gives the same path. Owns its trees, to be
 * used again.
 */
export class RrtConnect {
  private readonly checker: EdgeChecker;
  private readonly options: Required<RrtOptions>;
  private readonly from_start: Tree;
  private readonly from_goal: Tree;
  private readonly target: Float64Array;
  private readonly next: Float64Array;

  constructor(checker: EdgeChecker, options: RrtOptions = {}) {
    const n = checker.space.n;
    this.checker = checker;
    this.options = { range_rad: 0.5, max_iterations: 4000, max_nodes: 8000, ...options };
    this.from_start = new Tree(n, this.options.max_nodes);
    this.from_goal = new Tree(n, this.options.max_nodes);
    this.target = new Float64Array(n);
    this.next = new Float64Array(n);
  }

  plan(start: Float64Array, goal: Float64Array, rng: Rng): RrtResult {
    const { checker, from_start, from_goal, target } = this;
    const { space } = checker;
    if (space.collides(start)) return failure('the start is in collision', 0, 0);
    if (space.collides(goal)) return failure('the goal is in collision', 0, 0);
    if (checker.free(start, 0, goal, 0))
      return { ok: true, path: [start.slice(), goal.slice()], iterations: 0, nodes: 2, reason: '' };
    from_start.size = 0;
    from_goal.size = 0;
    from_start.add(start, 0, -1);
    from_goal.add(goal, 0, -1);
    for (let iteration = 1; iteration <= this.options.max_iterations; iteration++) {
      const nodes = from_start.size + from_goal.size;
      if (Math.max(from_start.size, from_goal.size) > this.options.max_nodes - 64) {
        return failure(`no path found before the trees held ${nodes} positions`, iteration, nodes);
      }
      const grow = from_start.size <= from_goal.size ? from_start : from_goal;
      const meet = grow === from_start ? from_goal : from_start;
      for (let j = 0; j < space.n; j++) target[j] = rng.range(space.lower[j], space.upper[j]);
      const added = this.extend(grow, grow.nearest(target, 0), target, 0);
      if (added < 0) continue;
      const met = this.connect(meet, grow, added);
      if (met < 0) continue;
      const start_side = from_start.branch(grow === from_start ? added : met).reverse();
      const goal_side = from_goal.branch(grow === from_start ? met : added);
      const path = [...start_side, ...goal_side.slice(1)];
      return { ok: true, path, iterations: iteration, nodes: from_start.size + from_goal.size, reason: '' };
    }
    const nodes = from_start.size + from_goal.size;
    return failure(`no path found in ${this.options.max_iterations} iterations`, this.options.max_iterations, nodes);
  }

  /** Grows `tree` from a node towards a point by at most the range; index of the new node, or −1 if blocked. */
  private extend(tree: Tree, from: number, to: Float64Array, offset: number): number {
    const { next, checker } = this;
    const n = checker.space.n;
    const at = n * from;
    const gap = distance(tree.q, at, to, offset, n);
    const t = gap > this.options.range_rad ? this.options.range_rad / gap : 1;
    for (let j = 0; j < n; j++)
      next[j] = t === 1 ? to[offset + j] : tree.q[at + j] + t * (to[offset + j] - tree.q[at + j]);
    return checker.free(tree.q, at, next, 0) ? tree.add(next, 0, from) : -1;
  }

  /** Grows `tree` to node `index` of the other tree; index of its node at that very place, or −1 if blocked. */
  private connect(tree: Tree, other: Tree, index: number): number {
    const offset = this.checker.space.n * index;
    let node = tree.nearest(other.q, offset);
    while (tree.size < this.options.max_nodes) {
      node = this.extend(tree, node, other.q, offset);
      if (node < 0 || distance(tree.q, this.checker.space.n * node, other.q, offset, this.checker.space.n) === 0)
        return node;
    }
    return -1;
  }
}

function failure(reason: string, iterations: number, nodes: number): RrtResult {
  return { ok: false, path: [], iterations, nodes, reason };
}
