import type { Extremal } from './extremal.ts';

/** Where the slope of an extremal is least: W = 3^(−1/4) √|K|, while the accelerations there stay within their limit. */
const LEAST_SLOPE = 3 ** -0.25;
const LEAST_SLOPE_PEAK = 0.5 * (LEAST_SLOPE + 1 / LEAST_SLOPE);
const ITERATIONS = 60;
const RESOLUTION = 4e-16;

/**
 * The times at which an extremal gets at least as far as `d`: {T in [from, until] : D(T) ≥ d} as closed intervals. D is
 * first concave, then convex, then linear in T, so that between a few knots it is monotonous, and there are at most two gaps.
 */
export class TimesAbove {
  /** Arguments of `find`; `until` is infinite unless the extremal may not cruise. */
  d = Number.NaN;
  from = Number.NaN;
  until = Number.NaN;
  /** How far below `d` counts as near. */
  nearness = Number.NaN;
  /** Results: pairs of start and end in ascending order, and how many numbers they are. */
  readonly ends = new Float64Array(10);
  count = 0;
  /** Whether rounding might decide: a start just below `d`, or a gap. */
  near = false;

  private readonly knot = new Float64Array(6);
  /** D − d at the knots. */
  private readonly excess = new Float64Array(6);
  private knots = 0;
  private low = Number.NaN;
  private high = Number.NaN;
  private low_excess = Number.NaN;
  private low_slope = Number.NaN;
  private found = Number.NaN;

  find(e: Extremal): void {
    this.count = 0;
    this.knots = 0;
    this.near = false;
    if (!e.may_cruise) {
      this.near = true;
      this.placeAtExtrema(e);
    } else this.place(e);
    this.collect(e);
  }

  /** Knots in the usual case: as few as decide. */
  private place(e: Extremal): void {
    const d = this.d;
    e.T = this.from;
    e.evaluate();
    const start = e.D - d;
    const start_slope = e.slope;
    this.near = start < 0 && start > -this.nearness;
    const { knot, excess } = this;
    knot[0] = this.from;
    excess[0] = start;
    this.knots = 1;
    if (this.from >= e.T_limit) return;
    const end = e.D_limit - d;
    const bend = timeOfLeastSlope(e);
    if (start < 0) {
      if (start_slope > 0 && bend > this.from && bend < e.T_limit) {
        e.T = bend;
        e.evaluate();
        if (e.slope < 0) {
          this.knots = 0;
          this.near = true;
          this.placeAtExtrema(e);
          return;
        }
      }
      knot[1] = e.T_limit;
      excess[1] = end;
      this.knots = 2;
      return;
    }
    let low = this.from;
    let low_excess = start;
    let low_slope = start_slope;
    if (bend > low) {
      if (bend >= e.T_limit) {
        knot[1] = e.T_limit;
        excess[1] = end;
        this.knots = 2;
        return;
      }
      e.T = bend;
      e.evaluate();
      low = bend;
      low_excess = e.D - d;
      low_slope = e.slope;
    }
    if (low_excess < 0) {
      knot[1] = low;
      excess[1] = low_excess;
      this.knots = 2;
    } else if (low_slope < 0 && end >= 0) {
      this.low = low;
      this.low_excess = low_excess;
      this.low_slope = low_slope;
      this.cut(e);
    }
    knot[this.knots] = e.T_limit;
    excess[this.knots++] = end;
    if (this.knots > 2 || end < 0) this.near = true;
  }

  /** D is convex from `low` to the limit: cutting planes find a point below d, or show that there is none. */
  private cut(e: Extremal): void {
    let low = this.low;
    let low_excess = this.low_excess;
    let low_slope = this.low_slope;
    let high = e.T_limit;
    let high_excess = e.D_limit - this.d;
    let high_slope = e.slope_before_limit;
    for (let i = 0; i < ITERATIONS; i++) {
      const x = (low_excess - high_excess + high_slope * high - low_slope * low) / (high_slope - low_slope);
      if (!(x > low && x < high) || low_excess + low_slope * (x - low) >= 0) return;
      e.T = x;
      e.evaluate();
      const excess = e.D - this.d;
      if (excess < 0) {
        this.addKnot(e);
        return;
      }
      if (e.slope < 0) {
        low = x;
        low_excess = excess;
        low_slope = e.slope;
      } else {
        high = x;
        high_excess = excess;
        high_slope = e.slope;
      }
    }
  }

  /** Knots at the ends and at every extremum. */
  private placeAtExtrema(e: Extremal): void {
    const end = e.may_cruise ? Math.max(this.from, e.T_limit) : this.until;
    e.T = this.from;
    e.evaluate();
    const start_slope = e.slope;
    this.addKnot(e);
    if (!(end > this.from)) return;
    e.T = e.may_cruise ? end * (1 - 1e-15) : end;
    e.evaluate();
    const end_slope = e.slope;
    const end_excess = e.D - this.d;
    const bend = timeOfLeastSlope(e);
    this.low = this.from;
    let low_slope = start_slope;
    if (bend > this.from && bend < end) {
      e.T = bend;
      e.evaluate();
      const slope = e.slope;
      if (start_slope > 0 && slope < 0) {
        this.high = bend;
        this.addExtremum(e, 1);
      }
      this.low = bend;
      low_slope = slope;
    }
    if (low_slope < 0 !== end_slope < 0 && low_slope !== 0) {
      this.high = end;
      this.addExtremum(e, low_slope < 0 ? -1 : 1);
    }
    this.knot[this.knots] = end;
    this.excess[this.knots++] = end_excess;
  }

  /** The slope is monotonous in [low, high] and has the sign `sign` at low: adds the knot where it is zero. */
  private addExtremum(e: Extremal, sign: number): void {
    let low = this.low;
    let high = this.high;
    for (let i = 0; i < ITERATIONS && high - low > RESOLUTION * high; i++) {
      e.T = 0.5 * (low + high);
      e.evaluate();
      if (e.slope * sign > 0) low = e.T;
      else high = e.T;
    }
    e.T = 0.5 * (low + high);
    e.evaluate();
    this.addKnot(e);
  }

  /** A knot where the extremal has been evaluated last. */
  private addKnot(e: Extremal): void {
    this.knot[this.knots] = e.T;
    this.excess[this.knots++] = e.D - this.d;
  }

  private collect(e: Extremal): void {
    const { knot, excess, ends } = this;
    let open = excess[0] >= 0;
    let n = 0;
    if (open) ends[n++] = knot[0];
    for (let i = 1; i < this.knots; i++) {
      if (excess[i] >= 0 === open) continue;
      this.findRoot(e, i);
      ends[n++] = this.found;
      open = !open;
    }
    if (!e.may_cruise) {
      if (open) ends[n++] = this.until;
    } else {
      const last = this.knots - 1;
      if (!open) ends[n++] = knot[last] - excess[last] / e.V;
      ends[n++] = Number.POSITIVE_INFINITY;
    }
    this.count = n;
  }

  /** Root of D(T) = d between knots i−1 and i: Newton's method kept within its bracket. */
  private findRoot(e: Extremal, i: number): void {
    const d = this.d;
    let low = this.knot[i - 1];
    let high = this.knot[i];
    const low_excess = this.excess[i - 1];
    const high_excess = this.excess[i];
    if (low_excess === 0 || high_excess === 0) {
      this.found = low_excess === 0 ? low : high;
      return;
    }
    const rising = low_excess < 0;
    let step = high - low;
    // Short moves grow with the cube of time.
    let x = low + step * Math.cbrt(low_excess / (low_excess - high_excess));
    if (!(x > low && x < high)) x = 0.5 * (low + high);
    for (let iteration = 0; iteration < ITERATIONS; iteration++) {
      e.T = x;
      e.evaluate();
      const excess = e.D - d;
      if (excess === 0) break;
      if (excess < 0 === rising) low = x;
      else high = x;
      const newton = excess / e.slope;
      let next = x - newton;
      if (!(next > low && next < high) || Math.abs(newton) > 0.75 * step) {
        if (Math.abs(newton) < RESOLUTION * x) break;
        next = 0.5 * (low + high);
      }
      step = Math.abs(next - x);
      x = next;
      if (step < RESOLUTION * x || high - low < RESOLUTION * x) break;
    }
    this.found = x;
  }
}

function timeOfLeastSlope(e: Extremal): number {
  const k = Math.abs(e.K);
  const root = Math.sqrt(k);
  const W = root * LEAST_SLOPE_PEAK > 1 ? 0.5 * (k + 9 / 16) : root * LEAST_SLOPE;
  return 2 * W - e.a0 + e.af;
}
