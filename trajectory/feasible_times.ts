import { Extremal } from './extremal.ts';
import type { Motion } from './motion.ts';
import { TimesAbove } from './times_above.ts';

/** Rounding of velocities that were sampled from a trajectory, relative to U of the motion. */
const RELATIVE_ERROR = 2e-14;

/**
 * The times T in which a joint can make a motion: those with D−(T) ≤ d ≤ D+(T), where D+ and D− are the displacements of
 * the two extremals. The least of them is the minimum time; gaps between the intervals are times that cannot be had.
 *
 * Rounding can push the remainder of an own trajectory just outside a thin wedge between the extremals, and the plan would
 * jump to the next interval: `slack` keeps such an interval, and `near` says where that might matter.
 */
export class FeasibleTimes {
  readonly upper = new Extremal();
  readonly lower = new Extremal();
  /** What rounding may have done to the displacement, and how much of it is allowed for. */
  tolerance = Number.NaN;
  slack = Number.NaN;
  /** Pairs of start and end in ascending order, and how many numbers they are. */
  readonly ends = new Float64Array(24);
  count = 0;
  /** Whether a slack might add to the intervals or widen one of no length. */
  near = false;
  /** The interval of motions whose acceleration keeps its sign, from `findLens`. */
  lens_start = Number.NaN;
  lens_end = Number.NaN;

  /** From `findChange`, with what rounding of the velocities may have done to it. */
  change_time = Number.NaN;
  change_uncertainty = Number.NaN;

  private readonly above = new TimesAbove();
  private readonly below = new TimesAbove();
  private from = Number.NaN;
  private until = Number.NaN;
  private miss = Number.NaN;
  private rounding = Number.NaN;

  /** Times from the quickest change of velocity on, through zero acceleration; the start must be inside the limits. */
  findMain(motion: Motion): void {
    this.count = 0;
    this.findChange(motion);
    this.from = this.change_time;
    this.miss = this.tolerance + this.change_uncertainty * Math.max(Math.abs(motion.v0), Math.abs(motion.vf));
    this.until = Number.POSITIVE_INFINITY;
    this.find(motion, true);
  }

  /** Least time from velocity and acceleration (v0, a0) to (vf, af) by way of zero acceleration. */
  findChange(motion: Motion): void {
    const { v0, a0, vf, af } = motion;
    const up = vf - 0.5 * af * Math.abs(af) >= v0 + 0.5 * a0 * Math.abs(a0);
    const sign = up ? 1 : -1;
    this.findRounding(motion);
    const uncertain = this.rounding;
    let square = sign * (vf - v0) + 0.5 * (a0 * a0 + af * af);
    const error = RELATIVE_ERROR * motion.U;
    this.change_uncertainty = error > 0 ? error / Math.sqrt(Math.max(square, error)) : 0;
    if (square < uncertain) square = 0;
    const time = square > 1 ? 1 + square - sign * (a0 + af) : 2 * Math.sqrt(square) - sign * (a0 + af);
    this.change_time = Math.max(0, time);
  }

  /** Times in which the velocity runs monotonously to its end, with an acceleration that keeps its sign. */
  findLens(motion: Motion): void {
    this.count = 0;
    this.near = false;
    if (!this.lens(motion)) return;
    this.from = this.lens_start;
    this.miss = this.tolerance;
    this.until = this.lens_end;
    this.find(motion, false);
  }

  /** Whether the ends can be joined with an acceleration that keeps its sign; sets the interval of times. */
  lens(motion: Motion): boolean {
    const sign = motion.a0 > 0 ? 1 : -1;
    const a0 = sign * motion.a0;
    const af = sign * motion.af;
    if (!(a0 > 0 && af > 0 && a0 <= 1 + 1e-12)) return false;
    const gain = sign * (motion.vf - motion.v0);
    this.findRounding(motion);
    const zero = this.rounding;
    const mean = 0.5 * (a0 * a0 + af * af);
    if (gain > mean + zero || gain < Math.abs(a0 * a0 - af * af) * 0.5 - zero) return false;
    const square = Math.max(gain + mean, a0 * a0, af * af);
    const peak = Math.sqrt(square);
    const start = peak > 1 ? 1 + square - a0 - af : 2 * peak - a0 - af;
    const trough = Math.sqrt(Math.max(0, Math.min(mean - gain, a0 * a0, af * af)));
    this.lens_start = Math.max(0, start);
    this.lens_end = Math.max(this.lens_start, a0 + af - 2 * trough);
    return true;
  }

  /** Squares below this are rounding, and mean 0: of themselves, and of velocities that were computed along the way. */
  private findRounding({ v0, a0, vf, af, U }: Motion): void {
    this.rounding = 1e-12 * (Math.abs(v0) + Math.abs(vf) + a0 * a0 + af * af) + RELATIVE_ERROR * U;
  }

  private find(motion: Motion, may_cruise: boolean): void {
    const { upper, lower } = this;
    upper.may_cruise = may_cruise;
    lower.may_cruise = may_cruise;
    this.intersect(motion);
    this.near = this.above.near || this.below.near;
  }

  /** The times at which both extremals leave `d` between them, give or take the slack. */
  private intersect(motion: Motion): void {
    const { above, below, ends } = this;
    const slack = this.slack * this.miss;
    above.from = this.from;
    above.until = this.until;
    above.d = motion.d - slack;
    above.nearness = 3 * this.tolerance;
    above.find(this.upper);
    below.from = this.from;
    below.until = this.until;
    below.d = -motion.d - slack;
    below.nearness = 3 * this.tolerance;
    below.find(this.lower);
    let n = 0;
    let i = 0;
    let j = 0;
    while (i < above.count && j < below.count) {
      const start = Math.max(above.ends[i], below.ends[j]);
      const end = Math.min(above.ends[i + 1], below.ends[j + 1]);
      if (start <= end) {
        ends[n++] = start;
        ends[n++] = end;
      }
      if (above.ends[i + 1] < below.ends[j + 1]) i += 2;
      else j += 2;
    }
    this.count = n;
  }
}
