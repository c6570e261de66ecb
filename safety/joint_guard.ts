import { StoppingTail } from './stopping_tail.ts';

/** Relative room for rounding, so that commands at exactly 100 % of a limit pass unchanged. */
const LIMIT_SLACK = 1 + 4e-10;
const POSITION_SLACK = 1e-14;
/** Third differences of rounded positions of a few rad are uncertain by about this times hz³; a quarter of it may pass. */
export const POSITION_ROUNDING = 4e-14;

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
}

/**
 * One joint of the gate: the state sent so far (p, v, a as backward differences), and a proposed next state, of which it
 * is known that it and the whole stop from it keep the joint's limits. `propose…` fill the proposal, `commit` takes it.
 * From a committed state `proposeStop` is always within limits.
 */
export class JointGuard {
  readonly bounds: JointBounds;
  /** Stop from the proposed state, once a `propose…` has returned. */
  readonly tail: StoppingTail;
  p = 0;
  v = 0;
  a = 0;
  next_p = 0;
  next_v = 0;
  next_a = 0;
  /** What stood against the last wanted state. */
  refusal: Refusal = REFUSAL.none;

  private readonly h: number;
  private readonly hz: number;
  private readonly jerk_step_slack: number;
  private last_target = 0;
  /** Arguments and results of the private methods: numbers passed as fields are not boxed. */
  private candidate = 0;
  private target = 0;
  private target_v = 0;
  private miss = 0;

  constructor(bounds: JointBounds, hz: number) {
    this.bounds = bounds;
    this.h = 1 / hz;
    this.hz = hz;
    this.tail = new StoppingTail(bounds.acceleration, bounds.jerk, this.h);
    this.jerk_step_slack = this.tail.acceleration_step * LIMIT_SLACK + 0.25 * POSITION_ROUNDING * hz * hz;
  }

  /** At rest at `position`. */
  reset(position: number): void {
    this.p = position;
    this.v = 0;
    this.a = 0;
    this.last_target = position;
    this.next_p = position;
    this.next_v = 0;
    this.next_a = 0;
    this.solveTail();
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

  /**
   * Proposes the allowed step from which the stop, seen from a frame that moves with `targets[index]`, ends on it.
   * A jump of the target, or a target beyond the position limits, counts as standing still.
   */
  proposeTowardsPosition(targets: Float64Array, index: number): void {
    const { bounds } = this;
    const target = targets[index];
    const { position_lower, position_upper } = bounds;
    const reachable = Math.max(position_lower, Math.min(position_upper, target));
    const rate = (target - this.last_target) * this.hz;
    const steady = reachable === target && rate <= bounds.velocity && rate >= -bounds.velocity;
    this.target = reachable;
    this.target_v = steady ? rate : 0;
    const d = this.tail.acceleration_step;
    let low = Math.max(-bounds.acceleration, this.a - d);
    let high = Math.min(bounds.acceleration, this.a + d);
    this.candidate = low;
    this.findMiss();
    let miss_low = this.miss;
    this.candidate = high;
    this.findMiss();
    let miss_high = this.miss;
    if (miss_low >= 0) this.candidate = low;
    else if (miss_high > 0) {
      // Regula falsi (Illinois); bisection after 12 steps.
      let side = 0;
      for (let i = 0; i < 40; i++) {
        let wanted = (low * miss_high - high * miss_low) / (miss_high - miss_low);
        if (!(wanted > low && wanted < high) || i > 12) wanted = 0.5 * (low + high);
        this.candidate = wanted;
        this.findMiss();
        const miss = this.miss;
        if ((miss < 1e-13 && miss > -1e-13) || high - low < 1e-10 * d) break;
        if (miss < 0) {
          low = wanted;
          miss_low = miss;
          if (side < 0) miss_high *= 0.5;
          side = -1;
        } else {
          high = wanted;
          miss_high = miss;
          if (side > 0) miss_low *= 0.5;
          side = 1;
        }
      }
    }
    this.proposeNearCandidate();
  }

  /** Proposes the allowed step from which ramping the acceleration to zero ends at the velocity `targets[index]`. */
  proposeTowardsVelocity(targets: Float64Array, index: number): void {
    const target = targets[index];
    const limit = this.bounds.velocity;
    const reachable = Math.max(-limit, Math.min(limit, target));
    const d = this.tail.acceleration_step;
    let low = Math.max(-this.bounds.acceleration, this.a - d);
    let high = Math.min(this.bounds.acceleration, this.a + d);
    this.target = reachable;
    this.candidate = low;
    this.findVelocityMiss();
    if (this.miss >= 0) high = low;
    else {
      this.candidate = high;
      this.findVelocityMiss();
      if (this.miss <= 0) low = high;
    }
    for (let i = 0; i < 40 && high - low > 1e-10 * d; i++) {
      const middle = 0.5 * (low + high);
      this.candidate = middle;
      this.findVelocityMiss();
      if (this.miss < 0) low = middle;
      else high = middle;
    }
    this.candidate = 0.5 * (low + high);
    this.proposeNearCandidate();
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
  }

  /** Takes the proposal as sent; `targets[index]` was asked for. */
  commitTowards(targets: Float64Array, index: number): void {
    this.commit();
    this.last_target = targets[index];
  }

  /** Proposes the candidate if allowed, else what is nearest to it between it and the stop; leaves the stop from there. */
  private proposeNearCandidate(): void {
    if (!this.admits()) {
      const { refusal, tail } = this;
      let bad = this.candidate;
      this.next_v = this.v;
      this.next_a = this.a;
      this.solveTail();
      let good = tail.next_acceleration;
      const resolution = 1e-9 * tail.acceleration_step;
      for (let i = 0; i < 40 && (good - bad > resolution || bad - good > resolution); i++) {
        const middle = 0.5 * (good + bad);
        this.candidate = middle;
        if (this.admits()) good = middle;
        else bad = middle;
      }
      this.candidate = good;
      this.refusal = refusal;
    }
    this.proposeCandidate();
    this.solveTail();
  }

  private proposeCandidate(): void {
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
  private solveTail(): void {
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
  private admits(): boolean {
    const { bounds, tail } = this;
    const a = this.candidate;
    const A = bounds.acceleration * LIMIT_SLACK;
    if (!(a <= A && a >= -A)) {
      this.refusal = REFUSAL.acceleration;
      return false;
    }
    const V = bounds.velocity * LIMIT_SLACK;
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
    const lower = bounds.position_lower - POSITION_SLACK;
    const upper = bounds.position_upper + POSITION_SLACK;
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
    if (this.next_p > this.bounds.position_upper) this.next_p = this.bounds.position_upper;
    else if (this.next_p < this.bounds.position_lower) this.next_p = this.bounds.position_lower;
  }

  /** How far beyond the target a stop relative to the target's frame ends if the candidate is taken, into `miss`. */
  private findMiss(): void {
    const v = this.v + this.h * this.candidate;
    this.tail.velocity = v - this.target_v;
    this.tail.acceleration = this.candidate;
    this.tail.solve();
    this.miss = this.p + this.h * v + this.tail.end - this.target;
  }

  /** How far beyond the target the velocity is once the candidate has been ramped to zero, into `miss`. */
  private findVelocityMiss(): void {
    const a = this.candidate;
    const d = this.tail.acceleration_step;
    const magnitude = a < 0 ? -a : a;
    const n = Math.floor(magnitude / d);
    const sum = n * magnitude - 0.5 * d * n * (n + 1);
    this.miss = this.v + this.h * (a + (a < 0 ? -sum : sum)) - this.target;
  }
}
