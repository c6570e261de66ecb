import type { ConvexMesh, Shape } from '../contracts/index.ts';
import { quaternionToMatrix } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { ConvexSet } from './convex.ts';
import { HELD } from './link_shapes.ts';
import { NearestSearch } from './nearest_search.ts';
import { PlacedShapes } from './placed_shapes.ts';
import { type Proximity, ProximityTable } from './proximity.ts';
import type { Obstacle } from './world.ts';

/**
 * Signed distances of one robot to obstacles and to itself, with derivatives by the joints: the safety side of
 * CollisionWorld, which keeps it in step. Owns its scratch; `nearest` and `distances` allocate nothing.
 */
export class DistanceQuery {
  private readonly robot: Robot;
  private readonly placed: PlacedShapes;
  /** Pairs of links, two entries each. */
  private readonly pairs: Int32Array;
  private readonly pair_allowed: Uint8Array;
  private readonly search: NearestSearch;
  private obstacle_names: readonly string[] = [];
  /** What was nearest at the last `nearest` (shape, obstacle or other shape, other link): a first bound, no more. */
  private last_shape = -1;
  private last_other = -1;
  private last_link = -1;

  /** @param pairs  links whose mutual distance counts, by name (the held object's among them) */
  constructor(robot: Robot, pairs: readonly (readonly [string, string])[]) {
    this.robot = robot;
    this.placed = new PlacedShapes(robot);
    this.pairs = Int32Array.from(pairs.flatMap(([a, b]) => [this.placed.link(a), this.placed.link(b)]));
    this.pair_allowed = new Uint8Array(this.pairs.length / 2);
    this.search = new NearestSearch(this.placed, this.pairs);
  }

  /** Replaces all obstacles; contacts allowed before are forgotten. */
  setObstacles(obstacles: readonly Obstacle[]): void {
    const { search, placed } = this;
    const count = obstacles.length;
    if (count > search.obstacles.capacity) search.obstacles = new ConvexSet(2 * count);
    const set = search.obstacles;
    set.clear();
    for (const { shape, pose, padding_m } of obstacles) {
      const at = 12 * set.add(shape, padding_m ?? 0);
      quaternionToMatrix(pose.orientation, 0, set.pose, at);
      set.pose.set(pose.position, at + 9);
    }
    search.allowed = new Uint8Array(placed.names.length * count);
    search.obstaclesChanged();
    this.obstacle_names = obstacles.map(({ name }) => name);
    this.last_shape = -1;
  }

  allow(link: string, obstacle: string, may_touch: boolean): void {
    const { obstacle_names, placed, pairs, pair_allowed } = this;
    this.last_shape = -1;
    if (obstacle === HELD) {
      const ends = [placed.link(link), placed.link(HELD)];
      for (let k = 0; k < pairs.length; k += 2) {
        if (ends.includes(pairs[k]) && ends.includes(pairs[k + 1])) pair_allowed[k >> 1] = may_touch ? 1 : 0;
      }
      return;
    }
    for (let o = obstacle_names.indexOf(obstacle); o >= 0; o = obstacle_names.indexOf(obstacle, o + 1)) {
      this.search.allowed[placed.link(link) * obstacle_names.length + o] = may_touch ? 1 : 0;
    }
  }

  attach(shape: Shape | ConvexMesh, T_tool_shape: Float64Array, padding_m: number): void {
    this.placed.hold(shape, T_tool_shape, padding_m);
    this.pair_allowed.fill(0);
    this.last_shape = -1;
  }

  detach(): void {
    this.placed.holding = false;
    this.last_shape = -1;
  }

  /** Sets the coordinate of the gripper (m). */
  setFinger(coordinate: number, value: number): void {
    this.placed.q[coordinate] = value;
  }

  /** A table for `distances`. */
  table(): ProximityTable {
    const { names } = this.placed;
    const pairs = Array.from({ length: this.pairs.length / 2 }, (_, k) => {
      return [names[this.pairs[2 * k]], names[this.pairs[2 * k + 1]]] as const;
    });
    return new ProximityTable(names, pairs, this.robot.arm_joints);
  }

  /**
   * The nearest pair within `reach_m`, written to `out`; false (and distance Infinity) if there is none. Of a position that
   * is no number nothing is known: true, and the distance is −Infinity.
   */
  nearest(q: Float64Array, offset: number, reach_m: number, out: Proximity): boolean {
    const { placed, pair_allowed, search } = this;
    const { best } = search;
    placed.place(q, offset);
    search.begin();
    best[0] = reach_m;
    if (this.last_shape >= 0) search.narrow(this.last_shape, this.last_other, this.last_link);
    for (let link = 0; link < placed.count; link++) search.addObstacles(link);
    for (let pair = 0; pair < pair_allowed.length; pair++) if (this.counts(pair)) search.addPair(pair);
    const known = this.isFinite();
    const found = search.run() && known;
    this.last_shape = search.shape;
    this.last_other = search.other;
    this.last_link = search.link_b;
    out.distance_m = found ? best[0] : known ? Infinity : -Infinity;
    out.a = found ? placed.names[search.link_a] : '';
    out.b = found ? this.otherName() : '';
    for (let k = 0; k < 3; k++) {
      out.point_a[k] = found ? best[1 + k] : 0;
      out.point_b[k] = found ? best[4 + k] : 0;
      out.normal[k] = found ? best[7 + k] : 0;
    }
    out.gradient.fill(0);
    if (!found) return !known;
    placed.addMotion(search.link_a, out.point_a, out.normal, 0, 1, out.gradient, 0);
    if (search.link_b >= 0) placed.addMotion(search.link_b, out.point_b, out.normal, 0, -1, out.gradient, 0);
    return true;
  }

  /** Every link's nearest obstacle and every checked pair of links, as far as within `reach_m`; no numbers as in `nearest`. */
  distances(q: Float64Array, offset: number, reach_m: number, table: ProximityTable): void {
    const { placed, search } = this;
    const { best } = search;
    placed.place(q, offset);
    const known = this.isFinite();
    const { gradient, normal, arm_joints } = table;
    for (let row = 0; row < table.rows; row++) {
      if (table.wanted[row] === 0) continue;
      const pair = row - table.links;
      search.begin();
      best[0] = reach_m;
      if (pair < 0 && row < placed.count) search.addObstacles(row);
      else if (pair >= 0 && this.counts(pair)) search.addPair(pair);
      const found = search.run() && known;
      table.b[row] = found ? this.otherName() : '';
      for (let k = 0; k < 3; k++) {
        table.point_a[3 * row + k] = found ? best[1 + k] : 0;
        table.point_b[3 * row + k] = found ? best[4 + k] : 0;
        table.normal[3 * row + k] = found ? best[7 + k] : 0;
      }
      table.distance_m[row] = found ? best[0] : known ? Infinity : -Infinity;
      for (let k = arm_joints * row; k < arm_joints * (row + 1); k++) gradient[k] = 0;
      if (!found) continue;
      placed.addMotion(search.link_a, table.point_a, normal, 3 * row, 1, gradient, arm_joints * row);
      if (pair >= 0) placed.addMotion(search.link_b, table.point_b, normal, 3 * row, -1, gradient, arm_joints * row);
    }
  }

  /** True if the position placed last is one. */
  private isFinite(): boolean {
    const { q } = this.placed;
    let sum = 0;
    for (let j = 0; j < this.robot.arm_joints; j++) sum += q[j];
    return sum - sum === 0;
  }

  private otherName(): string {
    const { link_b, other } = this.search;
    return link_b >= 0 ? this.placed.names[link_b] : this.obstacle_names[other];
  }

  /** True if a pair of links counts now: its contact is not allowed, and what it is of is there. */
  private counts(pair: number): boolean {
    const { placed, pairs, pair_allowed } = this;
    return pair_allowed[pair] === 0 && pairs[2 * pair] < placed.count && pairs[2 * pair + 1] < placed.count;
  }
}
