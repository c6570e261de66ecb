import { boxGap } from './box_gap.ts';
import { ConvexSet, CYLINDER, TREE } from './convex.ts';
import { ObstacleTree } from './obstacle_tree.ts';
import { PairQueue } from './pair_queue.ts';
import type { PlacedShapes } from './placed_shapes.ts';
import { SignedDistance } from './signed_distance.ts';
import { TreeQuery } from './tree_query.ts';

/** Obstacles beyond this number are found by a tree of boxes. */
const FEW = 24;
const OBSTACLE = -1;

/**
 * The nearest of many pairs of bodies: those that may be within reach are gathered with lower bounds, by spheres about
 * links and shapes, then taken in order of their bounds, which boxes about both raise first, and measured until the next
 * bound is above the least distance. What it finds does not depend on what it found before. Allocates nothing once warm.
 */
export class NearestSearch {
  /** Least distance found (m, at first the reach), and the points on a and b and the normal it stands between, 3 each. */
  readonly best = new Float64Array(10);
  /** Shape of the robot found, −1 if none; obstacle or other shape; both links, the second −1 for an obstacle. */
  shape = -1;
  other = -1;
  link_a = -1;
  link_b = -1;
  obstacles = new ConvexSet(0);
  /** Obstacles that links may touch: number of the obstacle of each link in turn. */
  allowed = new Uint8Array(0);
  private tree: ObstacleTree | null = null;
  private readonly placed: PlacedShapes;
  /** Pairs of links, two entries each. */
  private readonly pairs: Int32Array;
  private readonly queue = new PairQueue();
  private readonly signed = new SignedDistance();
  private readonly trees = new TreeQuery();
  private readonly gap = new Float64Array(1);

  constructor(placed: PlacedShapes, pairs: Int32Array) {
    this.placed = placed;
    this.pairs = pairs;
  }

  /** To be called when obstacles were replaced. */
  obstaclesChanged(): void {
    const { obstacles } = this;
    this.tree = null;
    if (obstacles.count <= FEW) return;
    const { pose, half, rounding, count } = obstacles;
    const boxes = new Float64Array(6 * count);
    for (let o = 0; o < count; o++) {
      for (let k = 0; k < 3; k++) {
        let reach = rounding[o];
        for (let j = 0; j < 3; j++) reach += Math.abs(pose[12 * o + 3 * k + j]) * half[3 * o + j];
        boxes[6 * o + k] = pose[12 * o + 9 + k] - reach;
        boxes[6 * o + 3 + k] = pose[12 * o + 9 + k] + reach;
      }
    }
    this.tree = new ObstacleTree(boxes, count);
  }

  /** Begins anew, within a reach (m) written to best[0] by the caller. */
  begin(): void {
    this.queue.clear();
    this.shape = -1;
    this.link_b = -1;
  }

  /** Narrows the reach to the distance of one pair (`link_b` −1: an obstacle), without taking the pair itself. */
  narrow(shape: number, other: number, link_b: number): void {
    const others = link_b < 0 ? this.obstacles : this.placed.shapes;
    if (!this.measure(shape, others, other)) return;
    const { distance_m } = others.kind[other] === TREE ? this.trees : this.signed;
    this.best[0] = Math.min(this.best[0], distance_m + 1e-9);
  }

  /** Gathers the obstacles that may be near to a link. */
  addObstacles(link: number): void {
    const { placed, obstacles, tree, best } = this;
    if (placed.body[link] < 0) return;
    if (tree === null) {
      for (let o = 0; o < obstacles.count; o++) this.addObstacle(link, o);
      return;
    }
    const { bounds: B, skip, obstacle, nodes } = tree;
    const x = placed.centre[3 * link];
    const y = placed.centre[3 * link + 1];
    const z = placed.centre[3 * link + 2];
    const reach = Math.max(0, placed.bound[link] + best[0]);
    for (let node = 0; node < nodes; ) {
      const k = 6 * node;
      const u = Math.max(0, B[k] - x, x - B[k + 3]);
      const v = Math.max(0, B[k + 1] - y, y - B[k + 4]);
      const w = Math.max(0, B[k + 2] - z, z - B[k + 5]);
      if (u * u + v * v + w * w > reach * reach) {
        node = skip[node];
        continue;
      }
      const o = obstacle[node++];
      if (o >= 0) this.addObstacle(link, o);
    }
  }

  /** Gathers the shapes of a pair of links that may be near to each other. */
  addPair(pair: number): void {
    const { placed, queue, gap, best } = this;
    const { first, centre, bound, shapes } = placed;
    const a = this.pairs[2 * pair];
    const b = this.pairs[2 * pair + 1];
    if (between(centre, 3 * a, centre, 3 * b) - bound[a] - bound[b] > best[0]) return;
    const { pose, bound: radius } = shapes;
    for (let i = first[a]; i < first[a + 1]; i++) {
      for (let j = first[b]; j < first[b + 1]; j++) {
        gap[0] = between(pose, 12 * i + 9, pose, 12 * j + 9) - radius[i] - radius[j];
        if (gap[0] <= best[0]) queue.offer(i, j, pair, gap);
      }
    }
  }

  /** Measures what was gathered; true if something is within reach. */
  run(): boolean {
    const { queue, best, gap, placed } = this;
    const { shapes } = placed;
    queue.order();
    for (let n = queue.top(); n >= 0 && queue.bound[n] <= best[0]; n = queue.top()) {
      const shape = queue.a[n];
      const other = queue.b[n];
      const tag = queue.tag[n];
      const others = tag === OBSTACLE ? this.obstacles : shapes;
      if (queue.raised[n] === 0) {
        boxGap(shapes, shape, others, other, gap);
        queue.settle(gap);
        continue;
      }
      queue.drop();
      if (this.measure(shape, others, other)) this.take(shape, other, tag);
    }
    if (this.shape < 0) return false;
    this.link_a = this.linkOf(this.shape);
    return true;
  }

  private addObstacle(link: number, o: number): void {
    const { placed, obstacles, allowed, queue, gap, best } = this;
    if (allowed[link * obstacles.count + o] !== 0) return;
    this.sphereGap(placed.centre, 3 * link, o);
    if (gap[0] - placed.bound[link] > best[0]) return;
    const { first, shapes } = placed;
    for (let shape = first[link]; shape < first[link + 1]; shape++) {
      this.sphereGap(shapes.pose, 12 * shape + 9, o);
      gap[0] -= shapes.bound[shape];
      if (gap[0] <= best[0]) queue.offer(shape, o, OBSTACLE, gap);
    }
  }

  private measure(shape: number, others: ConvexSet, other: number): boolean {
    const { shapes } = this.placed;
    if (others.kind[other] === TREE) {
      this.trees.reach_m = this.best[0];
      return this.trees.nearest(shapes, shape, others, other);
    }
    this.signed.reach_m = this.best[0];
    return this.signed.measure(shapes, shape, others, other);
  }

  /** Takes over what was measured last if it is the first, or nearer than the best so far. */
  private take(shape: number, other: number, tag: number): void {
    const { best } = this;
    const found = tag === OBSTACLE && this.obstacles.kind[other] === TREE ? this.trees : this.signed;
    if (this.shape >= 0 && found.distance_m >= best[0]) return;
    best[0] = found.distance_m;
    for (let k = 0; k < 3; k++) {
      best[1 + k] = found.point_a[k];
      best[4 + k] = found.point_b[k];
      best[7 + k] = found.normal[k];
    }
    this.shape = shape;
    this.other = other;
    this.link_b = tag === OBSTACLE ? -1 : this.linkOf(other);
  }

  private linkOf(shape: number): number {
    const { first } = this.placed;
    let link = 0;
    while (first[link + 1] <= shape) link++;
    return link;
  }

  /** Writes the signed distance of a point from the box or cylinder about obstacle o, less its ball (m). */
  private sphereGap(point: Float64Array, at: number, o: number): void {
    const { kind, half, pose, rounding } = this.obstacles;
    const b = 12 * o;
    const h = 3 * o;
    const dx = point[at] - pose[b + 9];
    const dy = point[at + 1] - pose[b + 10];
    const dz = point[at + 2] - pose[b + 11];
    let u = pose[b] * dx + pose[b + 3] * dy + pose[b + 6] * dz;
    let v = pose[b + 1] * dx + pose[b + 4] * dy + pose[b + 7] * dz;
    const w = Math.abs(pose[b + 2] * dx + pose[b + 5] * dy + pose[b + 8] * dz) - half[h + 2];
    if (kind[o] === CYLINDER) {
      u = Math.sqrt(u * u + v * v) - half[h];
      v = u < 0 ? u : 0;
    } else {
      u = Math.abs(u) - half[h];
      v = Math.abs(v) - half[h + 1];
    }
    const inside = Math.max(u, v, w);
    let gap = inside;
    if (inside > 0) {
      u = Math.max(0, u);
      v = Math.max(0, v);
      const z = Math.max(0, w);
      gap = Math.sqrt(u * u + v * v + z * z);
    }
    this.gap[0] = gap - rounding[o];
  }
}

function between(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const dx = a[i] - b[j];
  const dy = a[i + 1] - b[j + 1];
  const dz = a[i + 2] - b[j + 2];
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}
