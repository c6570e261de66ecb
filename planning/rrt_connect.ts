import type { Rng } from '../contracts/index.ts';
import { distance, type EdgeChecker } from './configuration_space.ts';

export interface RrtOptions {
  /** Longest edge (rad, Euclidean over the joints). */
  readonly range_rad?: number;
  readonly max_iterations?: number;
  readonly max_nodes?: number;
}

/** How near the two trees came to each other when no path was found: positions of either, and their distance (rad). */
export interface ClosestApproach {
  readonly from_start: Float64Array;
  readonly from_goal: Float64Array;
  readonly gap_rad: number;
}

export interface RrtResult {
  readonly ok: boolean;
  /** Where it ended: an end in collision, or the search between the two. */
  readonly stage: 'start' | 'goal' | 'connect';
  /** Waypoints from start to goal; empty unless ok. */
  readonly path: readonly Float64Array[];
  readonly iterations: number;
  readonly nodes: number;
  readonly reason: string;
  /** Of a search that failed. */
  readonly closest?: ClosestApproach;
}

/** A tree of joint positions in flat arrays; nodes without a parent are roots. */
class Tree {
  readonly q: Float64Array;
  readonly parent: Int32Array;
  /** Distance from each node beyond which it is not grown (rad). */
  readonly domain: Float64Array;
  readonly n: number;
  size = 0;
  /** Squared distance that the last `nearest` found (rad²). */
  least2 = 0;

  constructor(n: number, capacity: number) {
    this.n = n;
    this.q = new Float64Array(n * capacity);
    this.parent = new Int32Array(capacity);
    this.domain = new Float64Array(capacity);
  }

  add(q: Float64Array, offset: number, parent: number): number {
    const at = this.n * this.size;
    for (let j = 0; j < this.n; j++) this.q[at + j] = q[offset + j];
    this.parent[this.size] = parent;
    this.domain[this.size] = Number.POSITIVE_INFINITY;
    return this.size++;
  }

  nearest(q: Float64Array, offset: number): number {
    const { n, q: nodes, size } = this;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0, at = 0; i < size; i++, at += n) {
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
    this.least2 = least;
    return best;
  }

  /** Positions from node i to its root. */
  branch(i: number): Float64Array[] {
    const points: Float64Array[] = [];
    for (let k = i; k >= 0; k = this.parent[k]) points.push(this.q.slice(this.n * k, this.n * k + this.n));
    return points;
  }
}

/** Part of the random positions that are drawn about a node, and how far from it at most in each joint (rad). */
const LOCAL_PART = 0.75;
const LOCAL_RAD = 3;
/** Domain of a node after its first blocked edge, its least (rad), and the part by which each edge changes it. */
const DOMAIN_RAD = 4;
const LEAST_DOMAIN_RAD = 1;
const DOMAIN_CHANGE = 1e-4;

/**
 * RRT-Connect (Kuffner and LaValle, ICRA 2000) with two trees kept of like size: the smaller one grows towards a random
 * position, the other connects to it. Nodes whose edges were blocked grow towards near positions only (dynamic domain,
 * Yershova et al., ICRA 2005; adapted as Jaillet et al., IROS 2005). The second tree has a root at every goal. Budget in
 * iterations; the same stream gives the same path. Owns its trees, to be used again.
 */
export class RrtConnect {
  private readonly checker: EdgeChecker;
  private readonly options: Required<RrtOptions>;
  private readonly from_start: Tree;
  private readonly from_goal: Tree;
  private readonly target: Float64Array;
  private readonly next: Float64Array;
  private closest_gap = Number.POSITIVE_INFINITY;
  private closest_start = 0;
  private closest_goal = 0;

  constructor(checker: EdgeChecker, options: RrtOptions = {}) {
    const n = checker.space.n;
    this.checker = checker;
    this.options = { range_rad: 0.5, max_iterations: 4000, max_nodes: 8000, ...options };
    this.from_start = new Tree(n, this.options.max_nodes);
    this.from_goal = new Tree(n, this.options.max_nodes);
    this.target = new Float64Array(n);
    this.next = new Float64Array(n);
  }

  /** @param goal  one position, or several of which any will do; those in collision are left out */
  plan(start: Float64Array, goal: Float64Array | readonly Float64Array[], rng: Rng): RrtResult {
    const { checker, from_start, from_goal, target } = this;
    const { space } = checker;
    if (space.collides(start)) return failure('start', 'the start is in collision', 0, 0);
    from_start.size = 0;
    from_goal.size = 0;
    this.closest_gap = Number.POSITIVE_INFINITY;
    from_start.add(start, 0, -1);
    const goals = goal instanceof Float64Array ? [goal] : goal;
    for (const each of goals) if (!space.collides(each)) from_goal.add(each, 0, -1);
    if (from_goal.size === 0) {
      return failure('goal', goals.length === 1 ? 'the goal is in collision' : 'every goal is in collision', 0, 0);
    }
    const met = this.connect(from_start, from_goal, from_goal.nearest(start, 0));
    if (met >= 0) return this.found(met, from_goal.nearest(from_start.q, space.n * met), 0);
    for (let iteration = 1; iteration <= this.options.max_iterations; iteration++) {
      const nodes = from_start.size + from_goal.size;
      if (Math.max(from_start.size, from_goal.size) > this.options.max_nodes - 64) {
        return this.notFound(`no path found before the trees held ${nodes} positions`, iteration);
      }
      const grow = from_start.size <= from_goal.size ? from_start : from_goal;
      const meet = grow === from_start ? from_goal : from_start;
      this.drawTarget(grow, rng);
      const near = grow.nearest(target, 0);
      const domain = grow.domain[near];
      if (grow.least2 > domain * domain) continue;
      const added = this.extend(grow, near, target, 0);
      if (added < 0) {
        grow.domain[near] = Math.max(LEAST_DOMAIN_RAD, Math.min(DOMAIN_RAD, domain * (1 - DOMAIN_CHANGE)));
        continue;
      }
      grow.domain[near] *= 1 + DOMAIN_CHANGE;
      const joined = this.connect(meet, grow, added);
      if (joined < 0) continue;
      return grow === from_start ? this.found(added, joined, iteration) : this.found(joined, added, iteration);
    }
    return this.notFound(`no path found in ${this.options.max_iterations} iterations`, this.options.max_iterations);
  }

  /** A random position: anywhere, or more often about a node of the tree, so that a tree in a narrow place has more to try. */
  private drawTarget(tree: Tree, rng: Rng): void {
    const { target } = this;
    const { n, lower, upper } = this.checker.space;
    if (rng.uniform() >= LOCAL_PART) {
      for (let j = 0; j < n; j++) target[j] = rng.range(lower[j], upper[j]);
      return;
    }
    const at = n * rng.int(tree.size);
    for (let j = 0; j < n; j++) {
      const drawn = tree.q[at + j] + rng.range(-LOCAL_RAD, LOCAL_RAD);
      target[j] = drawn < lower[j] ? lower[j] : drawn > upper[j] ? upper[j] : drawn;
    }
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
    const n = this.checker.space.n;
    const offset = n * index;
    let node = tree.nearest(other.q, offset);
    while (tree.size < this.options.max_nodes) {
      const gap = distance(tree.q, n * node, other.q, offset, n);
      if (gap === 0) return node;
      if (gap < this.closest_gap) {
        this.closest_gap = gap;
        this.closest_start = tree === this.from_start ? node : index;
        this.closest_goal = tree === this.from_start ? index : node;
      }
      node = this.extend(tree, node, other.q, offset);
      if (node < 0) return -1;
    }
    return -1;
  }

  private found(start_node: number, goal_node: number, iterations: number): RrtResult {
    const { from_start, from_goal } = this;
    const path = [...from_start.branch(start_node).reverse(), ...from_goal.branch(goal_node).slice(1)];
    if (path.length === 1) path.push(path[0].slice());
    return { ok: true, stage: 'connect', path, iterations, nodes: from_start.size + from_goal.size, reason: '' };
  }

  private notFound(reason: string, iterations: number): RrtResult {
    const { from_start, from_goal, closest_start, closest_goal, closest_gap } = this;
    const n = this.checker.space.n;
    const closest = {
      from_start: from_start.q.slice(n * closest_start, n * closest_start + n),
      from_goal: from_goal.q.slice(n * closest_goal, n * closest_goal + n),
      gap_rad: closest_gap,
    };
    return { ...failure('connect', reason, iterations, from_start.size + from_goal.size), closest };
  }
}

function failure(stage: RrtResult['stage'], reason: string, iterations: number, nodes: number): RrtResult {
  return { ok: false, stage, path: [], iterations, nodes, reason };
}
