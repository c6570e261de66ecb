import { StoppingTail } from './stopping_tail.ts';

/** Relative room for rounding, so that commands at exactly 100 % of a limit pass unchanged. */
export const LIMIT_SLACK = 1 + 4e-10;
const POSITION_SLACK = 1e-14;
/** Third differences of rounded positions of a few rad are uncertain by about this times hz³; a quarter of it may pass. */
export const POSITION_ROUNDING = 4e-14;
export const ROUNDING_SHARE = 0.25 * POSITION_ROUNDING;

/** Why a wanted next state of a joint cannot be allowed. */
export const REFUSAL = { none: 0, position: 1, velocity: 2, acceleration: 3, jerk: 4 } as const;
export type Refusal = (typeof REFUSAL)[keyof typeof REFUSAL];

/** Motion limits of one joint: rad, rad/s, rad/s², rad/s³ (m for a prismatic joint). */
export interface JointBounds {
  readonly position_lower: number;
  readonly position_upper: number;
  readonly velocity: number;
  readonly acceleration: number;
  readonly jerk: number;
  /** In the torque interface, where the rate of torque bounds the jerk: at most `jerk`, which it is by default. */
  readonly torque_jerk?: number;
}

/** What a stop may use when the envelope is left anyway: the robot's own acceleration and jerk limits. */
export interface HardBounds {
  readonly acceleration: number;
  readonly jerk: number;
}

/**
 * One joint of the gate: the state sent so far (p, v, a as backward differences), and a proposed next state, of which it
 * is known that it and the whole stop from it keep the joint's limits. `propose…` fill the proposal, `commit` takes it.
 * From a committed state `proposeStop` is always within limits.
 *
 * A state that cannot be stopped inside the bounds (the arm was pushed, the envelope tightened) is `outside`: the stop is
 * then the hard one, and the limits in force are widened to what this stop needs. They follow the joint back and never
 * widen again, so that it can only move inwards.
 */
export class BoundedJoint {
  bounds: JointBounds;
  /** Stop from the proposed state, once a `propose…` has returned. */
  tail: StoppingTail;
  /** True while the limits in force are wider than the bounds. */
  outside = false;
  p = 0;
  v = 0;
  a = 0;
  next_p = 0;
  next_v = 0;
  next_a = 0;
  /** What stood against the last wanted state. */
  refusal: Refusal = REFUSAL.none;

  protected readonly h: number;
  protected readonly hz: number;
  private readonly normal_tail: StoppingTail;
  private readonly hard_tail: StoppingTail;
  private torque_interface = false;
  private jerk_step_slack = 0;
  /** Position limits in force: the bounds, or wider while outside. */
  lower = 0;
  upper = 0;
  protected top_speed = 0;
  protected last_target = 0;
  /** Argument of `admits` and `proposeCandidate`: numbers passed as fields are not boxed. */
  protected candidate = 0;

  constructor(bounds: JointBounds, hz: number, hard: HardBounds = bounds) {
    this.bounds = bounds;
    this.h = 1 / hz;
    this.hz = hz;
    this.normal_tail = new StoppingTail(bounds.acceleration, bounds.jerk, this.h);
    this.hard_tail = new StoppingTail(bounds.acceleration, bounds.jerk, this.h);
    this.tail = this.normal_tail;
    this.setBounds(bounds, hard);
  }

  /** Starts at `position` with `velocity` and no acceleration. Returns whether it can be stopped inside the bounds. */
  reset(position: number, velocity = 0): boolean {
    this.p = position;
    this.v = velocity;
    this.a = 0;
    this.last_target = position;
    return this.assess();
  }

  /** Other bounds from now on. Returns whether the present state can be stopped inside them. */
  setBounds(bounds: JointBounds, hard: HardBounds): boolean {
    this.bounds = bounds;
    // The acceleration the joint has now was within earlier limits, and the hard stop must be able to begin with it.
    const acceleration = Math.max(hard.acceleration, bounds.acceleration, Math.abs(this.a) * LIMIT_SLACK);
    this.hard_tail.configure(acceleration, Math.max(hard.jerk, bounds.jerk));
    this.configureTail();
    return this.assess();
  }

  /** Chooses the interface commands come through; only at rest. */
  selectTorqueInterface(on: boolean): void {
    if (on === this.torque_interface) return;
    this.torque_interface = on;
    this.configureTail();
  }

  private configureTail(): void {
    const { bounds, normal_tail, hz } = this;
    normal_tail.configure(
      bounds.acceleration,
      this.torque_interface ? (bounds.torque_jerk ?? bounds.jerk) : bounds.jerk,
    );
    this.jerk_step_slack = normal_tail.acceleration_step * LIMIT_SLACK + ROUNDING_SHARE * hz * hz;
  }

  /** Finds out whether the state can be stopped inside the bounds, and else widens the limits in force. */
  private assess(): boolean {
    const { bounds } = this;
    this.next_p = this.p;
    this.next_v = this.v;
    this.next_a = this.a;
    this.lower = bounds.position_lower;
    this.upper = bounds.position_upper;
    this.top_speed = bounds.velocity;
    this.tail = this.normal_tail;
    this.outside = false;
    if (Math.abs(this.a) <= bounds.acceleration * LIMIT_SLACK) {
      this.solveTail();
      if (this.stopsInside()) return true;
    }
    this.tail = this.hard_tail;
    this.solveTail();
    this.outside = true;
    this.lower = Number.NEGATIVE_INFINITY;
    this.upper = Number.POSITIVE_INFINITY;
    this.top_speed = Number.POSITIVE_INFINITY;
    this.followInwards();
    return false;
  }

  /** Whether the state whose stop was last solved and that stop keep the limits in force. */
  private stopsInside(): boolean {
    const { tail, next_p } = this;
    const lower = this.lower - POSITION_SLACK;
    const upper = this.upper + POSITION_SLACK;
    const end = next_p + tail.end;
    const turn = next_p + tail.turn;
    const V = this.top_speed * LIMIT_SLACK;
    return (
      next_p <= upper &&
      next_p >= lower &&
      end <= upper &&
      end >= lower &&
      turn <= upper &&
      turn >= lower &&
      Math.abs(this.next_v) <= V &&
      tail.peak_speed <= V
    );
  }

  /** Narrows the limits in force to what the stop from the state needs, down to the bounds. Its stop is in `tail`. */
  private followInwards(): void {
    const { bounds, tail, p } = this;
    const end = p + tail.end;
    const turn = p + tail.turn;
    const speed = Math.max(Math.abs(this.v), tail.peak_speed);
    this.lower = Math.min(bounds.position_lower, Math.max(this.lower, Math.min(p, end, turn)));
    this.upper = Math.max(bounds.position_upper, Math.min(this.upper, Math.max(p, end, turn)));
    this.top_speed = Math.max(bounds.velocity, Math.min(this.top_speed, speed));
    if (this.v === 0 && this.a === 0) this.tail = this.normal_tail;
    this.outside =
      this.tail !== this.normal_tail ||
      this.lower < bounds.position_lower ||
      this.upper > bounds.position_upper ||
      this.top_speed > bounds.velocity;
  }

  get atRest(): boolean {
    return this.v === 0 && this.a === 0;
  }

  /** Proposes exactly `targets[index]`; false, with `refusal` set, if it or the stop from it breaks a limit. */
  proposePosition(targets: Float64Array, index: number): boolean {
    const target = targets[index];
    const v = (target - this.p) * this.hz;
    const a = (v - this.v) * this.hz;
    this.candidate = a;
    if (!this.withinJerk() || !this.admits()) return false;
    this.next_v = v;
    this.next_a = a;
    this.next_p = target;
    this.clip();
    return true;
  }

  /** Proposes exactly the velocity `targets[index]`; false, with `refusal` set, if it or the stop from it breaks a limit. */
  proposeVelocity(targets: Float64Array, index: number): boolean {
    const target = targets[index];
    const a = (target - this.v) * this.hz;
    this.candidate = a;
    if (!this.withinJerk() || !this.admits()) return false;
    this.next_v = target;
    this.next_a = a;
    this.next_p = this.p + this.h * target;
    this.clip();
    return true;
  }

  /** Proposes exactly the acceleration `targets[index]`; false, with `refusal` set, if it or the stop breaks a limit. */
  proposeAcceleration(targets: Float64Array, index: number): boolean {
    this.candidate = targets[index];
    if (!this.withinJerk() || !this.admits()) return false;
    this.next_a = this.candidate;
    this.next_v = this.v + this.h * this.next_a;
    this.next_p = this.p + this.h * this.next_v;
    this.clip();
    return true;
  }

  /** Proposes the next sample of the stop. */
  proposeStop(): void {
    this.next_p = this.p;
    this.next_v = this.v;
    this.next_a = this.a;
    this.solveTail();
    if (this.v === 0 && this.a === 0) return;
    this.candidate = this.tail.next_acceleration;
    this.proposeCandidate();
    this.solveTail();
  }

  /** Takes the proposal as sent; nothing was asked for. */
  commit(): void {
    this.p = this.next_p;
    this.v = this.next_v;
    this.a = this.next_a;
    this.last_target = this.next_p;
    if (this.outside) this.followInwards();
  }

  /** Takes the proposal as sent; `targets[index]` was asked for. */
  commitTowards(targets: Float64Array, index: number): void {
    this.commit();
    this.last_target = targets[index];
  }

  protected proposeCandidate(): void {
    let a = this.candidate;
    let v = this.v + this.h * a;
    this.next_p = this.p + this.h * v;
    this.clip();
    if (v < 1e-13 && v > -1e-13 && a < 1e-10 && a > -1e-10) {
      v = 0;
      a = 0;
    }
    this.next_v = v;
    this.next_a = a;
  }

  /** The stop from the proposal into `tail`. */
  protected solveTail(): void {
    this.tail.velocity = this.next_v;
    this.tail.acceleration = this.next_a;
    this.tail.solve();
  }

  private withinJerk(): boolean {
    const change = this.candidate - this.a;
    if (change <= this.jerk_step_slack && change >= -this.jerk_step_slack) return true;
    this.refusal = REFUSAL.jerk;
    return false;
  }

  /** Whether the next state by the candidate and the stop from it keep all limits but jerk; leaves that stop in `tail`. */
  protected admits(): boolean {
    const { bounds, tail } = this;
    const a = this.candidate;
    const A = bounds.acceleration * LIMIT_SLACK;
    if (!(a <= A && a >= -A)) {
      this.refusal = REFUSAL.acceleration;
      return false;
    }
    const V = this.top_speed * LIMIT_SLACK;
    const v = this.v + this.h * a;
    if (!(v <= V && v >= -V)) {
      this.refusal = REFUSAL.velocity;
      return false;
    }
    tail.velocity = v;
    tail.acceleration = a;
    tail.solve();
    if (tail.peak_speed > V) {
      this.refusal = REFUSAL.velocity;
      return false;
    }
    const p = this.p + this.h * v;
    const lower = this.lower - POSITION_SLACK;
    const upper = this.upper + POSITION_SLACK;
    const end = p + tail.end;
    const turn = p + tail.turn;
    if (p <= upper && p >= lower && end <= upper && end >= lower && turn <= upper && turn >= lower) {
      this.refusal = REFUSAL.none;
      return true;
    }
    this.refusal = REFUSAL.position;
    return false;
  }

  private clip(): void {
    if (this.next_p > this.upper) this.next_p = this.upper;
    else if (this.next_p < this.lower) this.next_p = this.lower;
  }
}
