import { ConvexSet, Gjk } from '../../collision/index.ts';
import {
  COLOURS,
  createRng,
  type Detection,
  type Detections,
  type ObjectClass,
  type PickPlaceGoal,
  type Rng,
  type Shape,
  type Wrench,
} from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import {
  type PickPlaceOutcome,
  type PickPlanner,
  pickPlace,
  TABLE_WORKCELL,
  type TaskEvent,
  type TaskRequest,
} from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import { sweep } from './sweep.ts';

/** A body as it truly stands: upright, at a yaw. */
export interface TrueObject {
  readonly class: ObjectClass;
  readonly colour: (typeof COLOURS)[number];
  readonly shape: Shape;
  x: number;
  y: number;
  yaw: number;
}

export interface TrueScene {
  readonly objects: TrueObject[];
  readonly goal: PickPlaceGoal;
}

export const heightOf = (shape: Shape): number =>
  shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 2 * shape.radius;

const radiusOf = (shape: Shape): number =>
  shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;

/** A scene of the pick-and-place task: 1 to 4 objects at random, 20 mm apart at least, and a free target. */
export function randomScene(rng: Rng): TrueScene {
  for (;;) {
    const wanted = 1 + rng.int(4);
    const objects: TrueObject[] = [];
    const clear = (x: number, y: number, radius: number): boolean =>
      objects.every((other) => Math.hypot(other.x - x, other.y - y) > radiusOf(other.shape) + radius + 0.02);
    for (let tries = 0; tries < 100 && objects.length < wanted; tries++) {
      const side = (): number => rng.range(0.03, 0.06);
      const shape: Shape =
        rng.uniform() < 0.5
          ? { type: 'box', size: [side(), side(), side()] }
          : { type: 'cylinder', radius: side() / 2, length: side() };
      const [x, y, yaw] = [rng.range(0.38, 0.66), rng.range(-0.26, 0.26), rng.range(-Math.PI, Math.PI)];
      if (!clear(x, y, radiusOf(shape))) continue;
      const kind = shape.type === 'box' ? 'box' : 'cylinder';
      objects.push({ class: kind, colour: COLOURS[objects.length], shape, x, y, yaw });
    }
    for (let tries = 0; tries < 100; tries++) {
      const [x, y] = [rng.range(0.38, 0.66), rng.range(-0.26, 0.26)];
      if (clear(x, y, 0.05)) {
        const { class: kind, colour } = objects[0];
        return { objects, goal: { object: { class: kind, colour }, target: [x, y, 0] } };
      }
    }
  }
}

/**
 * Contact test written apart from the planner's: every link shape against every body and every other link's, by GJK
 * distance, without broad phase, padding or memory.
 */
export class BruteForce {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly gjk = new Gjk();
  private readonly parts: ConvexSet;
  private readonly bodies = new ConvexSet(16);
  private readonly pairs: readonly (readonly [number, number])[];
  private names: string[] = [];

  constructor(robot: Robot, pairs: readonly (readonly [string, string])[]) {
    this.robot = robot;
    const parts = robot.model.collision;
    this.pairs = pairs.flatMap(([a, b]) =>
      parts.flatMap((first, i) =>
        first.link === a ? parts.flatMap((second, j) => (second.link === b ? [[i, j] as const] : [])) : [],
      ),
    );
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    this.parts = new ConvexSet(robot.model.collision.length);
    for (const part of robot.model.collision) this.parts.add(part.shape);
  }

  setBodies(bodies: readonly { name: string; shape: Shape; position: readonly number[]; yaw: number }[]): void {
    this.bodies.clear();
    this.names = bodies.map((body) => body.name);
    for (const { shape, position, yaw } of bodies) {
      const at = 12 * this.bodies.add(shape);
      const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
      this.bodies.pose.set([c, -s, 0, s, c, 0, 0, 0, 1, ...position], at);
    }
  }

  /** Names of two things in contact, or null; `least_m` is how near counts. */
  contact(q: Float64Array, offset: number, finger_m: number, least_m = 0): string | null {
    const { robot, data, parts, bodies } = this;
    const { model } = robot;
    for (let j = 0; j < robot.arm_joints; j++) this.q[j] = q[offset + j];
    if (robot.gripper !== null) this.q[robot.gripper.coordinate] = finger_m;
    forwardKinematics(model, data, this.q);
    model.collision.forEach((part, i) => {
      framePoseOf(data, part.body, part.R, part.p, parts.pose, 12 * i);
    });
    for (let i = 0; i < parts.count; i++) {
      if (model.collision[i].body < 0) continue;
      for (let o = 0; o < bodies.count; o++) {
        if (this.near(parts, i, bodies, o, least_m)) return `${model.collision[i].name} and ${this.names[o]}`;
      }
    }
    for (const [i, j] of this.pairs) {
      if (this.near(parts, i, parts, j, least_m)) return `${model.collision[i].name} and ${model.collision[j].name}`;
    }
    return null;
  }

  private near(a: ConvexSet, i: number, b: ConvexSet, j: number, least_m: number): boolean {
    const dx = a.pose[12 * i + 9] - b.pose[12 * j + 9];
    const dy = a.pose[12 * i + 10] - b.pose[12 * j + 10];
    const dz = a.pose[12 * i + 11] - b.pose[12 * j + 11];
    // far apart by the spheres about them
    const reach = a.bound[i] + b.bound[j] + least_m;
    return dx * dx + dy * dy + dz * dz <= reach * reach && this.gjk.distance(a, i, b, j) <= least_m;
  }
}

function framePoseOf(
  data: RobotData,
  body: number,
  R: readonly number[],
  p: readonly number[],
  out: Float64Array,
  at: number,
): void {
  const B = body < 0 ? [1, 0, 0, 0, 1, 0, 0, 0, 1] : data.R.subarray(9 * body, 9 * body + 9);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++)
      out[at + 3 * r + c] = B[3 * r] * R[c] + B[3 * r + 1] * R[3 + c] + B[3 * r + 2] * R[6 + c];
    const origin = body < 0 ? 0 : data.p[3 * body + r];
    out[at + 9 + r] = B[3 * r] * p[0] + B[3 * r + 1] * p[1] + B[3 * r + 2] * p[2] + origin;
  }
}

export interface CellFaults {
  /** Grasps that close on nothing, by number of the grasp (1 is the first). */
  readonly miss?: readonly number[];
  /** Moves at whose end the held object is lost, by label. */
  readonly drop?: string;
  /** The hand's wrench is measured, and the first so many readings are of an empty hand whatever the fingers say. */
  readonly weightless?: number;
  /** The hand's wrench is measured, and what it lifts pulls with so much (N). */
  readonly weight_N?: number;
  /** The fingers come no nearer to each other than this (m). */
  readonly blocked_m?: number;
  /** Moves stopped by the safety gate, by label. */
  readonly stop?: string;
  /** Move that is carried out to its end and lacks a little of it, once, by label. */
  readonly short?: string;
  /** Move that ends half-way, once, because the hand touches something, by label. */
  readonly touch?: string;
  /** The goal's object never shows. */
  readonly hide?: boolean;
  /** Noise of position (m), yaw (rad) and size (m), one sigma. */
  readonly noise?: readonly [number, number, number];
}

/**
 * A robot that follows every trajectory exactly and objects that move only between the fingers: answers the task's
 * requests at once and keeps a log of what it saw go wrong.
 */
export class IdealCell {
  readonly scene: TrueScene;
  readonly contacts: string[] = [];
  readonly jumps: string[] = [];
  readonly stages: string[] = [];
  /** Largest ratio of backward differences at 500 Hz to the robot's limits. */
  worst_limit_ratio = 0;
  time_s = 0;
  grasps = 0;
  private shorted = false;
  private weighings = 0;
  private readonly robot: Robot;
  private readonly rng: Rng;
  private readonly faults: CellFaults;
  private readonly brute: BruteForce;
  private readonly check_step_rad: number;
  private readonly data: RobotData;
  private q: Float64Array;
  private width: number;
  /** Height of the tool's origin over the held object's middle (m). */
  private held_below = 0;
  /** Object between the fingers: its shift along the tool's x axis (m) and its yaw less the hand's (rad). */
  private held: { readonly object: TrueObject; readonly along: number; readonly turn: number } | null = null;

  constructor(
    robot: Robot,
    scene: TrueScene,
    brute: BruteForce,
    rng: Rng,
    faults: CellFaults = {},
    check_step_rad = sweep(0.01, 0.005),
  ) {
    this.robot = robot;
    this.scene = scene;
    this.rng = rng;
    this.faults = faults;
    this.brute = brute;
    this.check_step_rad = check_step_rad;
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice(0, robot.arm_joints);
    this.width = robot.gripper?.max_width_m ?? 0;
  }

  get target(): TrueObject {
    return this.scene.objects[0];
  }

  /** Distance of the goal's object from its target (m). */
  error(): number {
    const { target } = this.scene.goal;
    return Math.hypot(this.target.x - target[0], this.target.y - target[1]);
  }

  answer(request: TaskRequest): TaskEvent {
    const time_s = this.time_s;
    switch (request.kind) {
      case 'stage':
        this.stages.push(request.name);
        return { kind: 'noted', time_s };
      case 'state':
        return { kind: 'state', time_s, q: this.q.slice(), finger_width_m: this.width, wrench: this.wrench() };
      case 'detect':
        this.time_s += 0.1;
        return { kind: 'detections', time_s: this.time_s, detections: this.look() };
      case 'detect_inside':
      case 'inspect':
      case 'ask':
        throw new Error(`an ideal cell does not answer '${request.kind}'`);
      case 'grip':
        return this.grip(request.width_m);
      case 'move':
        return this.move(request);
    }
  }

  private wrench(): Wrench | null {
    const { weightless, weight_N } = this.faults;
    if (weightless === undefined && weight_N === undefined) return null;
    const lifted = this.held !== null && ++this.weighings > (weightless ?? 0);
    return { stamp_ns: 0n, frame_id: '', force: [0, 0, lifted ? (weight_N ?? 0.49) : 0.01], torque: [0, 0, 0] };
  }

  look(): Detections {
    const [position, angle, size] = this.faults.noise ?? [0, 0, 0];
    const grow = (x: number): number => x + size * this.rng.normal();
    const detections = this.scene.objects.flatMap((object, id): Detection[] => {
      if (this.faults.hide && object === this.target) return [];
      const { shape } = object;
      const yaw = object.yaw + angle * this.rng.normal() + (shape.type === 'box' ? Math.PI * this.rng.int(2) : 0);
      const seen: Shape =
        shape.type === 'box'
          ? { type: 'box', size: [grow(shape.size[0]), grow(shape.size[1]), grow(shape.size[2])] }
          : shape.type === 'cylinder'
            ? { type: 'cylinder', radius: grow(shape.radius), length: grow(shape.length) }
            : shape;
      return [
        {
          id,
          class: object.class,
          colour: object.colour,
          score: this.rng.range(0.7, 1),
          pose: {
            position: [
              object.x + position * this.rng.normal(),
              object.y + position * this.rng.normal(),
              heightOf(shape) / 2 + position * this.rng.normal(),
            ],
            orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
          },
          shape: seen,
          covariance: Array.from({ length: 36 }, () => 0),
          image_box: [0, 0, 10, 10],
          pixels: 100,
        },
      ];
    });
    const stamp_ns = BigInt(Math.round(this.time_s * 1e9));
    return {
      stamp_ns,
      frame_id: 'world',
      request_id: '',
      source: 'classical',
      degraded_reason: '',
      model: '',
      detections,
    };
  }

  private move({ label, trajectory, grip }: Extract<TaskRequest, { kind: 'move' }>): TaskEvent {
    const n = this.robot.arm_joints;
    const { position, time_s } = trajectory;
    const rows = time_s.length;
    for (let j = 0; j < n; j++) {
      if (Math.abs(position[j] - this.q[j]) > 1e-9)
        this.jumps.push(`${label} starts ${position[j] - this.q[j]} off at joint ${j}`);
    }
    this.checkLimits(position, rows);
    this.checkContacts(label, position, rows);
    if (grip !== undefined) {
      this.grip(grip.width_m);
      this.checkContacts(`${label} with the fingers moved`, position, rows);
    }
    if (this.faults.stop === label) {
      return {
        kind: 'moved',
        time_s: this.time_s,
        ok: false,
        stopped_by_safety: true,
        reason: 'stopped by the safety gate',
      };
    }
    if (this.faults.touch === label && !this.shorted) {
      this.shorted = true;
      const half = Math.floor(rows / 2);
      this.q = position.slice(half * n, (half + 1) * n);
      this.time_s += time_s[half];
      const reason = 'the force at the hand changed';
      return { kind: 'moved', time_s: this.time_s, ok: false, stopped_by_safety: false, touched: true, reason };
    }
    this.q = position.slice((rows - 1) * n);
    this.time_s += time_s[rows - 1];
    this.carry();
    if (this.faults.drop === label && this.held !== null && this.grasps === 1) {
      this.held = null;
      this.width = 0;
    }
    if (this.faults.short === label && !this.shorted) {
      this.shorted = true;
      const reason = 'a joint was 0.02 rad from the goal';
      return { kind: 'moved', time_s: this.time_s, ok: false, stopped_by_safety: false, reason };
    }
    const done = { kind: 'moved', time_s: this.time_s, ok: true, stopped_by_safety: false, reason: '' } as const;
    return grip === undefined ? done : { ...done, width_m: this.width };
  }

  private checkLimits(position: Float64Array, rows: number): void {
    const { limits, arm_joints: n } = this.robot;
    const dt = 0.002;
    const at = (k: number, j: number): number => position[Math.max(0, Math.min(rows - 1, k)) * n + j];
    for (let k = 0; k < rows + 3; k++) {
      for (let j = 0; j < n; j++) {
        const [a, b, c, d] = [at(k, j), at(k - 1, j), at(k - 2, j), at(k - 3, j)];
        this.worst_limit_ratio = Math.max(
          this.worst_limit_ratio,
          Math.abs(a - b) / dt / limits.velocity[j],
          Math.abs(a - 2 * b + c) / dt ** 2 / limits.acceleration[j],
          Math.abs(a - 3 * b + 3 * c - d) / dt ** 3 / limits.jerk[j],
          (a - limits.position_upper[j]) / 1e-3,
          (limits.position_lower[j] - a) / 1e-3,
        );
      }
    }
  }

  private checkContacts(label: string, position: Float64Array, rows: number): void {
    const n = this.robot.arm_joints;
    const standing = this.scene.objects.filter((object) => object !== this.held?.object);
    this.brute.setBodies([
      ...TABLE_WORKCELL.obstacles.flatMap(({ name, shape, pose }) =>
        shape.type === 'mesh' || shape.type === 'elements' ? [] : [{ name, shape, position: pose.position, yaw: 0 }],
      ),
      ...standing.map((object) => ({
        name: `${object.colour} ${object.class}`,
        shape: object.shape,
        position: [object.x, object.y, heightOf(object.shape) / 2],
        yaw: object.yaw,
      })),
    ]);
    let last = -1;
    for (let k = 0; k < rows; k++) {
      let moved = 0;
      if (last >= 0) for (let j = 0; j < n; j++) moved += (position[k * n + j] - position[last * n + j]) ** 2;
      if (last >= 0 && k < rows - 1 && moved < this.check_step_rad ** 2) continue;
      last = k;
      const contact =
        this.brute.contact(position, k * n, this.width / 2) ?? this.heldContact(position, k * n, standing);
      if (contact !== null) {
        this.contacts.push(`${label} at row ${k} of ${rows}: ${contact}`);
        return;
      }
    }
  }

  /** The held object against the standing ones and the table. */
  private heldContact(position: Float64Array, offset: number, standing: readonly TrueObject[]): string | null {
    if (this.held === null) return null;
    const { object, along, turn } = this.held;
    const T = this.tool(position.subarray(offset, offset + this.robot.arm_joints));
    const set = new ConvexSet(2);
    set.add(object.shape);
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    // object axes in the tool frame: upside down and turned
    const local = [s, c, 0, c, -s, 0, 0, 0, -1];
    for (let r = 0; r < 3; r++) {
      for (let k = 0; k < 3; k++) {
        set.pose[3 * r + k] = T[3 * r] * local[k] + T[3 * r + 1] * local[3 + k] + T[3 * r + 2] * local[6 + k];
      }
      set.pose[9 + r] = T[9 + r] + T[3 * r] * along + T[3 * r + 2] * this.held_below;
    }
    const gjk = new Gjk();
    set.add({ type: 'box', size: [2, 2, 0.1] });
    set.pose[23] = -0.05 - 0.0005;
    if (gjk.distance(set, 0, set, 1) === 0) return 'held object and table';
    for (const other of standing) {
      const [co, so] = [Math.cos(other.yaw), Math.sin(other.yaw)];
      set.set(1, other.shape);
      set.pose.set([co, -so, 0, so, co, 0, 0, 0, 1, other.x, other.y, heightOf(other.shape) / 2], 12);
      if (gjk.distance(set, 0, set, 1) === 0) return `held object and ${other.colour} ${other.class}`;
    }
    return null;
  }

  private tool(q: Float64Array): Float64Array {
    const { model, tcp_frame } = this.robot;
    const full = this.robot.home_q.slice();
    full.set(q);
    forwardKinematics(model, this.data, full);
    const T = new Float64Array(12);
    framePose(model, this.data, frameIndex(model, tcp_frame), T);
    return T;
  }

  private grip(width_m: number): TaskEvent {
    const before = this.width;
    const { blocked_m = 0 } = this.faults;
    this.width = Math.max(width_m, blocked_m);
    if (width_m < before && width_m < 0.01 && blocked_m === 0) {
      this.grasps++;
      if (!this.faults.miss?.includes(this.grasps)) this.close();
    } else if (this.held !== null && width_m > this.holdWidth(this.held.object, this.held.turn) + 1e-3) {
      this.carry();
      this.held = null;
    }
    this.time_s += Math.abs(before - this.width) / 0.1 + 0.1;
    return { kind: 'gripped', time_s: this.time_s, width_m: this.width };
  }

  /** Takes an object whose middle is between the pads; it turns until its side lies flat and slides to the middle. */
  private close(): void {
    const T = this.tool(this.q);
    for (const object of this.scene.objects) {
      const d = [object.x - T[9], object.y - T[10], heightOf(object.shape) / 2 - T[11]];
      const along = T[0] * d[0] + T[3] * d[1] + T[6] * d[2];
      const across = T[1] * d[0] + T[4] * d[1] + T[7] * d[2];
      const hand_yaw = Math.atan2(T[4], T[1]);
      if (Math.abs(along) > 0.01 || Math.abs(across) > 0.03 || T[11] > heightOf(object.shape)) continue;
      let turn = object.yaw - hand_yaw;
      if (object.shape.type === 'box') turn = (Math.round(turn / (Math.PI / 2)) * Math.PI) / 2;
      this.held = { object, along, turn };
      this.held_below = T[11] - heightOf(object.shape) / 2;
      this.width = this.holdWidth(object, this.held.turn);
      return;
    }
  }

  /** Extent of the object along the hand's y axis. */
  private holdWidth(object: TrueObject, turn: number): number {
    if (object.shape.type !== 'box') return 2 * radiusOf(object.shape);
    return object.shape.size[Math.abs(Math.round(turn / (Math.PI / 2))) % 2];
  }

  /** Moves the held object with the tool. */
  private carry(): void {
    if (this.held === null) return;
    const T = this.tool(this.q);
    const { object, along, turn } = this.held;
    object.x = T[9] + T[0] * along;
    object.y = T[10] + T[3] * along;
    object.yaw = Math.atan2(T[4], T[1]) + turn;
  }
}

/** Position (m), yaw (rad) and size (m) noise of a good detector, one sigma. */
export const NOISE = [0.0015, 0.02, 0.001] as const;

/** The random scene number `seed`. */
export const sceneOf = (seed: number): TrueScene => randomScene(createRng(seed).stream('scene'));

/** Plays the whole task in an ideal cell. */
export function playTask(
  planner: PickPlanner,
  brute: BruteForce,
  scene: TrueScene,
  seed: number,
  faults: CellFaults = {},
  onRequest: (request: TaskRequest) => void = () => {},
): { readonly cell: IdealCell; readonly outcome: PickPlaceOutcome } {
  const rng = createRng(seed);
  const cell = new IdealCell(planner.motion.robot, scene, brute, rng.stream('cell'), faults);
  const task = pickPlace({ planner, goal: scene.goal, rng: rng.stream('task') });
  let step = task.next();
  while (!step.done) {
    onRequest(step.value);
    step = task.next(cell.answer(step.value));
  }
  return { cell, outcome: step.value };
}

/** Plays many scenes; what failed by stage, and what broke a promise. */
export function playScenes(
  planner: PickPlanner,
  brute: BruteForce,
  seeds: readonly number[],
): { readonly failures: string[]; readonly faults: string[] } {
  const failures: string[] = [];
  const faults: string[] = [];
  for (const seed of seeds) {
    const { cell, outcome } = playTask(planner, brute, sceneOf(seed), seed, { noise: NOISE });
    const blame = (text: string): number => faults.push(`scene ${seed}: ${text}`);
    if (!outcome.ok) failures.push(`scene ${seed}: ${outcome.stage}: ${outcome.reason}`);
    else if (cell.error() > 0.02) blame(`placed ${cell.error()} m off`);
    if (cell.time_s > 20) blame(`took ${cell.time_s} s`);
    if (cell.worst_limit_ratio > 0.95) blame(`${cell.worst_limit_ratio} of a limit`);
    for (const text of [...cell.contacts, ...cell.jumps]) blame(text);
  }
  return { failures, faults };
}
