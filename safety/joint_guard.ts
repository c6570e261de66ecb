import { StoppingTail } from './stopping_tail.ts';

/** Relative room for rounding, so that commands at exactly 100 % of a limit pass unchanged. */
const LIMIT_SLACK = 1 + 4e-10;
const POSITION_SLACK = 1e-14;
/** Third differences of rounded positions near 1 rad are uncertain by about 4e-14·hz³; a quarter of it may pass. */
export const JERK_ROUNDING = 1e-14;

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

  constructor(bounds: JointBounds, hz: number) {
    this.bounds = bounds;
    this.h = 1 / hz;
    this.hz = hz;
    this.tail = new StoppingTail(bounds.acceleration, bounds.jerk, this.h);
    this.jerk_step_slack = this.tail.acceleration_step * LIMIT_SLACK + JERK_ROUNDING * hz * hz;
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
    this.tail.solve(0, 0);
  }

  get atRest(): boolean {
    return this.v === 0 && this.a === 0;
  }

  /** Proposes exactly `target`; false, with `refusal` set, if it or the stop from it breaks a limit. */
  proposePosition(target: number): boolean {
    const v = (target - this.p) * this.hz;
    const a = (v - this.v) * this.hz;
    if (!this.withinJerk(a) || !this.admits(a)) return false;
    this.next_v = v;
    this.next_a = a;
    this.next_p = this.clip(target);
    return true;
  }

  /** Proposes exactly the velocity `target`; false, with `refusal` set, if it or the stop from it breaks a limit. */
  proposeVelocity(target: number): boolean {
    const a = (target - this.v) * this.hz;
    if (!this.withinJerk(a) || !this.admits(a)) return false;
    this.next_v = target;
    this.next_a = a;
    this.next_p = this.clip(this.p + this.h * target);
    return true;
  }

  /**
   * Proposes the allowed step from which the stop, seen from a frame that moves with the target, ends on the target.
   * A jump of the target, or a target beyond the position limits, counts as standing still.
   */
  proposeTowardsPosition(target: number): void {
    const { bounds } = this;
    let target_v = (target - this.last_target) * this.hz;
    const reachable =
      target > bounds.position_upper
        ? bounds.position_upper
        : target < bounds.position_lower
          ? bounds.position_lower
          : target;
    if (reachable !== target || !(target_v <= bounds.velocity && target_v >= -bounds.velocity)) target_v = 0;
    const d = this.tail.acceleration_step;
    let low = this.lowestAcceleration();
    let high = this.highestAcceleration();
    let miss_low = this.endFrom(low, target_v) - reachable;
    let miss_high = this.endFrom(high, target_v) - reachable;
    let wanted = miss_low >= 0 ? low : high;
    if (miss_low < 0 && miss_high > 0) {
      // Regula falsi (Illinois); bisection after 12 steps.
      let side = 0;
      for (let i = 0; i < 40; i++) {
        wanted = (low * miss_high - high * miss_low) / (miss_high - miss_low);
        if (!(wanted > low && wanted < high) || i > 12) wanted = 0.5 * (low + high);
        const miss = this.endFrom(wanted, target_v) - reachable;
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
    this.proposeNear(wanted);
  }

  /** Proposes the allowed step from which ramping the acceleration to zero ends at the velocity `target`. */
  proposeTowardsVelocity(target: number): void {
    const limit = this.bounds.velocity;
    const reachable = target > limit ? limit : target < -limit ? -limit : target;
    let low = this.lowestAcceleration();
    let high = this.highestAcceleration();
    let wanted = 0;
    if (this.velocityAfterRamp(low) >= reachable) wanted = low;
    else if (this.velocityAfterRamp(high) <= reachable) wanted = high;
    else {
      for (let i = 0; i < 40 && high - low > 1e-10 * this.tail.acceleration_step; i++) {
        wanted = 0.5 * (low + high);
        if (this.velocityAfterRamp(wanted) < reachable) low = wanted;
        else high = wanted;
      }
    }
    this.proposeNear(wanted);
  }

  /** Proposes the next sample of the stop. */
  proposeStop(): void {
    if (this.v === 0 && this.a === 0) {
      this.next_p = this.p;
      this.next_v = 0;
      this.next_a = 0;
    } else {
      this.tail.solve(this.v, this.a);
      this.propose(this.tail.next_acceleration);
    }
    this.tail.solve(this.next_v, this.next_a);
  }

  /** Takes the proposal as sent. `target` is what was asked for, NaN if nothing was. */
  commit(target: number): void {
    this.p = this.next_p;
    this.v = this.next_v;
    this.a = this.next_a;
    this.last_target = Number.isNaN(target) ? this.p : target;
  }

  /** The wanted acceleration if allowed, else the one nearest to it between it and the stop. */
  private proposeNear(wanted: number): void {
    if (!this.admits(wanted)) {
      const refusal = this.refusal;
      this.tail.solve(this.v, this.a);
      let good = this.tail.next_acceleration;
      let bad = wanted;
      const resolution = 1e-9 * this.tail.acceleration_step;
      for (let i = 0; i < 40; i++) {
        const middle = 0.5 * (good + bad);
        if (this.admits(middle)) good = middle;
        else bad = middle;
        if (good - bad < resolution && bad - good < resolution) break;
      }
      this.refusal = refusal;
      this.propose(good);
    } else this.propose(wanted);
    this.tail.solve(this.next_v, this.next_a);
  }

  private propose(a: number): void {
    let v = this.v + this.h * a;
    this.next_p = this.clip(this.p + this.h * v);
    let acceleration = a;
    if (v < 1e-13 && v > -1e-13 && a < 1e-10 && a > -1e-10) {
      v = 0;
      acceleration = 0;
    }
    this.next_v = v;
    this.next_a = acceleration;
  }

  private withinJerk(a: number): boolean {
    const change = a - this.a;
    if (change <= this.jerk_step_slack && change >= -this.jerk_step_slack) return true;
    this.refusal = REFUSAL.jerk;
    return false;
  }

  /** Whether the next state by acceleration `a` and the stop from it keep all limits but jerk; leaves that stop in `tail`. */
  private admits(a: number): boolean {
    const { bounds, tail } = this;
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
    tail.solve(v, a);
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

  private clip(p: number): number {
    return p > this.bounds.position_upper
      ? this.bounds.position_upper
      : p < this.bounds.position_lower
        ? this.bounds.position_lower
        : p;
  }

  private lowestAcceleration(): number {
    const a = this.a - this.tail.acceleration_step;
    return a > -this.bounds.acceleration ? a : -this.bounds.acceleration;
  }

  private highestAcceleration(): number {
    const a = this.a + this.tail.acceleration_step;
    return a < this.bounds.acceleration ? a : this.bounds.acceleration;
  }

  /** Where a stop relative to a frame of velocity `target_v` ends, seen from that frame at the next cycle. */
  private endFrom(a: number, target_v: number): number {
    const v = this.v + this.h * a;
    this.tail.solve(v - target_v, a);
    return this.p + this.h * v + this.tail.end;
  }

  private velocityAfterRamp(a: number): number {
    const d = this.tail.acceleration_step;
    const magnitude = a < 0 ? -a : a;
    const n = Math.floor(magnitude / d);
    const sum = n * magnitude - 0.5 * d * n * (n + 1);
    return this.v + this.h * (a + (a < 0 ? -sum : sum));
  }
}
