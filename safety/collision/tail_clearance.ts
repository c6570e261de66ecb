import type { CollisionPairs } from './collision_pairs.ts';
import { RECORD } from './collision_pairs.ts';
import type { TailMotion } from './tail_motion.ts';
import type { TailPoses } from './tail_poses.ts';

/** Distances computed for one tail before it is refused. */
const DISTANCE_BUDGET = 2000;
/** Room for rounding of sums kept over a long time (m). */
export const ROUNDING = 1e-9;

/**
 * How near pairs come to each other along the stop from the joints' proposals.
 *
 * The clearance of a pair at two cycles, less half of what its parts can move meanwhile, bounds it between them, and the
 * tail is halved until that settles it. Motion is bounded to first order by reach × joint travel and to second order by the
 * chord and the second differences (MotionPath). The clearance found is kept for every pair; later cycles subtract what has
 * been moved since. Allocates nothing after construction.
 */
export class TailClearance {
  /** How often a tail was refused for want of budget since the start, and distances computed, for measurements. */
  exhausted = 0;
  distances = 0;
  /** Seconds since the obstacles were set: at the proposals, and at the end of the tail. */
  readonly since = new Float64Array(2);
  /** Per pair: clearance (distance less margin) when last looked at, plus odometer and what the obstacle may have moved then. */
  readonly key: Float64Array;
  /** Least clearance that is good enough for the pair in hand (m). */
  readonly floor = new Float64Array(1);
  /** Found by `lookNow`: clearance at the committed positions (m). */
  readonly present = new Float64Array(1);
  private readonly pairs: CollisionPairs;
  private readonly poses: TailPoses;
  private readonly motion: TailMotion;
  private readonly h: number;
  private readonly look_time = new Float64Array(1);
  private readonly records = new Float64Array(RECORD * 40);
  private readonly record_cycle = new Int32Array(40);
  private budget = 0;

  constructor(pairs: CollisionPairs, poses: TailPoses, motion: TailMotion, hz: number) {
    this.pairs = pairs;
    this.poses = poses;
    this.motion = motion;
    this.h = 1 / hz;
    this.key = new Float64Array(pairs.count).fill(Number.NEGATIVE_INFINITY);
  }

  /** Before the pairs of new proposals are asked for, at the time in `time_s[0]`. */
  begin(time_s: Float64Array): void {
    this.budget = DISTANCE_BUDGET;
    this.since[0] = time_s[0] - this.pairs.set_s[0];
    this.since[1] = this.since[0] + this.motion.cycles * this.h;
  }

  /** A first clearance of an obstacle pair by spheres, at the proposals. */
  estimate(pair: number): void {
    const { pairs, poses, motion, since, key } = this;
    if (pair >= pairs.first_self) return;
    const slot = poses.at(0);
    if (slot < 0) return;
    pairs.roughClearance(pair, poses, slot, since, key);
    key[pair] +=
      motion.odometer[pairs.path_of[pair]] - motion.start[pairs.path_of[pair]] + pairs.speed[pair] * since[0];
  }

  /** Clearance of a pair at the committed positions into `present`; false if the budget is spent. */
  lookNow(pair: number): boolean {
    if (!this.look(pair, this.poses.present, 0)) return false;
    this.present[0] = this.records[6];
    return true;
  }

  /** As lookNow, whatever the budget. */
  measureNow(pair: number): void {
    if (this.budget < 1) this.budget = 1;
    this.lookNow(pair);
  }

  /** Whether a pair stays over the floor from the proposals to cycle `end` of the stop from them. */
  staysApart(pair: number, end: number): boolean {
    const { records, record_cycle, floor, pairs, motion, since, key } = this;
    if (!this.look(pair, 0, 0)) return false;
    if (records[6] < floor[0]) return false;
    const path = pairs.path_of[pair];
    // Kept as of the committed positions, from which the proposal is at most `start` away.
    const kept = records[6] - motion.start[path];
    key[pair] = kept + motion.odometer[path] + pairs.speed[pair] * since[0];
    if (kept - motion.stretch[path] - pairs.speed[pair] * end * this.h > floor[0] + ROUNDING) return true;
    if (!this.look(pair, end, 1)) return false;
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
    if (this.planeHolds(pair, 0, right) || this.planeHolds(pair, right, 0)) return true;
    let chord = 0;
    for (let e = 0; e < 6; e += 3) {
      const x = records[r + e] - records[e];
      const y = records[r + e + 1] - records[e + 1];
      const z = records[r + e + 2] - records[e + 2];
      const square = x * x + y * y + z * z;
      if (square > chord) chord = square;
    }
    return room > Math.sqrt(chord) + 2 * bow + pairs.growth[pair] * n * this.h;
  }

  /** Whether the plane found with record `of` keeps both records, and what the axis does between, above the floor. */
  private planeHolds(pair: number, of: number, with_record: number): boolean {
    const { records, record_cycle, floor, motion, pairs } = this;
    const at = RECORD * of;
    const other = RECORD * with_record;
    const x = records[at + 7];
    const y = records[at + 8];
    const z = records[at + 9];
    const a = x * records[other] + y * records[other + 1] + z * records[other + 2];
    const b = x * records[other + 3] + y * records[other + 4] + z * records[other + 5];
    const grown = pairs.growth[pair] * (record_cycle[with_record] - record_cycle[of]) * this.h;
    const there = (a < b ? a : b) - records[at + 10] - grown;
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
