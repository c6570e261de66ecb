import { quaternionToMatrix } from '../dynamics/index.ts';
import { ConvexSet, CYLINDER } from './convex.ts';
import { ObstacleTree } from './obstacle_tree.ts';
import type { Obstacle } from './world.ts';

/** Links with more obstacles within reach than this look for them in a tree. */
const MOST_LISTED = 24;
/** Obstacles are listed as if the margin were at least this (m), so that it may change below at no cost. */
const LISTED_MARGIN_M = 0.02;
/** Numbers of a record: pose 12, half extents 3, rounding. */
export const RECORD = 16;

/** Where a link can ever be: a ball about a point that does not move, x y z radius each (m). */
export type Reaches = Float64Array;

/**
 * Obstacles as contact checks want them: in flat records; by link only those it can ever reach and may not touch; beyond a
 * few of these in a tree. Grows when it is given more than ever before; else allocates for new obstacles only.
 */
export class ObstacleSet {
  bodies: ConvexSet;
  names: readonly string[] = [];
  /** Pose, half extents and rounding of every obstacle, 16 each. */
  records: Float64Array;
  /** Box along the world's axes about every obstacle, rounding included: lower corner 3, upper corner 3 (m). */
  boxes: Float64Array;
  /** How far each is grown (m). */
  padding: Float64Array;
  /** Obstacles to check by link: the list of link l is `listed[l·capacity …]`, `list_count[l]` long; −1: ask the tree. */
  listed: Int32Array;
  readonly list_count: Int32Array;
  tree: ObstacleTree | null = null;
  /** A separating axis per shape and obstacle, 3 each, at 3·(shape·count + obstacle). */
  axes: Float64Array;
  private allowed: Uint8Array;
  /** Room for one obstacle, to look at before any is replaced. */
  private readonly trial = {
    bodies: new ConvexSet(1),
    record: new Float64Array(RECORD),
    box: new Float64Array(6),
  };
  private readonly links: number;
  private readonly shapes: number;
  private stale = false;
  private listed_margin_m = 0;

  constructor(links: number, shapes: number, capacity: number) {
    this.links = links;
    this.shapes = shapes;
    this.list_count = new Int32Array(links);
    this.bodies = new ConvexSet(capacity);
    this.records = new Float64Array(RECORD * capacity);
    this.boxes = new Float64Array(6 * capacity);
    this.padding = new Float64Array(capacity);
    this.listed = new Int32Array(links * capacity);
    this.allowed = new Uint8Array(links * capacity);
    this.axes = new Float64Array(3 * shapes * capacity);
  }

  get count(): number {
    return this.bodies.count;
  }

  /**
   * Replaces all obstacles; contacts allowed before are forgotten. RangeError if a number of one is not finite: then nothing
   * has changed.
   */
  set(obstacles: readonly Obstacle[]): void {
    const { trial } = this;
    for (const obstacle of obstacles) {
      trial.bodies.clear();
      addTo(trial.bodies, trial.record, trial.box, obstacle);
      if (!trial.box.every(Number.isFinite)) {
        throw new RangeError(`obstacle ${obstacle.name}: its pose or size is not finite`);
      }
    }
    const count = obstacles.length;
    if (count > this.bodies.capacity) this.grow(count);
    this.bodies.clear();
    this.names = obstacles.map(({ name }) => name);
    this.allowed.fill(0, 0, this.links * count);
    this.axes.fill(0, 0, 3 * this.shapes * count);
    for (const obstacle of obstacles) {
      this.padding[this.count] = obstacle.padding_m ?? 0;
      addTo(this.bodies, this.records, this.boxes, obstacle);
    }
    this.tree = null;
    this.stale = true;
  }

  /** Whether a link may touch the obstacles of a name. RangeError for an unknown name. */
  allow(link: number, name: string, may_touch: boolean): void {
    if (!this.names.includes(name)) {
      throw new RangeError(`obstacle ${name} is not one of: ${this.names.slice(0, 20).join(', ')}`);
    }
    this.names.forEach((known, o) => {
      if (known === name) this.allowed[link * this.count + o] = may_touch ? 1 : 0;
    });
    this.stale = true;
  }

  allows(link: number, obstacle: number): boolean {
    return this.allowed[link * this.count + obstacle] !== 0;
  }

  /** To be called before checks: makes the lists anew if obstacles, allowed contacts or where links get changed, or the margin grew. */
  prepare(reaches: Reaches, margin_m: Float64Array, at: number): void {
    if (!this.stale && margin_m[at] <= this.listed_margin_m) return;
    this.listed_margin_m = Math.max(margin_m[at], LISTED_MARGIN_M);
    this.stale = false;
    const { count, listed, list_count, bodies } = this;
    let most = 0;
    for (let link = 0; link < this.links; link++) {
      const from = link * bodies.capacity;
      let n = 0;
      for (let o = 0; o < count; o++) {
        if (this.allowed[link * count + o] !== 0) continue;
        if (gap2(this.records, bodies.kind, o, reaches, 4 * link, this.listed_margin_m) <= 0) listed[from + n++] = o;
      }
      list_count[link] = n;
      most = Math.max(most, n);
    }
    if (most <= MOST_LISTED) {
      this.tree = null;
      return;
    }
    this.tree ??= new ObstacleTree(this.boxes, count);
    for (let link = 0; link < this.links; link++) if (list_count[link] > MOST_LISTED) list_count[link] = -1;
  }

  /** Whether a ball (x y z radius, at `at`) is further than `distance_m` from the box or cylinder about obstacle o. */
  beyond(o: number, ball: Float64Array, at: number, distance_m: number): boolean {
    return gap2(this.records, this.bodies.kind, o, ball, at, distance_m) > 0;
  }

  /** To be called when links get elsewhere than before (another object is held). */
  reachChanged(): void {
    this.stale = true;
  }

  private grow(count: number): void {
    const { links, shapes } = this;
    const capacity = Math.max(count, 2 * this.bodies.capacity);
    this.bodies = new ConvexSet(capacity);
    this.records = new Float64Array(RECORD * capacity);
    this.boxes = new Float64Array(6 * capacity);
    this.padding = new Float64Array(capacity);
    this.listed = new Int32Array(links * capacity);
    this.allowed = new Uint8Array(links * capacity);
    this.axes = new Float64Array(3 * shapes * capacity);
  }
}

/** Adds an obstacle, its record and the box about it. */
function addTo(
  bodies: ConvexSet,
  records: Float64Array,
  boxes: Float64Array,
  { shape, pose, padding_m }: Obstacle,
): void {
  const o = bodies.add(shape, padding_m ?? 0);
  quaternionToMatrix(pose.orientation, 0, bodies.pose, 12 * o);
  bodies.pose.set(pose.position, 12 * o + 9);
  for (let k = 0; k < 12; k++) records[RECORD * o + k] = bodies.pose[12 * o + k];
  for (let k = 0; k < 3; k++) records[RECORD * o + 12 + k] = bodies.half[3 * o + k];
  records[RECORD * o + 15] = bodies.rounding[o];
  writeBox(records, RECORD * o, boxes, 6 * o);
}

/** Writes the box about the obstacle of a record. */
function writeBox(records: Float64Array, r: number, boxes: Float64Array, at: number): void {
  for (let k = 0; k < 3; k++) {
    let reach = records[r + 15];
    for (let j = 0; j < 3; j++) reach += Math.abs(records[r + 3 * k + j]) * records[r + 12 + j];
    boxes[at + k] = records[r + 9 + k] - reach;
    boxes[at + 3 + k] = records[r + 9 + k] + reach;
  }
}

/** Squared distance less squared reach between a ball (x y z radius at `at`) and the box or cylinder about obstacle o. */
function gap2(
  records: Float64Array,
  kind: Uint8Array,
  o: number,
  balls: Float64Array,
  at: number,
  margin_m: number,
): number {
  const k = RECORD * o;
  const dx = balls[at] - records[k + 9];
  const dy = balls[at + 1] - records[k + 10];
  const dz = balls[at + 2] - records[k + 11];
  let u = Math.abs(records[k] * dx + records[k + 3] * dy + records[k + 6] * dz);
  let v = Math.abs(records[k + 1] * dx + records[k + 4] * dy + records[k + 7] * dz);
  const w = Math.max(0, Math.abs(records[k + 2] * dx + records[k + 5] * dy + records[k + 8] * dz) - records[k + 14]);
  if (kind[o] === CYLINDER) {
    u = Math.max(0, Math.hypot(u, v) - records[k + 12]);
    v = 0;
  } else {
    u = Math.max(0, u - records[k + 12]);
    v = Math.max(0, v - records[k + 13]);
  }
  const reach = balls[at + 3] + records[k + 15] + margin_m;
  return u * u + v * v + w * w - reach * reach;
}
