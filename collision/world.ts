import type { ConvexMesh, Pose, Shape, Vector3 } from '../contracts/index.ts';
import { quaternionToMatrix } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { ConvexSet, CYLINDER } from './convex.ts';
import { DistanceQuery } from './distance_query.ts';
import { Gjk } from './gjk.ts';
import { LinkShapes } from './link_shapes.ts';
import type { Proximity, ProximityTable } from './proximity.ts';
import { heldPairs, linkDistance, selectSelfPairs } from './self_pairs.ts';

/** A thing to stay away from: pose of its shape, frame world; grown by `padding_m` (default 0) on all sides. */
export interface Obstacle {
  readonly name: string;
  readonly shape: Shape | ConvexMesh;
  readonly pose: Pose;
  readonly padding_m?: number;
}

export interface CollisionOptions {
  /** Most obstacles the world has room for. Default 32. */
  readonly max_obstacles?: number;
}

/**
 * Collision checks of one robot among convex obstacles: spheres about links, then about their shapes, by exact distance
 * to the obstacles; what remains goes to GJK, which remembers a separating axis per pair. Owns all its scratch; a check
 * allocates nothing. Not shared between episodes: the remembered axes are state (they change speed, not answers).
 */
export class CollisionWorld {
  readonly robot: Robot;
  /** Checks made since construction. */
  checks = 0;
  private readonly gjk = new Gjk();
  private readonly links: LinkShapes;
  private readonly max_obstacles: number;
  private readonly obstacles: ConvexSet;
  private obstacle_names: string[] = [];
  private readonly allowed: Uint8Array;
  private readonly obstacle_axes: Float64Array;
  /** Pairs of links, two entries each, the held object's last; where each one's axes begin. */
  private readonly pairs: Int32Array;
  private readonly pair_axes: Float64Array;
  private readonly pair_axis_start: Int32Array;
  private readonly own_pairs: number;
  private readonly tool_lower = new Float64Array(3).fill(Number.NEGATIVE_INFINITY);
  private readonly tool_upper = new Float64Array(3).fill(Number.POSITIVE_INFINITY);
  /** Made when distances are first asked for; what it must know until then is kept here. */
  private query: DistanceQuery | null = null;
  private listed: readonly Obstacle[] = [];
  private held: { readonly shape: Shape | ConvexMesh; readonly T: Float64Array; readonly padding_m: number } | null =
    null;
  private hit_a = -1;
  private hit_b = -1;
  private hit_kind: 'obstacle' | 'self' | 'box' = 'self';

  constructor(robot: Robot, options: CollisionOptions = {}) {
    this.robot = robot;
    this.max_obstacles = options.max_obstacles ?? 32;
    this.links = new LinkShapes(robot);
    this.obstacles = new ConvexSet(this.max_obstacles);
    this.allowed = new Uint8Array(this.links.names.length * this.max_obstacles);
    this.obstacle_axes = new Float64Array(3 * this.links.shapes.count * this.max_obstacles);
    const own = selectSelfPairs(robot, this.links, this.gjk);
    this.own_pairs = own.length / 2;
    this.pairs = Int32Array.from([...own, ...heldPairs(this.links)]);
    this.pair_axis_start = new Int32Array(this.pairs.length / 2);
    let axes = 0;
    for (let k = 0; k < this.pair_axis_start.length; k++) {
      this.pair_axis_start[k] = axes;
      axes += 3 * this.links.shapeCount(this.pairs[2 * k]) * this.links.shapeCount(this.pairs[2 * k + 1]);
    }
    this.pair_axes = new Float64Array(axes);
  }

  /** Distance at which two bodies count as touching (m). */
  get margin_m(): number {
    return this.gjk.margin_m;
  }

  set margin_m(value: number) {
    this.gjk.margin_m = value;
  }

  /**
   * Replaces all obstacles; contacts allowed before are forgotten. RangeError if there are more than `max_obstacles`.
   */
  setObstacles(obstacles: readonly Obstacle[]): void {
    if (obstacles.length > this.max_obstacles) {
      throw new RangeError(`${obstacles.length} obstacles; this world was made for ${this.max_obstacles}`);
    }
    this.obstacles.clear();
    this.allowed.fill(0);
    this.obstacle_axes.fill(0);
    this.pair_axes.fill(0);
    this.obstacle_names = obstacles.map((obstacle) => obstacle.name);
    this.listed = obstacles;
    this.query?.setObstacles(obstacles);
    for (const { shape, pose, padding_m } of obstacles) {
      const at = 12 * this.obstacles.add(shape, padding_m ?? 0);
      quaternionToMatrix(pose.orientation, 0, this.obstacles.pose, at);
      this.obstacles.pose.set(pose.position, at + 9);
    }
  }

  /** Whether a link (or HELD) may touch an obstacle. RangeError for an unknown name. */
  allow(link: string, obstacle: string, may_touch = true): void {
    const o = this.obstacle_names.indexOf(obstacle);
    if (o < 0) throw new RangeError(`obstacle ${obstacle} is not one of: ${this.obstacle_names.join(', ')}`);
    const index = this.links.names.indexOf(link);
    if (index < 0) throw new RangeError(`link ${link} has no collision shape`);
    this.allowed[index * this.max_obstacles + o] = may_touch ? 1 : 0;
    this.query?.allow(link, obstacle, may_touch);
  }

  /**
   * Holds an object: its shape moves with the tool frame, grown by `padding_m`.
   * @param T_tool_shape  rotation row-major 9 and position 3 (m)
   */
  attach(shape: Shape | ConvexMesh, T_tool_shape: Float64Array, padding_m = 0): void {
    this.links.hold(shape, T_tool_shape, padding_m);
    this.held = { shape, T: T_tool_shape.slice(), padding_m };
    this.query?.attach(shape, T_tool_shape, padding_m);
  }

  /** Lets go of the held object. */
  detach(): void {
    this.links.holding = false;
    this.held = null;
    this.query?.detach();
  }

  /** Keeps the tool frame's origin inside a box (m, frame world); outside it counts as a collision. */
  setToolBox(lower_m: Vector3, upper_m: Vector3): void {
    this.tool_lower.set(lower_m);
    this.tool_upper.set(upper_m);
  }

  /** Sets the distance between the fingers for the checks that follow. */
  setGripperWidth(width_m: number): void {
    const { gripper } = this.robot;
    if (gripper === null) return;
    this.links.q[gripper.coordinate] = width_m / 2;
    this.query?.setFinger(gripper.coordinate, width_m / 2);
  }

  /**
   * True if the robot touches an obstacle or itself, comes closer than the margin, or leaves the tool box.
   * @param q  positions of the arm joints from `offset` on (rad)
   */
  collides(q: Float64Array, offset = 0): boolean {
    const { links } = this;
    this.checks++;
    links.forward(q, offset);
    if (this.leavesToolBox()) return this.hit(-1, -1, 'box');
    const { count } = links;
    for (let link = count - 1; link >= 0; link--) links.placeLink(link);
    for (let link = count - 1; link >= 0; link--) {
      if (links.body[link] >= 0 && this.linkTouchesObstacle(link)) return true;
    }
    return this.touchesItself();
  }

  /** Names of the two bodies found touching by the last `collides` that returned true. */
  lastContact(): readonly [string, string] {
    const { hit_kind, hit_a, hit_b } = this;
    if (hit_kind === 'box') return ['tool', 'edge of the workspace'];
    const { names } = this.links;
    return [names[hit_a] ?? '', (hit_kind === 'obstacle' ? this.obstacle_names : names)[hit_b] ?? ''];
  }

  /** Smallest distance of the robot to obstacles and itself (m), 0 in contact; slow, for judging and tests. */
  clearance(q: Float64Array, offset = 0): number {
    const { links, obstacles, gjk, pairs } = this;
    links.forward(q, offset);
    let least = Number.POSITIVE_INFINITY;
    for (let link = 0; link < links.count; link++) {
      if (links.body[link] < 0) continue;
      for (let shape = links.first[link]; shape < links.first[link + 1]; shape++) {
        links.placeShape(shape);
        for (let o = 0; o < obstacles.count; o++) {
          if (this.allowed[link * this.max_obstacles + o]) continue;
          least = Math.min(least, gjk.distance(links.shapes, shape, obstacles, o));
        }
      }
    }
    const checked = links.holding ? pairs.length : 2 * this.own_pairs;
    for (let k = 0; k < checked; k += 2) least = Math.min(least, linkDistance(links, gjk, pairs[k], pairs[k + 1]));
    return least;
  }

  /**
   * The nearest pair of robot and obstacles, or of the robot's links, with its signed distance, points and derivative.
   * False if none is within `reach_m` (`out` then says Infinity). Contacts allowed do not count; the margin does not enter.
   */
  nearest(q: Float64Array, offset: number, reach_m: number, out: Proximity): boolean {
    return (this.query ?? this.startQuery()).nearest(q, offset, reach_m, out);
  }

  /** As `nearest`, for every link against the obstacles and every checked pair of links, into a row each. */
  distances(q: Float64Array, offset: number, reach_m: number, table: ProximityTable): void {
    (this.query ?? this.startQuery()).distances(q, offset, reach_m, table);
  }

  /** A table for `distances`. */
  proximityTable(): ProximityTable {
    return (this.query ?? this.startQuery()).table();
  }

  private startQuery(): DistanceQuery {
    const { links, listed, held, pairs, allowed, max_obstacles } = this;
    const named = Array.from({ length: pairs.length / 2 }, (_, k) => {
      return [links.names[pairs[2 * k]], links.names[pairs[2 * k + 1]]] as const;
    });
    const query = new DistanceQuery(this.robot, named);
    query.setObstacles(listed);
    links.names.forEach((link, l) => {
      listed.forEach(({ name }, o) => {
        if (allowed[l * max_obstacles + o]) query.allow(link, name, true);
      });
    });
    if (held !== null) query.attach(held.shape, held.T, held.padding_m);
    const { gripper } = this.robot;
    if (gripper !== null) query.setFinger(gripper.coordinate, links.q[gripper.coordinate]);
    this.query = query;
    return query;
  }

  /** Links whose mutual contact is checked, for people. */
  checkedPairs(): (readonly [string, string])[] {
    const { names } = this.links;
    return Array.from({ length: this.own_pairs }, (_, k) => {
      return [names[this.pairs[2 * k]], names[this.pairs[2 * k + 1]]] as const;
    });
  }

  private leavesToolBox(): boolean {
    const { tool_lower, tool_upper } = this;
    const { tool_pose } = this.links;
    for (let k = 0; k < 3; k++) if (tool_pose[9 + k] < tool_lower[k] || tool_pose[9 + k] > tool_upper[k]) return true;
    return false;
  }

  private linkTouchesObstacle(link: number): boolean {
    const { obstacles, allowed, max_obstacles, links, gjk, obstacle_axes } = this;
    const { shapes, first } = links;
    for (let o = 0; o < obstacles.count; o++) {
      if (allowed[link * max_obstacles + o]) continue;
      if (this.beyond(links.centre, 3 * link, links.bound, link, o)) continue;
      for (let shape = first[link]; shape < first[link + 1]; shape++) {
        links.placeCentre(shape);
        if (this.beyond(shapes.pose, 12 * shape + 9, shapes.bound, shape, o)) continue;
        links.placeShape(shape);
        if (gjk.closer(shapes, shape, obstacles, o, obstacle_axes, 3 * (shape * max_obstacles + o))) {
          return this.hit(link, o, 'obstacle');
        }
      }
    }
    return false;
  }

  /** True if a sphere (centre at `at`, radius number k of `radii`) is further than the margin from obstacle o. */
  private beyond(point: Float64Array, at: number, radii: Float64Array, k: number, o: number): boolean {
    const { kind, half: H, pose: P, rounding } = this.obstacles;
    const reach = radii[k] + rounding[o] + this.gjk.margin_m;
    const b = 12 * o;
    const h = 3 * o;
    const dx = point[at] - P[b + 9];
    const dy = point[at + 1] - P[b + 10];
    const dz = point[at + 2] - P[b + 11];
    const w = Math.max(0, Math.abs(P[b + 2] * dx + P[b + 5] * dy + P[b + 8] * dz) - H[h + 2]);
    if (w > reach) return true;
    let u = P[b] * dx + P[b + 3] * dy + P[b + 6] * dz;
    let v = P[b + 1] * dx + P[b + 4] * dy + P[b + 7] * dz;
    if (kind[o] === CYLINDER) {
      u = Math.max(0, Math.sqrt(u * u + v * v) - H[h]);
      v = 0;
    } else {
      u = Math.max(0, Math.abs(u) - H[h]);
      v = Math.max(0, Math.abs(v) - H[h + 1]);
    }
    return u * u + v * v + w * w > reach * reach;
  }

  private touchesItself(): boolean {
    const { pairs, pair_axis_start, links } = this;
    const { centre, bound } = links;
    const checked = links.holding ? pairs.length : 2 * this.own_pairs;
    for (let k = 0; k < checked; k += 2) {
      const a = pairs[k];
      const b = pairs[k + 1];
      if (this.near(centre, 3 * a, 3 * b, bound, a, b) && this.linksTouch(a, b, pair_axis_start[k >> 1])) return true;
    }
    return false;
  }

  private linksTouch(a: number, b: number, axis_start: number): boolean {
    const { links, gjk, pair_axes } = this;
    const { first, shapes } = links;
    let axis = axis_start;
    for (let i = first[a]; i < first[a + 1]; i++) {
      links.placeCentre(i);
      for (let j = first[b]; j < first[b + 1]; j++) {
        links.placeCentre(j);
        if (this.near(shapes.pose, 12 * i + 9, 12 * j + 9, shapes.bound, i, j)) {
          links.placeShape(i);
          links.placeShape(j);
          if (gjk.closer(shapes, i, shapes, j, pair_axes, axis)) return this.hit(a, b, 'self');
        }
        axis += 3;
      }
    }
    return false;
  }

  /** True if two spheres (centres at `at_i` and `at_j`, radii i and j) are not further apart than the margin. */
  private near(centres: Float64Array, at_i: number, at_j: number, radii: Float64Array, i: number, j: number): boolean {
    const dx = centres[at_i] - centres[at_j];
    const dy = centres[at_i + 1] - centres[at_j + 1];
    const dz = centres[at_i + 2] - centres[at_j + 2];
    const reach = radii[i] + radii[j] + this.gjk.margin_m;
    return dx * dx + dy * dy + dz * dz <= reach * reach;
  }

  /** Notes what touches, for `lastContact`. */
  private hit(a: number, b: number, kind: 'obstacle' | 'self' | 'box'): true {
    this.hit_a = a;
    this.hit_b = b;
    this.hit_kind = kind;
    return true;
  }
}
