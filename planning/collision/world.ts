import { createRng, type Pose, type Shape, type Vector3 } from '../../contracts/index.ts';
import {
  type FrameModel,
  forwardKinematics,
  frameIndex,
  framePose,
  multiplyMatrices,
  quaternionToMatrix,
  RobotData,
  type RobotModel,
  rotate,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { ConvexSet, CYLINDER } from './convex.ts';
import { Gjk } from './gjk.ts';

/** A thing to stay away from: pose of its shape, frame world; grown by `padding_m` on all sides. */
export interface Obstacle {
  readonly name: string;
  readonly shape: Shape;
  readonly pose: Pose;
  readonly padding_m?: number;
}

export interface CollisionOptions {
  readonly max_obstacles?: number;
}

/** Name of the held object in allowed contacts and in reports. */
export const HELD = 'held object';

/**
 * Collision checks of one robot among convex obstacles: point-to-obstacle distance of every link shape's bounding sphere
 * first, GJK with a remembered axis per pair behind it. Owns all its scratch; a check allocates nothing. Not shared
 * between episodes: the remembered axes are state (they change speed, not answers).
 */
export class CollisionWorld {
  readonly robot: Robot;
  /** Checks made since construction. */
  checks = 0;
  private readonly data: RobotData;
  private readonly tool_index: number;
  private readonly tool: FrameModel;
  private readonly gjk = new Gjk();
  private readonly max_obstacles: number;
  /** Link shapes, those of a link together, then one place for a held object. */
  private readonly parts: ConvexSet;
  private readonly part_link: string[];
  /** Links with shapes, the held object last: first part of each (one entry more), and a sphere about its parts. */
  private readonly links: string[];
  private readonly first_part: Int32Array;
  private readonly link_body: Int32Array;
  private readonly link_local: Float64Array;
  private readonly link_bound: Float64Array;
  private readonly link_centre: Float64Array;
  private readonly part_body: Int32Array;
  private readonly part_local: Float64Array;
  private readonly held: number;
  private holding = false;
  /** All coordinates of the model; the arm's are written by every check. */
  private readonly point: Float64Array;
  /** Check at which a part's centre, and its rotation, was last written. */
  private readonly placed: Float64Array;
  private readonly posed: Float64Array;
  private readonly obstacles: ConvexSet;
  private obstacle_names: string[] = [];
  private readonly allowed: Uint8Array;
  private readonly obstacle_axes: Float64Array;
  /** Pairs of links, two entries each, the held object's last; where each one's axes begin. */
  private readonly pairs: Int32Array;
  private readonly pair_axes: Float64Array;
  private readonly pair_axis_start: Int32Array;
  private readonly own_pairs: number;
  private readonly tool_pose = new Float64Array(12);
  private readonly tool_lower = new Float64Array(3).fill(Number.NEGATIVE_INFINITY);
  private readonly tool_upper = new Float64Array(3).fill(Number.POSITIVE_INFINITY);
  private hit_a = -1;
  private hit_b = -1;
  private hit_kind: 'obstacle' | 'self' | 'box' = 'self';

  constructor(robot: Robot, options: CollisionOptions = {}) {
    const { model } = robot;
    this.robot = robot;
    this.max_obstacles = options.max_obstacles ?? 32;
    this.data = new RobotData(model);
    this.point = robot.home_q.slice();
    this.tool_index = frameIndex(model, robot.tcp_frame);
    this.tool = model.frames[this.tool_index];
    const count = model.collision.length;
    this.links = [...new Set(model.collision.map((part) => part.link)), HELD];
    const shapes = this.links.flatMap((link) => model.collision.filter((part) => part.link === link));
    this.held = count;
    this.parts = new ConvexSet(count + 1);
    this.part_link = [...shapes.map((part) => part.link), HELD];
    this.part_body = new Int32Array(count + 1);
    this.part_local = new Float64Array(12 * (count + 1));
    this.placed = new Float64Array(count + 1).fill(-1);
    this.posed = new Float64Array(count + 1).fill(-1);
    for (const part of shapes) {
      const index = this.parts.add(part.shape);
      this.part_body[index] = part.body;
      this.part_local.set(part.R, 12 * index);
      this.part_local.set(part.p, 12 * index + 9);
    }
    this.parts.add({ type: 'sphere', radius: 0.01 });
    this.part_body[this.held] = this.tool.body;
    const links = this.links.length;
    this.first_part = Int32Array.from([...this.links.map((link) => this.part_link.indexOf(link)), count + 1]);
    this.link_body = Int32Array.from({ length: links }, (_, i) => this.part_body[this.first_part[i]]);
    this.link_local = new Float64Array(3 * links);
    this.link_bound = new Float64Array(links);
    this.link_centre = new Float64Array(3 * links);
    for (let link = 0; link < links; link++) this.boundLink(link);
    this.obstacles = new ConvexSet(this.max_obstacles);
    this.allowed = new Uint8Array(links * this.max_obstacles);
    this.obstacle_axes = new Float64Array(3 * (count + 1) * this.max_obstacles);
    const own = this.selectPairs();
    const held_pairs: number[] = [];
    for (let link = 0; link < links - 1; link++) {
      const body = this.link_body[link];
      if (!carries(model, this.tool.body, body) && body !== model.parent[this.tool.body])
        held_pairs.push(links - 1, link);
    }
    this.own_pairs = own.length / 2;
    this.pairs = Int32Array.from([...own, ...held_pairs]);
    this.pair_axis_start = new Int32Array(this.pairs.length / 2);
    let axes = 0;
    for (let k = 0; k < this.pair_axis_start.length; k++) {
      this.pair_axis_start[k] = axes;
      axes += 3 * this.partCount(this.pairs[2 * k]) * this.partCount(this.pairs[2 * k + 1]);
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

  /** Replaces all obstacles; contacts allowed before are forgotten. */
  setObstacles(obstacles: readonly Obstacle[]): void {
    if (obstacles.length > this.max_obstacles) {
      throw new RangeError(`${obstacles.length} obstacles; this world was made for ${this.max_obstacles}`);
    }
    this.obstacles.clear();
    this.allowed.fill(0);
    this.obstacle_axes.fill(0);
    this.pair_axes.fill(0);
    this.obstacle_names = obstacles.map((obstacle) => obstacle.name);
    for (const { shape, pose, padding_m } of obstacles) {
      const at = 12 * this.obstacles.add(shape, padding_m ?? 0);
      quaternionToMatrix(pose.orientation, 0, this.obstacles.pose, at);
      this.obstacles.pose.set(pose.position, at + 9);
    }
  }

  /** Whether a link (or HELD) may touch an obstacle. Unknown names are refused. */
  allow(link: string, obstacle: string, may_touch = true): void {
    const o = this.obstacle_names.indexOf(obstacle);
    if (o < 0) throw new RangeError(`obstacle ${obstacle} is not one of: ${this.obstacle_names.join(', ')}`);
    const index = this.links.indexOf(link);
    if (index < 0) throw new RangeError(`link ${link} has no collision shape`);
    this.allowed[index * this.max_obstacles + o] = may_touch ? 1 : 0;
  }

  /** Holds an object: its shape moves with the tool frame. @param T_tool_shape  rotation row-major 9 and position 3 (m) */
  attach(shape: Shape, T_tool_shape: Float64Array, padding_m = 0): void {
    const { held, part_local, tool } = this;
    this.parts.set(held, shape, padding_m);
    multiplyMatrices(tool.R, 0, T_tool_shape, 0, part_local, 12 * held);
    const offset = rotate(tool.R, T_tool_shape.subarray(9, 12));
    for (let k = 0; k < 3; k++) part_local[12 * held + 9 + k] = offset[k] + tool.p[k];
    this.boundLink(this.links.length - 1);
    this.holding = true;
  }

  detach(): void {
    this.holding = false;
  }

  /** Keeps the tool frame's origin inside a box (m, frame world); outside it counts as a collision. */
  setToolBox(lower_m: Vector3, upper_m: Vector3): void {
    this.tool_lower.set(lower_m);
    this.tool_upper.set(upper_m);
  }

  /** Sets the distance between the fingers for the checks that follow. */
  setGripperWidth(width_m: number): void {
    const { gripper } = this.robot;
    if (gripper !== null) this.point[gripper.coordinate] = width_m / 2;
  }

  /** True if the robot with its arm joints at `offset` of q touches an obstacle or itself, or comes closer than the margin. */
  collides(q: Float64Array, offset = 0): boolean {
    this.checks++;
    this.forward(q, offset);
    if (this.leavesToolBox()) return this.hit(-1, -1, 'box');
    const links = this.links.length - (this.holding ? 0 : 1);
    for (let link = links - 1; link >= 0; link--) this.placeLink(link);
    for (let link = links - 1; link >= 0; link--) {
      if (this.link_body[link] >= 0 && this.linkTouchesObstacle(link)) return true;
    }
    return this.touchesItself();
  }

  /** Names of the two bodies found touching by the last `collides` that returned true. */
  lastContact(): readonly [string, string] {
    const { hit_kind, hit_a, hit_b } = this;
    if (hit_kind === 'box') return ['tool', 'edge of the workspace'];
    return [this.links[hit_a] ?? '', (hit_kind === 'obstacle' ? this.obstacle_names : this.links)[hit_b] ?? ''];
  }

  /** Smallest distance of the robot to obstacles and itself (m), 0 in contact; slow, for judging and tests. */
  clearance(q: Float64Array, offset = 0): number {
    this.forward(q, offset);
    this.checks++;
    const { parts, obstacles, gjk, pairs, first_part } = this;
    const links = this.links.length - (this.holding ? 0 : 1);
    let least = Number.POSITIVE_INFINITY;
    for (let link = 0; link < links; link++) {
      for (let part = first_part[link]; part < first_part[link + 1]; part++) {
        this.placePart(part);
        if (this.link_body[link] < 0) continue;
        for (let o = 0; o < obstacles.count; o++) {
          if (!this.allowed[link * this.max_obstacles + o])
            least = Math.min(least, gjk.distance(parts, part, obstacles, o));
        }
      }
    }
    const checked = this.holding ? pairs.length : 2 * this.own_pairs;
    for (let k = 0; k < checked; k += 2) least = Math.min(least, this.linkDistance(pairs[k], pairs[k + 1]));
    return least;
  }

  /** Links whose mutual contact is checked, for people. */
  checkedPairs(): (readonly [string, string])[] {
    return Array.from({ length: this.own_pairs }, (_, k) => {
      return [this.links[this.pairs[2 * k]], this.links[this.pairs[2 * k + 1]]] as const;
    });
  }

  private forward(q: Float64Array, offset: number): void {
    const { point, robot } = this;
    for (let j = 0; j < robot.arm_joints; j++) point[j] = q[offset + j];
    forwardKinematics(robot.model, this.data, point);
  }

  private leavesToolBox(): boolean {
    const { tool_pose, tool_lower, tool_upper } = this;
    framePose(this.robot.model, this.data, this.tool_index, tool_pose);
    for (let k = 0; k < 3; k++) if (tool_pose[9 + k] < tool_lower[k] || tool_pose[9 + k] > tool_upper[k]) return true;
    return false;
  }

  private partCount(link: number): number {
    return this.first_part[link + 1] - this.first_part[link];
  }

  /** A sphere about all parts of a link, centred on the middle of their centres. */
  private boundLink(link: number): void {
    const { parts, part_local, link_local, link_bound } = this;
    const first = this.first_part[link];
    const end = this.first_part[link + 1];
    for (let k = 0; k < 3; k++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let part = first; part < end; part++) {
        low = Math.min(low, part_local[12 * part + 9 + k]);
        high = Math.max(high, part_local[12 * part + 9 + k]);
      }
      link_local[3 * link + k] = (low + high) / 2;
    }
    link_bound[link] = 0;
    for (let part = first; part < end; part++) {
      let gap2 = 0;
      for (let k = 0; k < 3; k++) gap2 += (part_local[12 * part + 9 + k] - link_local[3 * link + k]) ** 2;
      link_bound[link] = Math.max(link_bound[link], Math.sqrt(gap2) + parts.bound[part]);
    }
  }

  private placeLink(link: number): void {
    this.toWorld(this.link_body[link], this.link_local, 3 * link, this.link_centre, 3 * link);
  }

  private placeCentre(part: number): void {
    if (this.placed[part] === this.checks) return;
    this.placed[part] = this.checks;
    this.toWorld(this.part_body[part], this.part_local, 12 * part + 9, this.parts.pose, 12 * part + 9);
  }

  private toWorld(body: number, from: Float64Array, at: number, to: Float64Array, to_at: number): void {
    const x = from[at];
    const y = from[at + 1];
    const z = from[at + 2];
    if (body < 0) {
      to[to_at] = x;
      to[to_at + 1] = y;
      to[to_at + 2] = z;
      return;
    }
    const { R, p } = this.data;
    const b = 9 * body;
    to[to_at] = p[3 * body] + R[b] * x + R[b + 1] * y + R[b + 2] * z;
    to[to_at + 1] = p[3 * body + 1] + R[b + 3] * x + R[b + 4] * y + R[b + 5] * z;
    to[to_at + 2] = p[3 * body + 2] + R[b + 6] * x + R[b + 7] * y + R[b + 8] * z;
  }

  private placePart(part: number): void {
    if (this.posed[part] === this.checks) return;
    this.posed[part] = this.checks;
    this.placeCentre(part);
    const body = this.part_body[part];
    if (body < 0) for (let k = 12 * part; k < 12 * part + 9; k++) this.parts.pose[k] = this.part_local[k];
    else multiplyMatrices(this.data.R, 9 * body, this.part_local, 12 * part, this.parts.pose, 12 * part);
  }

  private linkTouchesObstacle(link: number): boolean {
    const { obstacles, allowed, max_obstacles, link_centre, link_bound, first_part, parts } = this;
    const c = 3 * link;
    for (let o = 0; o < obstacles.count; o++) {
      if (allowed[link * max_obstacles + o]) continue;
      if (this.beyond(link_centre, c, link_bound, link, o)) continue;
      for (let part = first_part[link]; part < first_part[link + 1]; part++) {
        this.placeCentre(part);
        if (this.beyond(parts.pose, 12 * part + 9, parts.bound, part, o)) continue;
        this.placePart(part);
        if (this.gjk.closer(parts, part, obstacles, o, this.obstacle_axes, 3 * (part * max_obstacles + o))) {
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
    const { pairs, pair_axis_start, link_centre, link_bound, margin_m } = this;
    const checked = this.holding ? pairs.length : 2 * this.own_pairs;
    for (let k = 0; k < checked; k += 2) {
      const a = pairs[k];
      const b = pairs[k + 1];
      const dx = link_centre[3 * a] - link_centre[3 * b];
      const dy = link_centre[3 * a + 1] - link_centre[3 * b + 1];
      const dz = link_centre[3 * a + 2] - link_centre[3 * b + 2];
      const reach = link_bound[a] + link_bound[b] + margin_m;
      if (dx * dx + dy * dy + dz * dz <= reach * reach && this.linksTouch(a, b, pair_axis_start[k >> 1])) return true;
    }
    return false;
  }

  private linksTouch(a: number, b: number, axis_start: number): boolean {
    const { first_part } = this;
    let axis = axis_start;
    for (let i = first_part[a]; i < first_part[a + 1]; i++) {
      this.placeCentre(i);
      for (let j = first_part[b]; j < first_part[b + 1]; j++) {
        if (this.pairTouches(i, j, axis)) return this.hit(a, b, 'self');
        axis += 3;
      }
    }
    return false;
  }

  private pairTouches(a: number, b: number, axis: number): boolean {
    const { parts, margin_m } = this;
    this.placeCentre(b);
    const P = parts.pose;
    const dx = P[12 * a + 9] - P[12 * b + 9];
    const dy = P[12 * a + 10] - P[12 * b + 10];
    const dz = P[12 * a + 11] - P[12 * b + 11];
    const reach = parts.bound[a] + parts.bound[b] + margin_m;
    if (dx * dx + dy * dy + dz * dz > reach * reach) return false;
    this.placePart(a);
    this.placePart(b);
    return this.gjk.closer(parts, a, parts, b, this.pair_axes, axis);
  }

  private hit(a: number, b: number, kind: 'obstacle' | 'self' | 'box'): true {
    this.hit_a = a;
    this.hit_b = b;
    this.hit_kind = kind;
    return true;
  }

  /**
   * Pairs of link shapes worth checking: links at least two joints apart that are free at home and are not in contact in
   * nearly all of a fixed sample of positions (then their primitives overlap by construction).
   */
  private selectPairs(): number[] {
    const { robot, link_body } = this;
    const { model } = robot;
    const own = this.links.length - 1;
    const candidates: { readonly a: number; readonly b: number; contacts: number }[] = [];
    for (let a = 0; a < own; a++) {
      for (let b = a + 1; b < own; b++) {
        const apart = jointsBetween(model, link_body[a], link_body[b]) >= 2;
        if (apart && !siblings(model, link_body[a], link_body[b])) candidates.push({ a, b, contacts: 0 });
      }
    }
    const rng = createRng(0, 'self-collision');
    const q = robot.home_q.slice();
    for (let sample = 0; sample <= SELF_SAMPLES; sample++) {
      this.checks++;
      this.forward(q, 0);
      for (const pair of candidates) {
        if (this.linkDistance(pair.a, pair.b) === 0) pair.contacts += sample === 0 ? SELF_SAMPLES : 1;
      }
      for (let j = 0; j < robot.arm_joints; j++) {
        q[j] = rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]);
      }
    }
    return candidates.filter((pair) => pair.contacts < 0.95 * SELF_SAMPLES).flatMap(({ a, b }) => [a, b]);
  }

  private linkDistance(a: number, b: number): number {
    const { first_part, parts, gjk } = this;
    let least = Number.POSITIVE_INFINITY;
    for (let i = first_part[a]; i < first_part[a + 1]; i++) {
      this.placePart(i);
      for (let j = first_part[b]; j < first_part[b + 1]; j++) {
        this.placePart(j);
        least = Math.min(least, gjk.distance(parts, i, parts, j));
      }
    }
    return least;
  }
}

const SELF_SAMPLES = 60;

/** True if `body` is `base` or hangs on it. */
function carries(model: RobotModel, base: number, body: number): boolean {
  for (let b = body; b >= 0; b = model.parent[b]) if (b === base) return true;
  return base < 0;
}

/** Tree joints on the way between two bodies; −1 is the root. */
function jointsBetween(model: RobotModel, a: number, b: number): number {
  let x = a;
  let y = b;
  let joints = 0;
  while (x !== y) {
    if (x > y) x = model.parent[x];
    else y = model.parent[y];
    joints++;
  }
  return joints;
}

/** True if both hang on the same body by one joint each (fingers of one hand). */
function siblings(model: RobotModel, a: number, b: number): boolean {
  return a >= 0 && b >= 0 && model.parent[a] === model.parent[b];
}
