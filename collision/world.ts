import type { ConvexMesh, Pose, Shape, Vector3 } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { ContactChecker } from './contact_checker.ts';
import { DistanceQuery } from './distance_query.ts';
import type { ElementTree } from './element_tree.ts';
import { HELD, type LinkShapes } from './link_shapes.ts';
import type { Proximity, ProximityTable } from './proximity.ts';
import { SegmentCheck } from './segment_check.ts';
import { linkDistance } from './self_pairs.ts';

/** A thing to stay away from: pose of its shape, frame world; grown by `padding_m` (default 0) on all sides. */
export interface Obstacle {
  readonly name: string;
  readonly shape: Shape | ConvexMesh | ElementTree;
  readonly pose: Pose;
  readonly padding_m?: number;
}

export interface CollisionOptions {
  /** Obstacles that room is made for at once; more make more room. Default 32. */
  readonly max_obstacles?: number;
}

/**
 * Collision checks of one robot among convex obstacles: by spheres about links and shapes and fitted to them, and what
 * these leave open exactly, by GJK on the hulls. Owns all its scratch; a check allocates nothing. Not shared between
 * episodes: remembered axes are state (they change speed, not answers).
 */
export class CollisionWorld {
  readonly robot: Robot;
  /** Checks made since construction. */
  checks = 0;
  /** Rises with every change of obstacles, held object, fingers or allowed contacts: what was measured before is void. */
  revision = 0;
  private readonly checker: ContactChecker;
  private readonly links: LinkShapes;
  private readonly segments: SegmentCheck;
  /** Made when distances are first asked for; what it must know until then is kept here. */
  private query: DistanceQuery | null = null;
  private listed: readonly Obstacle[] = [];
  /** x y z radius of the ball about a shape. */
  private readonly ball = new Float64Array(4);
  private held: { readonly shape: Shape | ConvexMesh; readonly T: Float64Array; readonly padding_m: number } | null =
    null;

  constructor(robot: Robot, options: CollisionOptions = {}) {
    this.robot = robot;
    this.checker = new ContactChecker(robot, options.max_obstacles ?? 32);
    this.links = this.checker.links;
    this.segments = new SegmentCheck(this.checker);
  }

  /** Distance at which two bodies count as touching (m). */
  get margin_m(): number {
    return this.checker.gjk.margin_m;
  }

  set margin_m(value: number) {
    this.checker.gjk.margin_m = value;
  }

  /**
   * Replaces all obstacles; contacts allowed before are forgotten. RangeError if a number of one is not finite: then the
   * world stays as it was.
   */
  setObstacles(obstacles: readonly Obstacle[]): void {
    this.checker.obstacles.set(obstacles);
    this.revision++;
    this.checker.pair_axes.fill(0);
    this.listed = obstacles;
    this.query?.setObstacles(obstacles);
  }

  /**
   * Whether a link (or HELD) may touch the obstacles of a name, or a link the held object (HELD): that until another is
   * held. RangeError for an unknown name.
   */
  allow(link: string, obstacle: string, may_touch = true): void {
    this.revision++;
    const index = this.links.names.indexOf(link);
    if (index < 0) throw new RangeError(`link ${link} has no collision shape`);
    if (obstacle === HELD) this.checker.allowHeld(index, may_touch);
    else this.checker.obstacles.allow(index, obstacle, may_touch);
    this.query?.allow(link, obstacle, may_touch);
  }

  /**
   * Holds an object: its shape moves with the tool frame, grown by `padding_m`.
   * @param T_tool_shape  rotation row-major 9 and position 3 (m)
   */
  attach(shape: Shape | ConvexMesh, T_tool_shape: Float64Array, padding_m = 0): void {
    this.revision++;
    this.links.hold(shape, T_tool_shape, padding_m);
    this.checker.pair_allowed.fill(0);
    this.checker.reach.update();
    this.checker.obstacles.reachChanged();
    this.held = { shape, T: T_tool_shape.slice(), padding_m };
    this.query?.attach(shape, T_tool_shape, padding_m);
  }

  /** Lets go of the held object. */
  detach(): void {
    this.revision++;
    this.links.holding = false;
    this.held = null;
    this.query?.detach();
  }

  /** Keeps the tool frame's origin inside a box (m, frame world); outside it counts as a collision. */
  setToolBox(lower_m: Vector3, upper_m: Vector3): void {
    this.checker.tool_lower.set(lower_m);
    this.checker.tool_upper.set(upper_m);
    this.checker.boxed = true;
  }

  /** Sets the distance between the fingers for the checks that follow. */
  setGripperWidth(width_m: number): void {
    const { gripper } = this.robot;
    if (gripper === null) return;
    this.revision++;
    this.links.q[gripper.coordinate] = width_m / 2;
    this.query?.setFinger(gripper.coordinate, width_m / 2);
  }

  /**
   * True if the robot touches an obstacle or itself, comes closer than the margin, or leaves the tool box.
   * @param q  positions of the arm joints from `offset` on (rad)
   */
  collides(q: Float64Array, offset = 0): boolean {
    this.checks++;
    return this.checker.collides(q, offset);
  }

  /**
   * True if the straight segment from the arm joints at `ao` of a to those at `bo` of b is free everywhere in between, by
   * bounds of motion and without sampling (see SegmentCheck); b is checked, a is not. Bare bodies stay apart by half the
   * padding and margin, and without either overlap by less than 0.02 mm.
   */
  segmentFree(a: Float64Array, ao: number, b: Float64Array, bo: number): boolean {
    return this.segments.free(a, ao, b, bo);
  }

  /** True if a polyline is free, its ends included. */
  pathFree(path: readonly Float64Array[]): boolean {
    if (path.length === 0 || this.collides(path[0])) return false;
    for (let i = 1; i < path.length; i++) if (!this.segmentFree(path[i - 1], 0, path[i], 0)) return false;
    return true;
  }

  /** Names of the two bodies found touching by the last check that was not free. */
  lastContact(): readonly [string, string] {
    const { hit_kind, hit_a, hit_b, obstacles } = this.checker;
    if (hit_kind === 'box') return ['tool', 'edge of the workspace'];
    const { names } = this.links;
    return [names[hit_a] ?? '', (hit_kind === 'obstacle' ? obstacles.names : names)[hit_b] ?? ''];
  }

  /** Smallest distance of the robot to obstacles and itself (m), 0 in contact; slow, for judging and tests. */
  clearance(q: Float64Array, offset = 0): number {
    const { links, obstacles, gjk, contacts, pairs, pair_allowed, checked } = this.checker;
    links.forward(q, offset);
    let least = Number.POSITIVE_INFINITY;
    for (let link = 0; link < links.count; link++) {
      if (links.body[link] < 0) continue;
      for (let shape = links.first[link]; shape < links.first[link + 1]; shape++) {
        links.placeShape(shape);
        for (let k = 0; k < 3; k++) this.ball[k] = links.shapes.pose[12 * shape + 9 + k];
        this.ball[3] = links.shapes.bound[shape];
        for (let o = 0; o < obstacles.count; o++) {
          if (obstacles.allows(link, o) || obstacles.beyond(o, this.ball, 0, least + ROUNDING_M)) continue;
          least = Math.min(least, contacts.distance(shape, o));
        }
      }
    }
    for (let k = 0; k < checked; k += 2) {
      if (pair_allowed[k >> 1] === 0) least = linkDistance(links, gjk, pairs[k], pairs[k + 1], least);
    }
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
    const { links, listed, held } = this;
    const { pairs, obstacles } = this.checker;
    const named = Array.from({ length: pairs.length / 2 }, (_, k) => {
      return [links.names[pairs[2 * k]], links.names[pairs[2 * k + 1]]] as const;
    });
    const query = new DistanceQuery(this.robot, named);
    query.setObstacles(listed);
    links.names.forEach((link, l) => {
      listed.forEach(({ name }, o) => {
        if (obstacles.allows(l, o)) query.allow(link, name, true);
      });
    });
    if (held !== null) query.attach(held.shape, held.T, held.padding_m);
    links.names.forEach((link, l) => {
      if (this.checker.allowsHeld(l)) query.allow(link, HELD, true);
    });
    const { gripper } = this.robot;
    if (gripper !== null) query.setFinger(gripper.coordinate, links.q[gripper.coordinate]);
    this.query = query;
    return query;
  }

  /** Links whose mutual contact is checked, for people. */
  checkedPairs(): (readonly [string, string])[] {
    const { pairs, own_pairs } = this.checker;
    const { names } = this.links;
    return Array.from({ length: own_pairs }, (_, k) => [names[pairs[2 * k]], names[pairs[2 * k + 1]]] as const);
  }
}

/** Added where balls decide that others are nearer (m). */
const ROUNDING_M = 1e-9;
