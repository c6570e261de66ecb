import type { Motion } from './motion.ts';

/**
 * The motion that gets farthest in a given time T: jerk +1, −1, +1 with acceleration held at its peak a1 and trough a2, and
 * velocity held at its limit. Jerk and acceleration limits are 1 (`Motion`). With W = (T + a0 − af)/2 and
 * K = vf − v0 + (a0² − af²)/2 the peaks follow from a1 − a2 = W and a1² − a2² = K, or from one or both of them being at
 * the limit: square roots only. Seen with the sign turned it is the motion that gets least far, so that the displacements
 * that can be reached in the time T with the wanted end velocity and acceleration are an interval between two of these.
 */
export class Extremal {
  /** Argument of `evaluate`. */
  T = Number.NaN;
  /** Without it no velocity limit is looked at: for motions whose velocity runs monotonously from end to end. */
  may_cruise = true;
  /** Results of `evaluate`: displacement, its slope dD/dT, which is the velocity at the top, and the motion itself. */
  D = Number.NaN;
  slope = Number.NaN;
  a1 = Number.NaN;
  a2 = Number.NaN;
  hold1 = Number.NaN;
  hold2 = Number.NaN;
  /** Time at the velocity limit; negative where it is not reached. */
  cruise = Number.NaN;

  v0 = Number.NaN;
  a0 = Number.NaN;
  vf = Number.NaN;
  af = Number.NaN;
  V = Number.NaN;
  K = Number.NaN;
  /** From this time on the velocity limit is reached; displacement and slope at this time. */
  T_limit = Number.NaN;
  D_limit = Number.NaN;
  slope_before_limit = Number.NaN;
  private a1_limit = Number.NaN;
  private a2_limit = Number.NaN;
  private hold1_limit = Number.NaN;
  private hold2_limit = Number.NaN;

  /** Takes the ends of `motion` with the sign 1 (farthest) or −1 (least far, everything mirrored). */
  set(motion: Motion, sign: number): void {
    const v0 = sign * motion.v0;
    const a0 = sign * motion.a0;
    const vf = sign * motion.vf;
    const af = sign * motion.af;
    const V = motion.V;
    this.v0 = v0;
    this.a0 = a0;
    this.vf = vf;
    this.af = af;
    this.V = V;
    this.K = vf - v0 + (a0 * a0 - af * af) * 0.5;
    const rise = V - v0 + a0 * a0 * 0.5;
    let a1 = rise > 0 ? Math.sqrt(rise) : 0;
    let hold1 = 0;
    if (a1 > 1) {
      hold1 = rise - 1;
      a1 = 1;
    }
    if (a1 < a0) a1 = a0;
    const fall = V - vf + af * af * 0.5;
    let a2 = fall > 0 ? -Math.sqrt(fall) : 0;
    let hold2 = 0;
    if (a2 < -1) {
      hold2 = fall - 1;
      a2 = -1;
    }
    if (a2 > af) a2 = af;
    this.a1_limit = a1;
    this.a2_limit = a2;
    this.hold1_limit = hold1;
    this.hold2_limit = hold2;
    this.T_limit = 2 * (a1 - a2) - a0 + af + hold1 + hold2;
    this.slope_before_limit = V - 0.5 * a1 * a2;
    this.a1 = a1;
    this.a2 = a2;
    this.hold1 = hold1;
    this.hold2 = hold2;
    this.displace();
    this.D_limit = this.D;
  }

  /** The motion that lasts `T`. `T` must be one at which the ends can be joined (`FeasibleTimes`). */
  evaluate(): void {
    const T = this.T;
    const a0 = this.a0;
    const af = this.af;
    if (this.may_cruise && T >= this.T_limit) {
      this.a1 = this.a1_limit;
      this.a2 = this.a2_limit;
      this.hold1 = this.hold1_limit;
      this.hold2 = this.hold2_limit;
      this.cruise = T - this.T_limit;
      this.slope = this.V;
      this.D = this.D_limit + this.V * this.cruise;
      return;
    }
    const K = this.K;
    const half = (T + a0 - af) * 0.5;
    const W = half > 0 ? half : 0;
    let sum = W > 0 ? K / W : 0;
    // On a remainder of one segment K/W is 0/0: a1 ≥ a0 and a2 ≤ af bound it.
    if (sum > 2 * af + W) sum = 2 * af + W;
    if (sum < 2 * a0 - W) sum = 2 * a0 - W;
    let a1 = (W + sum) * 0.5;
    let a2 = (sum - W) * 0.5;
    let hold1 = 0;
    let hold2 = 0;
    if (a1 > 1 || a2 < -1) {
      if (K >= 0) {
        const square = 2 * W - K;
        a1 = 1;
        a2 = square > 0 ? 1 - Math.sqrt(square) : 1;
        hold1 = 2 * (W - 1 + a2);
      } else {
        const square = 2 * W + K;
        a2 = -1;
        a1 = square > 0 ? Math.sqrt(square) - 1 : -1;
        hold2 = 2 * (W - 1 - a1);
      }
      if (a1 > 1 || a2 < -1) {
        a1 = 1;
        a2 = -1;
        hold1 = W - 2 + K * 0.5;
        hold2 = W - 2 - K * 0.5;
      }
      if (hold1 < 0) hold1 = 0;
      if (hold2 < 0) hold2 = 0;
    }
    if (a1 < a0) a1 = a0;
    if (a2 > af) a2 = af;
    if (a1 < a2) {
      a1 = 0.5 * (a1 + a2);
      a2 = a1;
    }
    this.a1 = a1;
    this.a2 = a2;
    this.hold1 = hold1;
    this.hold2 = hold2;
    this.cruise = -1;
    this.slope = this.v0 + (a1 * a1 - a0 * a0) * 0.5 + hold1 * a1 + a1 * (a1 - a2) * 0.5;
    this.displace();
  }

  /** Times of the seven segments with jerk +1, 0, −1, 0, −1, 0, +1. */
  segments(times: Float64Array): void {
    const cruising = this.cruise >= 0;
    const a1 = this.a1;
    const a2 = this.a2;
    times[0] = Math.max(0, a1 - this.a0);
    times[1] = this.hold1;
    times[2] = Math.max(0, cruising ? a1 : a1 - a2);
    times[3] = cruising ? this.cruise : 0;
    times[4] = cruising ? Math.max(0, -a2) : 0;
    times[5] = this.hold2;
    times[6] = Math.max(0, this.af - a2);
  }

  /** Displacement of the motion without a cruise. */
  private displace(): void {
    const a0 = this.a0;
    const a1 = this.a1;
    const a2 = this.a2;
    const hold1 = this.hold1;
    const hold2 = this.hold2;
    let t = a1 - a0;
    let p = t * (this.v0 + (t * (2 * a0 + a1)) / 6);
    let v = this.v0 + t * (a0 + a1) * 0.5;
    p += hold1 * (v + hold1 * a1 * 0.5);
    v += hold1 * a1;
    t = a1 - a2;
    p += t * (v + (t * (2 * a1 + a2)) / 6);
    v += t * (a1 + a2) * 0.5;
    p += hold2 * (v + hold2 * a2 * 0.5);
    v += hold2 * a2;
    t = this.af - a2;
    this.D = p + t * (v + (t * (2 * a2 + this.af)) / 6);
  }
}
