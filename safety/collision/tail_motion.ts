import type { JointGuard } from '../joint_guard.ts';
import type { MotionPath } from './motion_bounds.ts';
import type { TailPoses } from './tail_poses.ts';

/** Room for the rounding of limits in the motion of one cycle. */
const LIMIT_SLACK = 1 + 1e-9;

/**
 * Bounds on what the far end of every path moves relative to its near end: since the start, up to the proposals, over the
 * whole stop from them, and between two cycles of it. Allocates nothing after construction.
 */
export class TailMotion {
  /** Cycles until all joints are at rest. */
  cycles = 0;
  /** Per path (m): motion since the start, summed; from the committed positions to any pose of the tail; to its first. */
  readonly odometer: Float64Array;
  readonly stretch: Float64Array;
  readonly start: Float64Array;
  /**
   * Written by `between` (m): the length of the way at most; and how far a point can be from the straight line, run through
   * evenly, between where it is at the two cycles.
   */
  readonly travel = new Float64Array(1);
  readonly bow = new Float64Array(1);
  private readonly joints: readonly JointGuard[];
  private readonly paths: readonly MotionPath[];
  private readonly poses: TailPoses;
  private readonly h: number;
  /** Reach by coordinate, one row a path (m). */
  readonly reach: Float64Array;
  /** Per joint: last committed position, motion since then, greatest excursion of the tail, step to the proposal. */
  private readonly last: Float64Array;
  private readonly moved: Float64Array;
  private readonly excursion: Float64Array;
  private readonly first_step: Float64Array;
  /** Per joint: greatest step of a cycle in the tail, and greatest second difference. */
  readonly step: Float64Array;
  private readonly bend: Float64Array;

  constructor(joints: readonly JointGuard[], paths: readonly MotionPath[], poses: TailPoses, hz: number) {
    const n = joints.length;
    this.joints = joints;
    this.paths = paths;
    this.poses = poses;
    this.h = 1 / hz;
    this.odometer = new Float64Array(paths.length);
    this.stretch = new Float64Array(paths.length);
    this.start = new Float64Array(paths.length);
    this.last = Float64Array.from(joints, (joint) => joint.p);
    this.moved = new Float64Array(n);
    this.excursion = new Float64Array(n);
    this.first_step = new Float64Array(n);
    this.step = new Float64Array(n);
    this.bend = new Float64Array(n);
    this.reach = new Float64Array(n * paths.length);
    paths.forEach(({ coordinate, multiplier, reach }, path) => {
      coordinate.forEach((k, i) => {
        this.reach[n * path + k] += multiplier[i] * reach[i];
      });
    });
  }

  /** Takes in the joints' proposals, and what they have moved since the last call. */
  update(): void {
    const { joints, last, moved, excursion, first_step, step, bend, h, reach, odometer, stretch, start } = this;
    const n = joints.length;
    let cycles = 0;
    for (let k = 0; k < n; k++) {
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
      step[k] = h * (speed > tail.peak_speed ? speed : tail.peak_speed) * LIMIT_SLACK;
      const now = next_a < 0 ? -next_a : next_a;
      const limit = tail.acceleration_limit;
      bend[k] = next_v === 0 && next_a === 0 ? 0 : h * h * (now > limit ? now : limit) * LIMIT_SLACK;
      if (tail.cycles > cycles) cycles = tail.cycles;
    }
    this.cycles = cycles;
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

  /** Bounds the motion of a path from one cycle of the tail to another; the poses of both must be there. */
  between(path: number, from: number, to: number): void {
    const { joints, poses, step, bend } = this;
    const { coordinate, multiplier, reach } = this.paths[path];
    const at_from = joints.length * poses.at(from);
    const at_to = joints.length * poses.at(to);
    const { q } = poses;
    const n = to - from;
    let travel = 0;
    let second = 0;
    let before = 0;
    for (let i = 0; i < reach.length; i++) {
      const k = coordinate[i];
      const change = q[at_to + k] - q[at_from + k];
      const size = change < 0 ? -change : change;
      const { tail } = joints[k];
      let way = size;
      if (tail.turn_cycle > from && tail.turn_cycle < to) {
        const turn = joints[k].next_p + tail.turn;
        const there = turn - q[at_from + k];
        const back = q[at_to + k] - turn;
        way = (there < 0 ? -there : there) + (back < 0 ? -back : back);
      }
      // No step differs from the mean step by more than the acceleration allows within the piece.
      const steady = size / n + 0.5 * bend[k] * (n - 1);
      const m = multiplier[i];
      const w = m * (steady < step[k] ? steady : step[k]);
      travel += reach[i] * m * way;
      second += reach[i] * (m * bend[k] + w * (w + 2 * before));
      before += w;
    }
    this.travel[0] = travel;
    this.bow[0] = 0.125 * n * n * second;
  }
}
