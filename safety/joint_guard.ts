import { BoundedJoint } from './bounded_joint.ts';

/** A target that moves faster than so many times the velocity limit jumps, and counts as standing still. */
const JUMP = 2;
/** Halvings of the way from an acceleration that is not allowed to the stop's, for the range of those that are. */
const RANGE_HALVINGS = 8;

/** A bounded joint that knows how to come near what it may not do exactly. */
export class JointGuard extends BoundedJoint {
  /** Share of the wanted step in `proposeBlend`, 0..1; 0 is the stop. */
  blend = 0;
  /** Acceleration of the stop's next sample, as of `keepWanted`. */
  stop_a = 0;
  private wanted_a = 0;
  /** Arguments and results of the private methods: numbers passed as fields are not boxed. */
  private target = 0;
  private target_v = 0;
  private miss = 0;

  /**
   * Proposes the allowed step from which the stop, seen from a frame that moves with `targets[index]`, ends on it.
   * A jump of the target, or a target beyond the position limits, counts as standing still.
   */
  proposeTowardsPosition(targets: Float64Array, index: number): void {
    const { bounds } = this;
    const target = targets[index];
    const reachable = Math.max(this.lower, Math.min(this.upper, target));
    const rate = (target - this.last_target) * this.hz;
    const top = bounds.velocity;
    const steady = reachable === target && rate <= JUMP * top && rate >= -JUMP * top;
    this.target = reachable;
    const frame_v = Math.max(-top, Math.min(top, rate));
    this.target_v = steady ? frame_v : 0;
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
    const limit = this.bounds.velocity;
    const d = this.tail.acceleration_step;
    const change = Math.max(-limit, Math.min(limit, targets[index])) - this.v;
    // Ramping a straight to zero changes the velocity by h·Q(|a|); this is Q⁻¹, see StoppingTail.
    const spent = Math.abs(change) * this.hz;
    const n = Math.floor(0.5 * (Math.sqrt(1 + (8 * spent) / d) - 1));
    const size = (spent + 0.5 * d * n * (n + 1)) / (n + 1);
    const wanted = change < 0 ? -size : size;
    const low = Math.max(-this.bounds.acceleration, this.a - d);
    const high = Math.min(this.bounds.acceleration, this.a + d);
    this.candidate = Math.max(low, Math.min(high, wanted));
    this.proposeNearCandidate();
  }

  /** Proposes the allowed step nearest to the acceleration `targets[index]`. */
  proposeTowardsAcceleration(targets: Float64Array, index: number): void {
    const d = this.tail.acceleration_step;
    const A = this.bounds.acceleration;
    const low = Math.max(-A, this.a - d);
    const high = Math.min(A, this.a + d);
    const target = targets[index];
    this.candidate = target < low ? low : target > high ? high : target;
    this.proposeNearCandidate();
  }

  /** Remembers the proposal, and the stop, for `proposeBlend`. */
  keepWanted(): void {
    this.wanted_a = this.next_a;
    const { next_v, next_a } = this;
    this.next_v = this.v;
    this.next_a = this.a;
    this.solveTail();
    this.stop_a = this.tail.next_acceleration;
    this.next_v = next_v;
    this.next_a = next_a;
  }

  /** Proposes the step between the stop (`blend` 0) and what was kept (1); false if it breaks a limit. */
  proposeBlend(): boolean {
    this.candidate = this.stop_a + this.blend * (this.wanted_a - this.stop_a);
    if (!this.admits()) return false;
    this.proposeAdmitted();
    return true;
  }

  /**
   * Into `lower[index]` and `upper[index]`, accelerations of the next cycle between which every one is within the limits,
   * and so is the stop after it. After `keepWanted`.
   */
  findRange(lower: Float64Array, upper: Float64Array, index: number): void {
    const d = this.tail.acceleration_step;
    const A = this.bounds.acceleration;
    this.candidate = Math.max(-A, this.a - d);
    this.findEnd();
    lower[index] = this.candidate;
    this.candidate = Math.min(A, this.a + d);
    this.findEnd();
    upper[index] = this.candidate;
  }

  /** The stop from the proposal into `tail` again. */
  restoreTail(): void {
    this.solveTail();
  }

  /** Proposes the acceleration `values[index]` for the next cycle; false if it breaks a limit. */
  proposeWithin(values: Float64Array, index: number): boolean {
    this.candidate = values[index];
    if (!this.admits()) return false;
    this.proposeAdmitted();
    return true;
  }

  /** Takes the candidate towards the stop until it is admitted. */
  private findEnd(): void {
    if (this.admits()) return;
    let bad = this.candidate;
    let good = this.stop_a;
    for (let i = 0; i < RANGE_HALVINGS; i++) {
      this.candidate = 0.5 * (good + bad);
      if (this.admits()) good = this.candidate;
      else bad = this.candidate;
    }
    this.candidate = good;
  }

  /** Proposes the candidate if allowed, else what is nearest to it between it and the stop; leaves the stop from there. */
  private proposeNearCandidate(): void {
    if (this.admits()) {
      this.proposeAdmitted();
      return;
    }
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
    this.proposeCandidate();
    this.solveTail();
  }

  /** Proposes the candidate that was admitted, from which the stop is in `tail` already unless it was rounded to rest. */
  private proposeAdmitted(): void {
    this.proposeCandidate();
    if (this.next_v === 0 && this.next_a === 0) this.solveTail();
  }

  /** How far beyond the target a stop relative to the target's frame ends if the candidate is taken, into `miss`. */
  private findMiss(): void {
    const v = this.v + this.h * this.candidate;
    this.tail.velocity = v - this.target_v;
    this.tail.acceleration = this.candidate;
    this.tail.solve();
    this.miss = this.p + this.h * v + this.tail.end - this.target;
  }
}
