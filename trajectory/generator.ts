import { checkJoint } from './check_input.ts';
import { Failure } from './failure.ts';
import type { Synchronization, TrajectoryInput } from './input.ts';
import { InsidePlanner } from './inside.ts';
import { JointPlanner } from './joint_planner.ts';
import { Line } from './line.ts';
import type { Profile } from './profile.ts';

/** How far a target may be missed, relative to limits and positions, where only that keeps an own trajectory's time. */
const MISS = 3e-10;
/** Two times this close, relative, are the same. */
const SAME_TIME = 1e-13;
/** Rounds after which joints at their position limits may not search for the quickest way any more. */
const SEARCH_ROUNDS = 8;
const ROUNDS = 64;

/**
 * Time-optimal trajectories of third order for n joints: from any position, velocity and acceleration to any other, or to a
 * velocity and acceleration at any position, within limits of velocity, acceleration, jerk and position. A start beyond the
 * limits of velocity or acceleration is brought inside first. Made to be planned anew in every control cycle: nothing is
 * allocated after construction, and the remainder of an own trajectory comes back with its remaining time.
 */
export class TrajectoryGenerator {
  readonly n: number;
  /** Time until the last joint has arrived, s. */
  duration = Number.NaN;
  /** Time until each joint has arrived, s; all the same unless joints are not synchronised. */
  readonly joint_durations: Float64Array;
  /** How the joints go together: `time` where `phase` was asked for and no straight line can be kept. */
  synchronized: Synchronization = 'time';
  /** Why the last `plan` returned false. */
  readonly failure = new Failure();

  /** The joints, and after them the line on which all of them move in phase. */
  private readonly joints: readonly JointPlanner[];
  private readonly line: Line;
  private readonly inside = new InsidePlanner();
  private readonly at = new Float64Array(1);
  private slowest = 0;
  private slack = Number.NaN;
  private missed = Number.NaN;

  /** @param n  number of joints, at least 1 */
  constructor(n: number) {
    if (!Number.isInteger(n) || n < 1)
      throw new RangeError(`TrajectoryGenerator(${n}): n must be an integer of at least 1`);
    this.n = n;
    this.joint_durations = new Float64Array(n);
    this.joints = Array.from({ length: n + 1 }, () => new JointPlanner());
    this.line = new Line(n);
  }

  /**
   * Plans. True if there is a trajectory; else `failure` says why not, and what was planned before is lost.
   * @param input  of n joints; not kept
   */
  plan(input: TrajectoryInput, synchronization: Synchronization): boolean {
    const { n, failure, joints, joint_durations } = this;
    if (input.n !== n) throw new RangeError(`an input of ${input.n} joints: this generator is for ${n}`);
    failure.kind = null;
    for (let k = 0; k < n; k++) if (!checkJoint(input, k, failure)) return false;
    this.synchronized = synchronization;
    if (synchronization === 'phase') {
      if (this.planLine(input)) return true;
      failure.kind = null;
      this.synchronized = 'time';
    }
    for (let k = 0; k < n; k++) {
      fill(joints[k], input, k);
      joints[k].prepare();
    }
    if (synchronization === 'none') {
      let longest = 0;
      for (let k = 0; k < n; k++) {
        if (!this.join(k, k + 1)) return false;
        joint_durations[k] = this.duration;
        if (joint_durations[k] > joint_durations[longest]) longest = k;
      }
      this.duration = joint_durations[longest];
      return true;
    }
    if (!this.join(0, n)) return false;
    for (let k = 0; k < n; k++) joint_durations[k] = this.duration;
    return true;
  }

  /**
   * Position, velocity and acceleration `t_s` after the start, into [offset + k] of the outputs. After its arrival a joint goes
   * on from its target with no jerk, before the start it stands as at the start.
   */
  sample(t_s: number, p: Float64Array, v: Float64Array, a: Float64Array, offset = 0): void {
    this.at[0] = t_s;
    for (let k = 0; k < this.n; k++) this.joints[k].profile.sample(this.at, offset + k, p, v, a);
  }

  /** Jerk of every joint from `t_s` on, into [offset + k]. */
  sampleJerk(t_s: number, j: Float64Array, offset = 0): void {
    this.at[0] = t_s;
    for (let k = 0; k < this.n; k++) this.joints[k].profile.sampleJerk(this.at, offset + k, j);
  }

  /** Segments of joint `k`. */
  profile(k: number): Profile {
    return this.joints[k].profile;
  }

  private planLine(input: TrajectoryInput): boolean {
    const { n, joints, line, joint_durations } = this;
    if (!line.find(input)) return false;
    line.fill(joints[n], input);
    joints[n].prepare();
    if (!this.join(n, n + 1)) return false;
    for (let k = 0; k < n; k++) {
      line.spread(joints[n], joints[k], input, k);
      joint_durations[k] = this.duration;
    }
    return true;
  }

  /**
   * The least common time of joints from..to−1, and their profiles. Where rounding may decide whether an interval of times
   * exists, a shorter time that misses the target by no more than rounding is taken, with the least miss. It must hardly get
   * shorter by missing more, or else it is the target that is as near as rounding.
   */
  private join(from: number, to: number): boolean {
    const { joints } = this;
    this.slowest = from;
    for (let k = from; k < to; k++) if (joints[k].estimate > joints[this.slowest].estimate) this.slowest = k;
    const { failure } = this;
    this.slack = 0;
    const found = this.tryJoin(from, to);
    if (!found && failure.kind !== 'target_approach') return false;
    let near = false;
    for (let k = from; k < to; k++) if (joints[k].near) near = true;
    if (!near) return found;
    const exact = found ? this.duration : Number.MAX_VALUE;
    this.slack = 10;
    if (this.tryJoin(from, to) && this.duration < exact * (1 - 1e-7)) {
      const loose = this.duration;
      for (this.slack = 1e-3; this.slack < 2; this.slack *= 10) {
        if (!this.tryJoin(from, to)) continue;
        if (this.duration < loose + 0.1 * (exact - loose) && this.missed < MISS) {
          failure.kind = null;
          return true;
        }
      }
    }
    this.slack = 0;
    failure.kind = null;
    return this.tryJoin(from, to);
  }

  /** The same with the slack as it is. A joint that cannot do with the time raises it, and the others are asked again. */
  private tryJoin(from: number, to: number): boolean {
    const { joints, failure, inside } = this;
    for (let k = from; k < to; k++) {
      joints[k].slack = this.slack;
      joints[k].forget();
    }
    this.missed = 0;
    this.duration = 0;
    let k = this.slowest;
    let rounds = 0;
    for (let left = to - from; left > 0; left--) {
      const joint = joints[k];
      joint.time = this.duration;
      if (!joint.solveCruise()) {
        if (!joint.findTime()) {
          failure.kind = 'target_approach';
          failure.joint = k;
          failure.value = joint.approach_velocity;
          failure.limit = joint.vmax;
          return false;
        }
        if (joint.time <= this.duration * (1 + SAME_TIME)) joint.time = this.duration;
        joint.solve();
        joint.findMiss();
        if (joint.missed_by > this.missed) this.missed = joint.missed_by;
      }
      if (!joint.staysInside()) {
        inside.may_touch = rounds < SEARCH_ROUNDS;
        if (rounds >= ROUNDS || !inside.plan(joint, failure)) {
          failure.joint = k;
          return false;
        }
      }
      if (joint.time > this.duration) {
        this.duration = joint.time;
        left = to - from;
        rounds++;
      }
      k = k + 1 === to ? from : k + 1;
    }
    return true;
  }
}

function fill(joint: JointPlanner, input: TrajectoryInput, k: number): void {
  joint.free_position = input.free_position;
  joint.p0 = input.p0[k];
  joint.v0 = input.v0[k];
  joint.a0 = input.a0[k];
  joint.p1 = input.free_position ? input.p0[k] : input.p1[k];
  joint.v1 = input.v1[k];
  joint.a1 = input.a1[k];
  joint.vmax = input.vmax[k];
  joint.amax = input.amax[k];
  joint.jmax = input.jmax[k];
  joint.pmin = input.pmin[k];
  joint.pmax = input.pmax[k];
}
