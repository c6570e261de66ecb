import type { ConvexMesh, Shape } from '../contracts/index.ts';
import { quaternionToMatrix } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { ConvexSet, CYLINDER, TREE } from './convex.ts';
import { HELD } from './link_shapes.ts';
import { PlacedShapes } from './placed_shapes.ts';
import { type Proximity, ProximityTable } from './proximity.ts';
import { SignedDistance } from './signed_distance.ts';
import { TreeQuery } from './tree_query.ts';
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
  private readonly signed = new SignedDistance();
  private readonly trees = new TreeQuery();
  private obstacles = new ConvexSet(0);
  private obstacle_names: readonly string[] = [];
  private allowed = new Uint8Array(0);
  /** Shape of the robot, and obstacle or other shape, that were nearest at the last `nearest`: a first bound, no more. */
  private last_shape = -1;
  private last_other = -1;
  private last_is_pair = false;
  /** Smallest distance so far and what it stands between, in numbers: distance, points, normal. */
  private readonly best = new Float64Array(10);
  private best_shape = -1;
  private best_other = -1;

  /** @param pairs  links whose mutual distance counts, by name (the held object's among them) */
  constructor(robot: Robot, pairs: readonly (readonly [string, string])[]) {
    this.robot = robot;
    this.placed = new PlacedShapes(robot);
    this.pairs = Int32Array.from(pairs.flatMap(([a, b]) => [this.placed.link(a), this.placed.link(b)]));
    this.pair_allowed = new Uint8Array(this.pairs.length / 2);
  }

  /** Replaces all obstacles; contacts allowed before are forgotten. */
  setObstacles(obstacles: readonly Obstacle[]): void {
    const count = obstacles.length;
    if (count > this.obstacles.capacity) this.obstacles = new ConvexSet(2 * count);
    this.obstacles.clear();
    for (const { shape, pose, padding_m } of obstacles) {
      const at = 12 * this.obstacles.add(shape, padding_m ?? 0);
      quaternionToMatrix(pose.orientation, 0, this.obstacles.pose, at);
      this.obstacles.pose.set(pose.position, at + 9);
    }
    this.obstacle_names = obstacles.map(({ name }) => name);
    this.allowed = new Uint8Array(this.placed.names.length * count);
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
      this.allowed[placed.link(link) * obstacle_names.length + o] = may_touch ? 1 : 0;
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

  /** The nearest pair within `reach_m`, written to `out`; false (and distance Infinity) if there is none. */
  nearest(q: Float64Array, offset: number, reach_m: number, out: Proximity): boolean {
    const { placed, pairs, best } = this;
    placed.place(q, offset);
    this.best_shape = -1;
    best[0] = reach_m;
    if (this.last_shape >= 0) {
      const others = this.last_is_pair ? placed.shapes : this.obstacles;
      if (this.measure(this.last_shape, others, this.last_other)) {
        best[0] = Math.min(reach_m, this.measured(others, this.last_other).distance_m + 1e-9);
      }
    }
    let link_a = -1;
    let link_b = -1;
    for (let link = 0; link < placed.count; link++) if (this.toObstacles(link)) link_a = link;
    for (let k = 0; k < pairs.length; k += 2) {
      if (this.pair_allowed[k >> 1] !== 0 || !this.toLink(pairs[k], pairs[k + 1])) continue;
      link_a = pairs[k];
      link_b = pairs[k + 1];
    }
    out.gradient.fill(0);
    if (this.best_shape < 0) {
      out.distance_m = Infinity;
      out.a = '';
      out.b = '';
      out.point_a.fill(0);
      out.point_b.fill(0);
      out.normal.fill(0);
      this.last_shape = -1;
      return false;
    }
    this.last_shape = this.best_shape;
    this.last_other = this.best_other;
    this.last_is_pair = link_b >= 0;
    out.distance_m = best[0];
    out.a = placed.names[link_a];
    out.b = link_b >= 0 ? placed.names[link_b] : this.obstacle_names[this.best_other];
    for (let k = 0; k < 3; k++) {
      out.point_a[k] = best[1 + k];
      out.point_b[k] = best[4 + k];
      out.normal[k] = best[7 + k];
    }
    placed.addMotion(link_a, out.point_a, out.normal, 0, 1, out.gradient, 0);
    if (link_b >= 0) placed.addMotion(link_b, out.point_b, out.normal, 0, -1, out.gradient, 0);
    return true;
  }

  /** Every link's nearest obstacle and every checked pair of links, as far as within `reach_m`. */
  distances(q: Float64Array, offset: number, reach_m: number, table: ProximityTable): void {
    const { placed, pairs, best } = this;
    placed.place(q, offset);
    const { gradient, normal, arm_joints } = table;
    for (let row = 0; row < table.rows; row++) {
      if (table.wanted[row] === 0) continue;
      const pair = 2 * (row - table.links);
      const a = pair < 0 ? row : pairs[pair];
      const b = pair < 0 ? -1 : pairs[pair + 1];
      this.best_shape = -1;
      best[0] = reach_m;
      const held = placed.count;
      const free = pair >= 0 && this.pair_allowed[pair >> 1] !== 0;
      const found = !free && a < held && b < held && (pair < 0 ? this.toObstacles(a) : this.toLink(a, b));
      table.b[row] = found ? (pair < 0 ? this.obstacle_names[this.best_other] : placed.names[b]) : '';
      for (let k = 0; k < 3; k++) {
        table.point_a[3 * row + k] = found ? best[1 + k] : 0;
        table.point_b[3 * row + k] = found ? best[4 + k] : 0;
        table.normal[3 * row + k] = found ? best[7 + k] : 0;
      }
      table.distance_m[row] = found ? best[0] : Infinity;
      for (let k = arm_joints * row; k < arm_joints * (row + 1); k++) gradient[k] = 0;
      if (!found) continue;
      placed.addMotion(a, table.point_a, normal, 3 * row, 1, gradient, arm_joints * row);
      if (b >= 0) placed.addMotion(b, table.point_b, normal, 3 * row, -1, gradient, arm_joints * row);
    }
  }

  /** Looks for an obstacle nearer to a link than the best so far. */
  private toObstacles(link: number): boolean {
    const { placed, obstacles, allowed } = this;
    const { first, body } = placed;
    if (body[link] < 0) return false;
    let found = false;
    for (let shape = first[link]; shape < first[link + 1]; shape++) {
      for (let o = 0; o < obstacles.count; o++) {
        if (allowed[link * obstacles.count + o] !== 0 || this.beyond(shape, o)) continue;
        if (this.measure(shape, obstacles, o)) found = this.keep(shape, obstacles, o) || found;
      }
    }
    return found;
  }

  /** Looks for a pair of shapes of two links nearer than the best so far. */
  private toLink(a: number, b: number): boolean {
    const { placed, best } = this;
    const { shapes, first, count } = placed;
    const { pose, bound } = shapes;
    if (a >= count || b >= count) return false;
    let found = false;
    for (let i = first[a]; i < first[a + 1]; i++) {
      for (let j = first[b]; j < first[b + 1]; j++) {
        const dx = pose[12 * i + 9] - pose[12 * j + 9];
        const dy = pose[12 * i + 10] - pose[12 * j + 10];
        const dz = pose[12 * i + 11] - pose[12 * j + 11];
        if (Math.sqrt(dx * dx + dy * dy + dz * dz) - bound[i] - bound[j] > best[0]) continue;
        if (this.measure(i, shapes, j)) found = this.keep(i, shapes, j) || found;
      }
    }
    return found;
  }

  /** Measures a shape of the robot against another body, as far as the best so far. */
  private measure(shape: number, others: ConvexSet, other: number): boolean {
    const { shapes } = this.placed;
    if (others.kind[other] === TREE) {
      this.trees.reach_m = this.best[0];
      return this.trees.nearest(shapes, shape, others, other);
    }
    this.signed.reach_m = this.best[0];
    return this.signed.measure(shapes, shape, others, other);
  }

  private measured(others: ConvexSet, other: number): SignedDistance | TreeQuery {
    return others.kind[other] === TREE ? this.trees : this.signed;
  }

  /** Takes over what was measured last if it is nearer than the best so far, or the first. */
  private keep(shape: number, others: ConvexSet, other: number): boolean {
    const { best } = this;
    const signed = this.measured(others, other);
    if (this.best_shape >= 0 && signed.distance_m >= best[0]) return false;
    best[0] = signed.distance_m;
    for (let k = 0; k < 3; k++) {
      best[1 + k] = signed.point_a[k];
      best[4 + k] = signed.point_b[k];
      best[7 + k] = signed.normal[k];
    }
    this.best_shape = shape;
    this.best_other = other;
    return true;
  }

  /** True if the sphere about a shape is further from the box or cylinder about obstacle o than the best so far. */
  private beyond(shape: number, o: number): boolean {
    const { kind, half, pose, rounding } = this.obstacles;
    const { shapes } = this.placed;
    const b = 12 * o;
    const h = 3 * o;
    const dx = shapes.pose[12 * shape + 9] - pose[b + 9];
    const dy = shapes.pose[12 * shape + 10] - pose[b + 10];
    const dz = shapes.pose[12 * shape + 11] - pose[b + 11];
    let u = pose[b] * dx + pose[b + 3] * dy + pose[b + 6] * dz;
    let v = pose[b + 1] * dx + pose[b + 4] * dy + pose[b + 7] * dz;
    const w = Math.abs(pose[b + 2] * dx + pose[b + 5] * dy + pose[b + 8] * dz) - half[h + 2];
    if (kind[o] === CYLINDER) {
      u = Math.sqrt(u * u + v * v) - half[h];
      v = u;
    } else {
      u = Math.abs(u) - half[h];
      v = Math.abs(v) - half[h + 1];
    }
    const inside = Math.max(u, v, w);
    if (inside <= 0) return inside - shapes.bound[shape] - rounding[o] > this.best[0];
    if (kind[o] === CYLINDER) v = 0;
    u = Math.max(0, u);
    v = Math.max(0, v);
    const outside = Math.sqrt(u * u + v * v + Math.max(0, w) ** 2);
    return outside - shapes.bound[shape] - rounding[o] > this.best[0];
  }
}
