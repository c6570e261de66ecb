import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { Obstacle } from '../obstacle.ts';
import { CollisionPairs, RECORD } from './collision_pairs.ts';
import type { KeepOut } from './obstacle_set.ts';
import { LONGEST_STOP, TailPoses } from './tail_poses.ts';

/** Poses computed for one tail before it is refused as too close to tell. */
const POSE_BUDGET = 96;
/** Distances computed for one tail before it is refused. */
const DISTANCE_BUDGET = 2000;
/** Room for rounding of sums kept over a long time (m). */
const ROUNDING = 1e-9;
/** What a pair that is already too near may lose through rounding (m). */
const STILL = 1e-12;

export interface CollisionOptions {
  readonly hz: number;
  /** Least distance of the arm's capsules to one another, and to obstacles (m). */
  readonly self_margin_m: number;
  readonly obstacle_margin_m: number;
  readonly keep_out: readonly KeepOut[];
}

/** Why proposals were refused. */
export const COLLISION = { none: 0, self: 1, obstacle: 2 } as const;
export type Collision = (typeof COLLISION)[keyof typeof COLLISION];

/**
 * Keeps the arm's capsules apart from each other and from obstacles over the proposed state and the whole stop from it.
 *
 * What an allowed proposal means: at the pose of every cycle, from the proposal to rest, every pair of capsules is at
 * least `self_margin_m` apart, and every capsule at least `obstacle_margin_m` from every obstacle, each moved on with its
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
export class CollisionGuard {
  /** Time of the cycle (s), the same clock as of `setObstacles`. Written before `allows`. */
  time_s = 0;
  /** Whether the last `allows` refused, why, and how often for want of budget since the start. */
  reason: Collision = COLLISION.none;
  exhausted = 0;
  /** Distances computed since the start, for measurements. */
  distances = 0;
  private readonly joints: readonly JointGuard[];
  private readonly pairs: CollisionPairs;
  private readonly poses: TailPoses;
  private readonly h: number;
  /** Time since the obstacles were set, and duration of the tail (s). */
  private readonly since = new Float64Array(1);
  private readonly tail_s = new Float64Array(1);
  private cycles = 0;
  private refused = -1;
  private budget = 0;

  /** Per joint: last committed position, motion since then, greatest excursion of the tail, step to the proposal. */
  private readonly last: Float64Array;
  private readonly moved: Float64Array;
  private readonly excursion: Float64Array;
  private readonly first_step: Float64Array;
  /** Per joint: greatest step of a cycle in the tail, and greatest second difference. */
  private readonly step: Float64Array;
  private readonly bend: Float64Array;

  /** Per path: what its far end has moved since the start, and may move in the tail and up to the proposal (m). */
  private readonly odometer: Float64Array;
  private readonly stretch: Float64Array;
  private readonly start: Float64Array;
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
    this.joints = joints;
    this.h = 1 / hz;
    this.pairs = new CollisionPairs(robot, self_margin_m, obstacle_margin_m, keep_out);
    this.poses = new TailPoses(robot.model, joints, POSE_BUDGET);
    const n = joints.length;
    this.last = Float64Array.from(joints, (joint) => joint.p);
    this.moved = new Float64Array(n);
    this.excursion = new Float64Array(n);
    this.first_step = new Float64Array(n);
    this.step = new Float64Array(n);
    this.bend = new Float64Array(n);
    const paths = this.pairs.paths.length;
    this.odometer = new Float64Array(paths);
    this.stretch = new Float64Array(paths);
    this.start = new Float64Array(paths);
    this.scan_clearance = new Float64Array(paths).fill(Number.NEGATIVE_INFINITY);
    this.scan_odometer = new Float64Array(paths);
    this.scan_since = new Float64Array(paths);
    this.key = new Float64Array(this.pairs.count).fill(Number.NEGATIVE_INFINITY);
    this.open = new Int32Array(this.pairs.count);
  }

  /** Whether the last `allows` refused. */
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
    const { refused, odometer, stretch, scan_clearance, scan_odometer, scan_since, pairs } = this;
    this.reason = COLLISION.none;
    this.refused = -1;
    if (this.cycles > LONGEST_STOP) return this.refuse(pairs.first_self);
    if (refused >= 0 && pairs.exists(refused) && !this.keeps(refused)) return this.refuse(refused);
    const since = this.since[0];
    const until = since + this.tail_s[0];
    for (let path = 0; path < odometer.length; path++) {
      const motion = odometer[path] - scan_odometer[path] + stretch[path];
      const elapsed = pairs.paths[path].fixed < 0 ? pairs.fastest[0] * (until - scan_since[path]) : 0;
      if (scan_clearance[path] - motion - elapsed >= ROUNDING) continue;
      if (!this.scan(path)) return false;
    }
    return true;
  }

  /** Names of the pair that stood against the last refused proposals, and their clearance; empty if none did. */
  describe(): string {
    if (this.refused < 0) return '';
    return this.pairs.describe(this.refused);
  }

  /** Least clearance (distance less margin) of all pairs at arm positions `q` (rad), obstacles as at `time_s`; m. */
  clearanceOf(q: ArrayLike<number>): number {
    const { pairs, poses, since } = this;
    since[0] = this.time_s - pairs.set_s[0];
    poses.atPositions(q);
    let least = Number.POSITIVE_INFINITY;
    for (let pair = 0; pair < pairs.count; pair++) {
      if (!pairs.exists(pair)) continue;
      this.budget = 1;
      this.look(pair, poses.present, 0);
      least = Math.min(least, this.records[6]);
    }
    poses.clear();
    return least;
  }

  private refuse(pair: number): boolean {
    this.refused = pair;
    this.reason = pair >= this.pairs.first_self ? COLLISION.self : COLLISION.obstacle;
    return false;
  }

  /** Motion since the last call, and bounds on the tail's, for joints and paths. */
  private prepare(): void {
    const { joints, last, moved, excursion, first_step, step, bend, pairs, odometer, stretch, start, h } = this;
    this.poses.clear();
    this.budget = DISTANCE_BUDGET;
    let cycles = 0;
    for (let k = 0; k < joints.length; k++) {
      const joint = joints[k];
      const { tail, p, next_p, next_v, next_a } = joint;
      const change = p - last[k];
      moved[k] = change < 0 ? -change : change;
      last[k] = p;
      const to_next = next_p - p;
      const to_end = to_next + tail.end;
      const to_turn = to_next + tail.turn;
      const next = to_next < 0 ? -to_next : to_next;
      const end = to_end < 0 ? -to_end : to_end;
      const turn = to_turn < 0 ? -to_turn : to_turn;
      first_step[k] = next;
      excursion[k] = next > end ? (next > turn ? next : turn) : end > turn ? end : turn;
      const speed = next_v < 0 ? -next_v : next_v;
      step[k] = h * (speed > tail.peak_speed ? speed : tail.peak_speed) * (1 + 1e-9);
      const now = next_a < 0 ? -next_a : next_a;
      const limit = tail.acceleration_limit;
      bend[k] = next_v === 0 && next_a === 0 ? 0 : h * h * (now > limit ? now : limit) * (1 + 1e-9);
      if (tail.cycles > cycles) cycles = tail.cycles;
    }
    this.cycles = cycles;
    this.since[0] = this.time_s - pairs.set_s[0];
    this.tail_s[0] = cycles * h;
    const { reach } = pairs;
    const n = joints.length;
    for (let path = 0; path < odometer.length; path++) {
      let travelled = 0;
      let ahead = 0;
      let now = 0;
      for (let k = 0, r = n * path; k < n; k++, r++) {
        travelled += reach[r] * moved[k];
        ahead += reach[r] * excursion[k];
        now += reach[r] * first_step[k];
      }
      odometer[path] += travelled;
      stretch[path] = ahead;
      start[path] = now;
    }
  }

  /** Looks at every pair of a path that its kept clearance does not settle. */
  private scan(path: number): boolean {
    const { pairs, key, odometer, stretch, open, since, tail_s } = this;
    const { order, first_of_path, first_self, obstacles } = pairs;
    const moved = odometer[path];
    const needed = stretch[path] + ROUNDING;
    const now = since[0];
    let opened = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = first_of_path[path]; i < first_of_path[path + 1]; i++) {
      const pair = order[i];
      if (pair >= first_self) {
        const slack = key[pair] - moved;
        if (slack < needed) open[opened++] = pair;
        else if (slack < least) least = slack;
        continue;
      }
      // The first pair of a capsule stands for it with every obstacle.
      for (let o = 0; o < obstacles.count; o++) {
        const speed = obstacles.speed[o];
        const slack = key[pair + o] - moved - speed * now;
        if (slack < needed + speed * tail_s[0]) open[opened++] = pair + o;
        else if (slack < least) least = slack;
      }
    }
    for (let i = 0; i < opened; i++) {
      const pair = open[i];
      if (!this.keeps(pair)) return this.refuse(pair);
      const slack = key[pair] - moved - pairs.speed[pair] * now;
      if (slack < least) least = slack;
    }
    this.scan_clearance[path] = least;
    this.scan_odometer[path] = moved;
    this.scan_since[path] = now;
    return true;
  }

  /** Whether a pair keeps its margin, or if it is already nearer, does not come nearer still. */
  private keeps(pair: number): boolean {
    this.floor[0] = 0;
    if (this.staysApart(pair)) return true;
    if (!this.look(pair, this.poses.present, 0)) return false;
    const present = this.records[6];
    if (present >= 0) return false;
    this.floor[0] = present - STILL;
    return this.staysApart(pair);
  }

  /** Halves the tail until the motion bounds between the cycles looked at settle it, or single cycles do. */
  private staysApart(pair: number): boolean {
    const { records, record_cycle, floor, pairs } = this;
    if (!this.look(pair, 0, 0)) return false;
    const path = pairs.path_of[pair];
    // Kept as of the committed positions, from which the proposal is at most `start` away.
    this.key[pair] = records[6] - this.start[path] + this.odometer[path] + pairs.speed[pair] * this.since[0];
    if (records[6] < floor[0]) return false;
    if (!this.look(pair, this.cycles, 1)) return false;
    const left = 0;
    let top = 1;
    while (top > 0) {
      if (records[RECORD * top + 6] < floor[0]) return false;
      if (this.settled(path, pair, left, top)) {
        // What was looked at on the right is the next piece's left end.
        records.copyWithin(0, RECORD * top, RECORD * top + RECORD);
        record_cycle[0] = record_cycle[top];
        top--;
        continue;
      }
      const middle = (record_cycle[left] + record_cycle[top]) >> 1;
      top++;
      if (!this.look(pair, middle, top)) return false;
    }
    return true;
  }

  /** Whether the clearances at two cycles and the bounds on the motion between keep the pair above the floor between. */
  private settled(path: number, pair: number, left: number, right: number): boolean {
    const { records, record_cycle, joints, poses, step, bend, pairs, floor } = this;
    const from = record_cycle[left];
    const to = record_cycle[right];
    const n = to - from;
    if (n <= 1) return true;
    const l = RECORD * left;
    const r = RECORD * right;
    const room = records[l + 6] + records[r + 6] - 2 * floor[0];
    const { coordinate, multiplier, reach } = pairs.paths[path];
    const at_left = joints.length * poses.at(from);
    const at_right = joints.length * poses.at(to);
    const { q } = poses;
    let travel = 0;
    let second = 0;
    let before = 0;
    for (let i = 0; i < reach.length; i++) {
      const k = coordinate[i];
      const { tail, next_p } = joints[k];
      const change = q[at_right + k] - q[at_left + k];
      const size = change < 0 ? -change : change;
      let way = size;
      if (tail.turn_cycle > from && tail.turn_cycle < to) {
        const turn = next_p + tail.turn;
        const there = turn - q[at_left + k];
        const back = q[at_right + k] - turn;
        way = (there < 0 ? -there : there) + (back < 0 ? -back : back);
      }
      const steady = size / n + 0.5 * bend[k] * (n - 1);
      const w = multiplier[i] * (steady < step[k] ? steady : step[k]);
      travel += reach[i] * multiplier[i] * way;
      second += reach[i] * (multiplier[i] * bend[k] + w * (w + 2 * before));
      before += w;
    }
    const speed = pairs.speed[pair];
    if (room > travel + speed * n * this.h) return true;
    const bow = 0.125 * n * n * second;
    if (this.planeBetween(l, r) - bow > floor[0] || this.planeBetween(r, l) - bow > floor[0]) return true;
    let chord = 0;
    for (let e = 0; e < 6; e += 3) {
      const x = records[r + e] - records[l + e];
      const y = records[r + e + 1] - records[l + e + 1];
      const z = records[r + e + 2] - records[l + e + 2];
      const square = x * x + y * y + z * z;
      if (square > chord) chord = square;
    }
    return room > Math.sqrt(chord) + 2 * bow;
  }

  private planeBetween(at: number, other: number): number {
    const { records } = this;
    const x = records[at + 7];
    const y = records[at + 8];
    const z = records[at + 9];
    const a = x * records[other] + y * records[other + 1] + z * records[other + 2] - records[at + 10];
    const b = x * records[other + 3] + y * records[other + 4] + z * records[other + 5] - records[at + 10];
    const here = records[at + 6];
    const there = a < b ? a : b;
    return here < there ? here : there;
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
    const time = this.scratch;
    time[0] = this.since[0];
    if (cycle !== this.poses.present) time[0] += cycle * this.h;
    this.record_cycle[index] = cycle;
    this.pairs.measure(pair, this.poses, slot, time, this.records, RECORD * index);
    return true;
  }

  private readonly scratch = new Float64Array(1);
}
