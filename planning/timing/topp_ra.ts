/**
 * Constraints on the motion along a path over intervals of s, in the variables x = ṡ² and u = s̈ (constant in an
 * interval): |α u + β x| ≤ c for every row of an interval, with x at its beginning, and 0 ≤ x ≤ x_max at the grid points.
 */
export interface PathConstraints {
  readonly intervals: number;
  /** Lengths of the intervals in s, > 0. */
  readonly delta: Float64Array;
  /** Rows an interval. */
  readonly rows: number;
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
  readonly bound: Float64Array;
  /** One a grid point: intervals + 1; Infinity for none. */
  readonly x_max: Float64Array;
}

/**
 * The fastest x = ṡ² at the grid points, from x_start to rest, or null where x_start is too fast: controllable sets
 * backwards, then the largest s̈ forwards (Pham and Pham, A New Approach to Time-Optimal Path Parameterization Based on
 * Reachability Analysis, 2018). Standstill meets all constraints, so the controllable sets are [0, upper] and each needs
 * one number: the largest x where the least s̈ still meets the largest one, found from above along the active rows.
 * @param x_end  ṡ² at the end, at most
 */
export function solveToppRa(constraints: PathConstraints, x_start = 0, x_end = 0): Float64Array | null {
  const { intervals, delta, x_max } = constraints;
  const upper = new Float64Array(intervals + 1);
  upper[intervals] = Math.min(x_end, x_max[intervals]);
  const range = new Range();
  for (let i = intervals - 1; i >= 0; i--) {
    upper[i] = largestControllable(constraints, i, upper[i + 1], range);
  }
  if (x_start > upper[0] * (1 + 1e-9)) return null;
  const x = new Float64Array(intervals + 1);
  x[0] = Math.min(x_start, upper[0]);
  for (let i = 0; i < intervals; i++) {
    range.at(constraints, i, x[i], upper[i + 1]);
    x[i + 1] = Math.min(Math.max(x[i] + 2 * delta[i] * range.high, 0), upper[i + 1]);
  }
  return x;
}

function largestControllable(constraints: PathConstraints, i: number, next_upper: number, range: Range): number {
  const { rows, alpha, beta, bound } = constraints;
  let x = constraints.x_max[i];
  for (let r = i * rows; r < (i + 1) * rows; r++) {
    if (Math.abs(alpha[r]) < FLAT && beta[r] !== 0) x = Math.min(x, bound[r] / Math.abs(beta[r]));
  }
  x = Math.min(x, MOST);
  for (let k = 0; k < ROUNDS; k++) {
    range.at(constraints, i, x, next_upper);
    const excess = range.low - range.high;
    if (excess <= 0) return x;
    const slope = range.low_slope - range.high_slope;
    const next = Math.max(0, x - excess / slope);
    // rows with little of s̈ have steep ends, which rounding moves by more than a last step
    if (!(next < x * (1 - 1e-14))) return next <= x ? next : 0;
    x = next;
  }
  return x;
}

/** The interval of s̈ at one x, and how its ends change with x. */
class Range {
  low = 0;
  high = 0;
  low_slope = 0;
  high_slope = 0;

  at({ rows, alpha, beta, bound, delta }: PathConstraints, i: number, x: number, next_upper: number): void {
    const per = 1 / (2 * delta[i]);
    let low = -x * per;
    let low_slope = -per;
    let high = (next_upper - x) * per;
    let high_slope = -per;
    for (let r = i * rows; r < (i + 1) * rows; r++) {
      let a = alpha[r];
      let b = beta[r];
      if (a < 0) {
        a = -a;
        b = -b;
      }
      if (a < FLAT) continue;
      const slope = -b / a;
      const reach = bound[r] / a;
      const top = reach + slope * x;
      const bottom = slope * x - reach;
      if (top < high) {
        high = top;
        high_slope = slope;
      }
      if (bottom > low) {
        low = bottom;
        low_slope = slope;
      }
    }
    this.low = low;
    this.high = high;
    this.low_slope = low_slope;
    this.high_slope = high_slope;
  }
}

/** A row with less than this before s̈ bounds x alone. */
const FLAT = 1e-12;
/** ṡ² where nothing bounds it. */
const MOST = 1e12;
const ROUNDS = 200;
