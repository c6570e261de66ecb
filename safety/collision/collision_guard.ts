import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { TailGuard } from '../guarded_motion.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { Obstacle } from '../obstacle.ts';
import { reasonBit } from '../reasons.ts';
import { CollisionPairs, RECORD } from './collision_pairs.ts';
import type { KeepOut } from './obstacle_set.ts';
import { SweptBoxes } from './swept_boxes.ts';
import { TailMotion } from './tail_motion.ts';
import { LONGEST_STOP, TailPoses } from './tail_poses.ts';

/** Poses computed for one tail before it is refused as too close to tell. */
const POSE_BUDGET = 96;
/** Distances computed for one tail before it is refused. */
const DISTANCE_BUDGET = 2000;
/** Room for rounding of sums kept over a long time (m). */
const ROUNDING = 1e-9;
/** More obstacle pairs of a path than few, or pairs than many, in a stop that is not short, are sorted by swept boxes. */
const FEW = 6;
const MANY = 20;
const SHORT = 16;
/** What a pair that is already too near may lose through rounding (m). */
const STILL = 1e-12;

export interface CollisionOptions {
  readonly hz: number;
  /** Least distance of the arm's capsules to one another, and to obstacles (m). */
  readonly self_margin_m: number;
  readonly obstacle_margin_m: number;
  readonly keep_out: readonly KeepOut[];
}

const SELF_COLLISION = reasonBit('self_collision');
const OBSTACLE = reasonBit('obstacle');

/** Why proposals were refused. */
export const COLLISION = { none: 0, self: 1, obstacle: 2 } as const;
export type Collision = (typeof COLLISION)[keyof typeof COLLISION];

/**
 * Keeps the arm's capsules apart from each other and from obstacles over the proposed state and the whole stop from it.
 *
 * What an allowed proposal means: at the pose of every cycle, from the proposal to rest, every capsule is at least
 * `self_margin_m` from the capsules of other links (see selfPairs), or else from their very collision shapes, and every capsule at least `obstacle_margin_m` from every obstacle, each moved on with its
 * velocity to the time of that cycle. The rest of a stop is part of it, so it stays known to be safe while obstacles do as
 * announced. Between two cycles a pair can come nearer than its margin by no more than half of what its parts move
 * relative to each other in one cycle. A pair that is nearer than its margin now, at the committed positions, does not hold
 * the arm for ever: it must not come nearer than it is at any cycle of the tail. Where a capsule's axis itself is inside an
 * obstacle, nearness is the depth; in a cylinder a lower bound of it.
 *
 * What is not clear from bounds is looked at: the clearance of a pair at two cycles, less half of what the parts can move
 * meanwhile, bounds it between them, and the tail is halved until that settles it. Motion is bounded to first order by
 * reach × joint travel and to second order by the chord and the second differences (MotionPath). The clearance found is kept
 * for every pair; later cycles subtract what has been moved since.
 */
export class CollisionGuard implements TailGuard {
  /** Time of the cycle (s), rising, the same clock as of `setObstacles`. Written before `allows`. */
  time_s = 0;
  /** Whether the last `allows` refused, why, and how often for want of budget since the start. */
  reason: Collision = COLLISION.none;
  exhausted = 0;
  /** Distances computed since the start, for measurements. */
  distances = 0;
  private readonly pairs: CollisionPairs;
  private readonly poses: TailPoses;
  private readonly h: number;
  private readonly motion: TailMotion;
  private readonly boxes: SweptBoxes;
  /** Seconds since the obstacles were set: at the proposals, and at the end of the tail. */
  private readonly since = new Float64Array(2);
  private readonly look_time = new Float64Array(1);
  private refused = -1;
  /** Pair that made the last `keeps` fail. */
  private culprit = -1;
  private budget = 0;

  /** Per path: least clearance over its pairs when last scanned, and odometer and time then. */
  private readonly scan_clearance: Float64Array;
  private readonly scan_odometer: Float64Array;
  private readonly scan_since: Float64Array;
  /** Per pair: clearance (distance less margin) when last looked at, plus odometer and obstacle travel then. */
  private readonly key: Float64Array;

  private readonly records = new Float64Array(RECORD * 40);
  private readonly record_cycle = new Int32Array(40);
  private readonly open: Int32Array;
  /** Least clearance that is good enough for the pair in hand. */
  private readonly floor = new Float64Array(1);

  constructor(robot: Robot, joints: readonly JointGuard[], options: CollisionOptions) {
    const { hz, self_margin_m, obstacle_margin_m, keep_out } = options;
    if (joints.length !== robot.arm_joints) {
      throw new InputError(`${joints.length} guarded joints`, `${robot.name} has ${robot.arm_joints} arm joints`);
    }
    for (const margin of [self_margin_m, obstacle_margin_m]) {
      if (!(margin >= 0 && margin < 1)) throw new InputError(`collision margin ${margin} m`, 'must be from 0 to 1');
    }
    this.h = 1 / hz;
    this.pairs = new CollisionPairs(robot, self_margin_m, obstacle_margin_m, keep_out);
    this.poses = new TailPoses(robot.model, joints, POSE_BUDGET);
    this.motion = new TailMotion(joints, this.pairs.paths, this.poses, hz);
    this.boxes = new SweptBoxes(this.pairs, this.poses, this.motion);
    const paths = this.pairs.paths.length;
    this.scan_clearance = new Float64Array(paths).fill(Number.NEGATIVE_INFINITY);
    this.scan_odometer = new Float64Array(paths);
    this.scan_since = new Float64Array(paths);
    this.key = new Float64Array(this.pairs.count).fill(Number.NEGATIVE_INFINITY);
    this.open = new Int32Array(this.pairs.count);
  }

  /** Whether the last `allows` refused. */
  get refusal(): number {
    return this.reason === COLLISION.self ? SELF_COLLISION : OBSTACLE;
  }

  get violated(): boolean {
    return this.reason !== COLLISION.none;
  }

  /** Poses computed since the start, for measurements. */
  get computedPoses(): number {
    return this.poses.computed;
  }

  /** Replaces the obstacles (keep-out volumes stay): where they are at `t_s`, moving on from there. Allocates. */
  setObstacles(list: readonly Obstacle[], t_s: number): void {
    const { pairs, key } = this;
    if (!Number.isFinite(t_s)) throw new InputError(`time ${t_s} of the obstacles`, 'must be finite');
    pairs.setObstacles(list, t_s);
    key.fill(Number.NEGATIVE_INFINITY, 0, pairs.first_self);
    this.scan_clearance.fill(Number.NEGATIVE_INFINITY);
  }

  /** Whether the proposals of all joints and the stops from them keep all pairs apart. */
  allows(): boolean {
    this.prepare();
    const { refused, motion, scan_clearance, scan_odometer, scan_since, pairs, since } = this;
    const { odometer, stretch } = motion;
    this.reason = COLLISION.none;
    this.refused = -1;
    if (motion.cycles > LONGEST_STOP) return this.refuse(pairs.first_self);
    // What stood in the way a cycle ago most likely still does.
    if (refused >= 0 && pairs.exists(refused) && !this.keeps(refused)) return this.refuse(this.culprit);
    for (let path = 0; path < odometer.length; path++) {
      const needed = odometer[path] - scan_odometer[path] + stretch[path];
      const elapsed = pairs.paths[path].fixed < 0 ? pairs.fastest[0] * (since[1] - scan_since[path]) : 0;
      if (scan_clearance[path] - needed - elapsed >= ROUNDING) continue;
      if (!this.scan(path)) return false;
    }
    return true;
  }

  /**
   * Names of the pair that stood against the last refused proposals, and their clearance (distance less margin) at the
   * committed positions; empty if none did.
   */
  describe(): string {
    if (this.refused < 0) return '';
    this.poses.clear();
    return `${this.pairs.describe(this.refused)}, clearance ${this.presentClearance(this.refused).toFixed(4)} m`;
  }

  /** Least clearance (distance less margin) of all pairs at arm positions `q` (rad), obstacles as at `time_s`; m. */
  clearanceOf(q: ArrayLike<number>): number {
    const { pairs, poses, since } = this;
    since[0] = this.time_s - pairs.set_s[0];
    poses.atPositions(q);
    let least = Number.POSITIVE_INFINITY;
    for (let pair = 0; pair < pairs.first_fine; pair++) {
      if (!pairs.exists(pair)) continue;
      let clearance = this.presentClearance(pair);
      const own = pair - pairs.first_self;
      if (own >= 0 && clearance < least && pairs.fine_count[own] > 0) {
        let shapes = Number.POSITIVE_INFINITY;
        for (let i = 0; i < pairs.fine_count[own]; i++) {
          shapes = Math.min(shapes, this.presentClearance(pairs.fine_first[own] + i));
        }
        clearance = Math.max(clearance, shapes);
      }
      least = Math.min(least, clearance);
    }
    poses.clear();
    return least;
  }

  private presentClearance(pair: number): number {
    this.budget = 1;
    this.look(pair, this.poses.present, 0);
    return this.records[6];
  }

  private refuse(pair: number): boolean {
    this.refused = pair;
    this.reason = pair >= this.pairs.first_self ? COLLISION.self : COLLISION.obstacle;
    return false;
  }

  private prepare(): void {
    this.poses.clear();
    this.boxes.clear();
    this.budget = DISTANCE_BUDGET;
    this.motion.update();
    this.since[0] = this.time_s - this.pairs.set_s[0];
    this.since[1] = this.since[0] + this.motion.cycles * this.h;
  }

  /** Looks at every pair of a path that its kept clearance does not settle. */
  private scan(path: number): boolean {
    const { pairs, key, motion, open, since } = this;
    const { order, first_of_path, first_self, obstacles, speed } = pairs;
    const moved = motion.odometer[path];
    const needed = motion.stretch[path] + ROUNDING;
    let opened = 0;
    let near_obstacles = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = first_of_path[path]; i < first_of_path[path + 1]; i++) {
      const first = order[i];
      // One obstacle pair stands for the capsule with every obstacle.
      const end = first >= first_self ? first + 1 : first + obstacles.count;
      for (let pair = first; pair < end; pair++) {
        if (key[pair] === Number.NEGATIVE_INFINITY) this.estimate(pair);
        const slack = key[pair] - moved;
        if (slack < needed + speed[pair] * since[1]) open[opened++] = pair;
        else if (slack - speed[pair] * since[0] < least) least = slack - speed[pair] * since[0];
      }
      if (first < first_self) near_obstacles = opened;
    }
    const sort_first = (near_obstacles > FEW || opened > MANY) && motion.cycles >= SHORT;
    for (let i = 0; i < opened; i++) {
      const pair = open[i];
      const settled = sort_first && this.boxes.settles(pair, since);
      if (!settled && !this.keeps(pair)) return this.refuse(this.culprit);
      const slack = key[pair] - moved - speed[pair] * since[0];
      if (slack < least) least = slack;
    }
    this.scan_clearance[path] = least;
    this.scan_odometer[path] = moved;
    this.scan_since[path] = since[0];
    return true;
  }

  /** A first clearance of a pair by spheres, at the proposals. */
  private estimate(pair: number): void {
    const { pairs, poses, motion, since, key } = this;
    if (pair >= pairs.first_self) return;
    const slot = poses.at(0);
    if (slot < 0) return;
    pairs.roughClearance(pair, poses, slot, since, key);
    key[pair] +=
      motion.odometer[pairs.path_of[pair]] - motion.start[pairs.path_of[pair]] + pairs.speed[pair] * since[0];
  }

  /** Whether a pair keeps its margin, or if it is already nearer, does not come nearer still. */
  private keeps(pair: number): boolean {
    const { pairs } = this;
    this.floor[0] = 0;
    if (this.staysApart(pair)) return true;
    const own = pair - pairs.first_self;
    if (own >= 0 && pair < pairs.first_fine && pairs.fine_count[own] > 0) return this.keepsShapes(own);
    return this.leaves(pair);
  }

  /** The same of a self pair by the shapes of the fixed link; where the fixed capsule is too coarse. */
  private keepsShapes(own: number): boolean {
    const { pairs, key, motion, floor } = this;
    const first = pairs.fine_first[own];
    const path = pairs.path_of[first];
    const needed = motion.odometer[path] + motion.stretch[path] + ROUNDING;
    for (let pair = first; pair < first + pairs.fine_count[own]; pair++) {
      if (key[pair] >= needed) continue;
      floor[0] = 0;
      if (this.staysApart(pair) || this.leaves(pair)) continue;
      this.culprit = pair;
      return false;
    }
    return true;
  }

  /** Whether a pair that does not keep its margin is nearer already, and does not come nearer still. */
  private leaves(pair: number): boolean {
    this.culprit = pair;
    if (!this.look(pair, this.poses.present, 0)) return false;
    const present = this.records[6];
    if (present >= 0) return false;
    this.floor[0] = present - STILL;
    return this.staysApart(pair);
  }

  /** Halves the tail until the motion bounds between the cycles looked at settle it, or single cycles do. */
  private staysApart(pair: number): boolean {
    const { records, record_cycle, floor, pairs, motion, since, key } = this;
    if (!this.look(pair, 0, 0)) return false;
    if (records[6] < floor[0]) return false;
    const path = pairs.path_of[pair];
    // Kept as of the committed positions, from which the proposal is at most `start` away.
    const kept = records[6] - motion.start[path];
    key[pair] = kept + motion.odometer[path] + pairs.speed[pair] * since[0];
    if (kept - motion.stretch[path] - pairs.speed[pair] * (since[1] - since[0]) > floor[0] + ROUNDING) return true;
    if (!this.look(pair, motion.cycles, 1)) return false;
    let top = 1;
    while (top > 0) {
      const right = RECORD * top;
      if (records[right + 6] < floor[0]) return false;
      if (this.settled(path, pair, top)) {
        // What was looked at on the right is the next piece's left end.
        for (let i = 0; i < RECORD; i++) records[i] = records[right + i];
        record_cycle[0] = record_cycle[top];
        top--;
        continue;
      }
      const middle = (record_cycle[0] + record_cycle[top]) >> 1;
      top++;
      if (!this.look(pair, middle, top)) return false;
    }
    return true;
  }

  /** Whether the looks in records 0 and `right` and the bounds on the motion keep the pair above the floor between. */
  private settled(path: number, pair: number, right: number): boolean {
    const { records, record_cycle, pairs, floor, motion } = this;
    const from = record_cycle[0];
    const to = record_cycle[right];
    const n = to - from;
    if (n <= 1) return true;
    const r = RECORD * right;
    const room = records[6] + records[r + 6] - 2 * floor[0];
    motion.between(path, from, to);
    if (room > motion.travel[0] + pairs.speed[pair] * n * this.h) return true;
    const bow = motion.bow[0];
    if (this.planeHolds(0, r) || this.planeHolds(r, 0)) return true;
    let chord = 0;
    for (let e = 0; e < 6; e += 3) {
      const x = records[r + e] - records[e];
      const y = records[r + e + 1] - records[e + 1];
      const z = records[r + e + 2] - records[e + 2];
      const square = x * x + y * y + z * z;
      if (square > chord) chord = square;
    }
    return room > Math.sqrt(chord) + 2 * bow;
  }

  /** Whether the plane found with the record at `at` keeps both records, and what the axis does between, above the floor. */
  private planeHolds(at: number, other: number): boolean {
    const { records, floor, motion } = this;
    const x = records[at + 7];
    const y = records[at + 8];
    const z = records[at + 9];
    const a = x * records[other] + y * records[other + 1] + z * records[other + 2];
    const b = x * records[other + 3] + y * records[other + 4] + z * records[other + 5];
    const there = (a < b ? a : b) - records[at + 10];
    const here = records[at + 6];
    return (here < there ? here : there) - motion.bow[0] > floor[0];
  }

  /** Clearance of a pair at one cycle into record `index`; false if the budget is spent. */
  private look(pair: number, cycle: number, index: number): boolean {
    const slot = this.poses.at(cycle);
    if (slot < 0 || this.budget <= 0) {
      this.exhausted++;
      return false;
    }
    this.budget--;
    this.distances++;
    const time = this.look_time;
    time[0] = cycle === this.poses.present ? this.since[0] : this.since[0] + cycle * this.h;
    this.record_cycle[index] = cycle;
    this.pairs.measure(pair, this.poses, slot, time, this.records, RECORD * index);
    return true;
  }
}
