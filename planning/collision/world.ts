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
  /** Distance at which two bodies count as touching (m). */
  margin_m = 0;
  /** Checks made since construction. */
  checks = 0;
  private readonly data: RobotData;
  private readonly tool_index: number;
  private readonly tool: FrameModel;
  private readonly gjk = new Gjk();
  private readonly max_obstacles: number;
  /** Link shapes in order of the model, then one place for a held object. */
  private readonly parts: ConvexSet;
  private readonly part_link: string[];
  private readonly part_body: Int32Array;
  private readonly part_local: Float64Array;
  private readonly held: number;
  private holding = false;
  /** All coordinates of the model; the arm's are written by every check. */
  private readonly point: Float64Array;
  /** Check at which a part's full pose was last written. */
  private readonly posed: Float64Array;
  private readonly obstacles: ConvexSet;
  private obstacle_names: string[] = [];
  private readonly allowed: Uint8Array;
  private readonly obstacle_axes: Float64Array;
  private readonly pairs: Int32Array;
  private readonly pair_axes: Float64Array;
  private readonly held_pairs: Int32Array;
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
    this.held = count;
    this.parts = new ConvexSet(count + 1);
    this.part_link = model.collision.map((part) => part.link);
    this.part_link.push(HELD);
    this.part_body = new Int32Array(count + 1);
    this.part_local = new Float64Array(12 * (count + 1));
    this.posed = new Float64Array(count + 1).fill(-1);
    for (const part of model.collision) {
      const index = this.parts.add(part.shape);
      this.part_body[index] = part.body;
      this.part_local.set(part.R, 12 * index);
      this.part_local.set(part.p, 12 * index + 9);
    }
    this.parts.add({ type: 'sphere', radius: 0.01 });
    this.part_body[this.held] = this.tool.body;
    this.obstacles = new ConvexSet(this.max_obstacles);
    this.allowed = new Uint8Array((count + 1) * this.max_obstacles);
    this.obstacle_axes = new Float64Array(3 * (count + 1) * this.max_obstacles);
    this.pairs = this.selectPairs();
    this.pair_axes = new Float64Array(3 * (this.pairs.length / 2 + count));
    const tool = this.tool.body;
    this.held_pairs = Int32Array.from(
      [...Array(count).keys()].filter(
        (i) => !carries(model, tool, this.part_body[i]) && this.part_body[i] !== model.parent[tool],
      ),
    );
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
    if (!this.part_link.includes(link)) throw new RangeError(`link ${link} has no collision shape`);
    this.part_link.forEach((name, part) => {
      if (name === link) this.allowed[part * this.max_obstacles + o] = may_touch ? 1 : 0;
    });
  }

  /** Holds an object: its shape moves with the tool frame. @param T_tool_shape  rotation row-major 9 and position 3 (m) */
  attach(shape: Shape, T_tool_shape: Float64Array, padding_m = 0): void {
    const { held, part_local, tool } = this;
    this.parts.set(held, shape, padding_m);
    multiplyMatrices(tool.R, 0, T_tool_shape, 0, part_local, 12 * held);
    const offset = rotate(tool.R, T_tool_shape.subarray(9, 12));
    for (let k = 0; k < 3; k++) part_local[12 * held + 9 + k] = offset[k] + tool.p[k];
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
    const count = this.holding ? this.held + 1 : this.held;
    for (let part = count - 1; part >= 0; part--) this.placeCentre(part);
    for (let part = count - 1; part >= 0; part--) {
      if (this.part_body[part] >= 0 && this.touchesObstacle(part)) return true;
    }
    return this.touchesItself();
  }

  /** Names of the two bodies found touching by the last `collides` that returned true. */
  lastContact(): readonly [string, string] {
    const { hit_kind, hit_a, hit_b } = this;
    if (hit_kind === 'box') return ['tool', 'edge of the workspace'];
    return [this.part_link[hit_a] ?? '', (hit_kind === 'obstacle' ? this.obstacle_names : this.part_link)[hit_b] ?? ''];
  }

  /** Smallest distance of the robot to obstacles and itself (m), 0 in contact; slow, for judging and tests. */
  clearance(q: Float64Array, offset = 0): number {
    this.forward(q, offset);
    this.checks++;
    const { parts, obstacles, gjk, pairs } = this;
    const count = this.holding ? this.held + 1 : this.held;
    let least = Number.POSITIVE_INFINITY;
    for (let part = 0; part < count; part++) {
      this.placeCentre(part);
      this.placePart(part);
    }
    for (let part = 0; part < count; part++) {
      if (this.part_body[part] < 0) continue;
      for (let o = 0; o < obstacles.count; o++) {
        if (!this.allowed[part * this.max_obstacles + o])
          least = Math.min(least, gjk.distance(parts, part, obstacles, o));
      }
    }
    for (let k = 0; k < pairs.length; k += 2)
      least = Math.min(least, gjk.distance(parts, pairs[k], parts, pairs[k + 1]));
    if (this.holding)
      for (const part of this.held_pairs) least = Math.min(least, gjk.distance(parts, this.held, parts, part));
    return least;
  }

  /** Links whose mutual contact is checked, for people. */
  checkedPairs(): (readonly [string, string])[] {
    const seen = new Map<string, readonly [string, string]>();
    for (let k = 0; k < this.pairs.length; k += 2) {
      const pair = [this.part_link[this.pairs[k]], this.part_link[this.pairs[k + 1]]] as const;
      seen.set(pair.join(' '), pair);
    }
    return [...seen.values()];
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

  private placeCentre(part: number): void {
    const { part_local: l, parts } = this;
    const { R, p } = this.data;
    const body = this.part_body[part];
    const b = 9 * body;
    const o = 12 * part;
    const x = l[o + 9];
    const y = l[o + 10];
    const z = l[o + 11];
    if (body < 0) {
      parts.pose[o + 9] = x;
      parts.pose[o + 10] = y;
      parts.pose[o + 11] = z;
      return;
    }
    parts.pose[o + 9] = p[3 * body] + R[b] * x + R[b + 1] * y + R[b + 2] * z;
    parts.pose[o + 10] = p[3 * body + 1] + R[b + 3] * x + R[b + 4] * y + R[b + 5] * z;
    parts.pose[o + 11] = p[3 * body + 2] + R[b + 6] * x + R[b + 7] * y + R[b + 8] * z;
  }

  private placePart(part: number): void {
    if (this.posed[part] === this.checks) return;
    this.posed[part] = this.checks;
    const body = this.part_body[part];
    if (body < 0) for (let k = 12 * part; k < 12 * part + 9; k++) this.parts.pose[k] = this.part_local[k];
    else multiplyMatrices(this.data.R, 9 * body, this.part_local, 12 * part, this.parts.pose, 12 * part);
  }

  private touchesObstacle(part: number): boolean {
    const { parts, obstacles, allowed, max_obstacles, margin_m } = this;
    const cx = parts.pose[12 * part + 9];
    const cy = parts.pose[12 * part + 10];
    const cz = parts.pose[12 * part + 11];
    const P = obstacles.pose;
    const H = obstacles.half;
    for (let o = 0; o < obstacles.count; o++) {
      if (allowed[part * max_obstacles + o]) continue;
      const reach = parts.bound[part] + obstacles.rounding[o] + margin_m;
      const b = 12 * o;
      const h = 3 * o;
      const dx = cx - P[b + 9];
      const dy = cy - P[b + 10];
      const dz = cz - P[b + 11];
      const w = Math.max(0, Math.abs(P[b + 2] * dx + P[b + 5] * dy + P[b + 8] * dz) - H[h + 2]);
      if (w > reach) continue;
      let u = P[b] * dx + P[b + 3] * dy + P[b + 6] * dz;
      let v = P[b + 1] * dx + P[b + 4] * dy + P[b + 7] * dz;
      if (obstacles.kind[o] === CYLINDER) {
        u = Math.max(0, Math.sqrt(u * u + v * v) - H[h]);
        v = 0;
      } else {
        u = Math.max(0, Math.abs(u) - H[h]);
        v = Math.max(0, Math.abs(v) - H[h + 1]);
      }
      if (u * u + v * v + w * w > reach * reach) continue;
      this.placePart(part);
      if (this.gjk.closer(parts, part, obstacles, o, margin_m, this.obstacle_axes, 3 * (part * max_obstacles + o))) {
        return this.hit(part, o, 'obstacle');
      }
    }
    return false;
  }

  private touchesItself(): boolean {
    const { pairs, held_pairs, held } = this;
    for (let k = 0; k < pairs.length; k += 2) if (this.pairTouches(pairs[k], pairs[k + 1], 3 * (k >> 1))) return true;
    if (!this.holding) return false;
    for (let k = 0; k < held_pairs.length; k++) {
      if (this.pairTouches(held, held_pairs[k], 3 * ((pairs.length >> 1) + k))) return true;
    }
    return false;
  }

  private pairTouches(a: number, b: number, axis: number): boolean {
    const { parts, margin_m } = this;
    const P = parts.pose;
    const dx = P[12 * a + 9] - P[12 * b + 9];
    const dy = P[12 * a + 10] - P[12 * b + 10];
    const dz = P[12 * a + 11] - P[12 * b + 11];
    const reach = parts.bound[a] + parts.bound[b] + margin_m;
    if (dx * dx + dy * dy + dz * dz > reach * reach) return false;
    this.placePart(a);
    this.placePart(b);
    return this.gjk.closer(parts, a, parts, b, margin_m, this.pair_axes, axis) && this.hit(a, b, 'self');
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
  private selectPairs(): Int32Array {
    const { robot, parts, gjk } = this;
    const { model } = robot;
    const candidates: number[] = [];
    for (let a = 0; a < this.held; a++) {
      for (let b = a + 1; b < this.held; b++) {
        if (
          jointsBetween(model, this.part_body[a], this.part_body[b]) >= 2 &&
          !siblings(model, this.part_body[a], this.part_body[b])
        ) {
          candidates.push(a, b);
        }
      }
    }
    const touching = new Map<string, number>();
    const rng = createRng(0, 'self-collision');
    const q = robot.home_q.slice();
    for (let sample = 0; sample <= SELF_SAMPLES; sample++) {
      if (sample > 0) {
        for (let j = 0; j < robot.arm_joints; j++) {
          q[j] = rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]);
        }
      }
      this.checks++;
      this.forward(q, 0);
      for (let part = 0; part < this.held; part++) {
        this.placeCentre(part);
        this.placePart(part);
      }
      const links = new Set<string>();
      for (let k = 0; k < candidates.length; k += 2) {
        const key = this.linkPair(candidates[k], candidates[k + 1]);
        if (!links.has(key) && gjk.distance(parts, candidates[k], parts, candidates[k + 1]) === 0) links.add(key);
      }
      for (const key of links) touching.set(key, (touching.get(key) ?? 0) + (sample === 0 ? SELF_SAMPLES : 1));
    }
    const kept: number[] = [];
    for (let k = 0; k < candidates.length; k += 2) {
      const contacts = touching.get(this.linkPair(candidates[k], candidates[k + 1])) ?? 0;
      if (contacts < 0.95 * SELF_SAMPLES) kept.push(candidates[k], candidates[k + 1]);
    }
    this.checks = 0;
    this.posed.fill(-1);
    return Int32Array.from(kept);
  }

  private linkPair(a: number, b: number): string {
    return `${this.part_link[a]} ${this.part_link[b]}`;
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
