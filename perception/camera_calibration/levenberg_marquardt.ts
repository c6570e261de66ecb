import { backSubstitute } from '../geometry/index.ts';

/** Normal equations Σ w JᵀJ and Σ w Jᵀr, filled a residual at a time; the residuals themselves are never kept. */
export class NormalEquations {
  readonly unknowns: number;
  /** Row-major, lower triangle only. */
  readonly H: Float64Array;
  readonly g: Float64Array;
  cost = 0;
  /** Residuals that are measurements, not priors. */
  count = 0;

  constructor(unknowns: number) {
    this.unknowns = unknowns;
    this.H = new Float64Array(unknowns * unknowns);
    this.g = new Float64Array(unknowns);
  }

  clear(): void {
    this.H.fill(0);
    this.g.fill(0);
    this.cost = 0;
    this.count = 0;
  }

  /**
   * A measurement whose residual over its standard deviation is r; beyond `huber` it counts linearly (Huber, 1964).
   * @param columns  unknowns it depends on, in rising order; `row` has the derivatives of r by them
   */
  add(columns: Int32Array, row: Float64Array, count: number, r: number, huber = Infinity): void {
    const a = Math.abs(r);
    this.count++;
    this.accumulate(columns, row, count, r, a <= huber ? 1 : huber / a);
    this.cost += a <= huber ? a * a : huber * (2 * a - huber);
  }

  /** What is known of unknown i beforehand: its difference from the expected value over the standard deviation. */
  addPrior(i: number, difference: number, sigma: number): void {
    const weight = 1 / (sigma * sigma);
    this.H[i * this.unknowns + i] += weight;
    this.g[i] += weight * difference;
    this.cost += weight * difference * difference;
  }

  /** Adds equations of other unknowns: their unknown i is `map[i]` here, in rising order. */
  addMapped(other: NormalEquations, map: Int32Array): void {
    const { unknowns: n } = other;
    for (let i = 0; i < n; i++) {
      this.g[map[i]] += other.g[i];
      for (let k = 0; k <= i; k++) this.H[map[i] * this.unknowns + map[k]] += other.H[i * n + k];
    }
    this.cost += other.cost;
    this.count += other.count;
  }

  private accumulate(columns: Int32Array, row: Float64Array, count: number, r: number, weight: number): void {
    const { H, g, unknowns } = this;
    for (let a = 0; a < count; a++) {
      const w = weight * row[a];
      if (w === 0) continue;
      const i = columns[a];
      g[i] += w * r;
      const line = i * unknowns;
      for (let b = 0; b <= a; b++) H[line + columns[b]] += w * row[b];
    }
  }
}

/** Something to be least: unknowns move a state, which need not be a vector. */
export interface LeastSquaresProblem<S> {
  readonly unknowns: number;
  /** Adds every residual of the state, and its derivatives by the step at zero. */
  evaluate(state: S, equations: NormalEquations): void;
  /** The state moved by a step. */
  move(state: S, step: Float64Array): S;
}

export interface Minimum<S> {
  readonly state: S;
  /** Sum of squared residuals over their deviations, priors included. */
  readonly cost: number;
  /** Measurements behind it. */
  readonly count: number;
  /** (Σ JᵀJ)⁻¹, row-major: the covariance of the step if residuals have the deviations that were said. */
  readonly covariance: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

const ITERATIONS = 100;
const LEAST_GAIN = 1e-12;

/** Levenberg–Marquardt over normal equations (Madsen, Nielsen, Tingleff, 2004), to the end unless `iterations` says less. */
export function minimise<S>(problem: LeastSquaresProblem<S>, start: S, iterations = ITERATIONS): Minimum<S> {
  const { unknowns: n } = problem;
  let state = start;
  let now = new NormalEquations(n);
  let next = new NormalEquations(n);
  problem.evaluate(state, now);
  let lambda = 1e-4;
  let done = 0;
  let converged = false;
  while (done < iterations && !converged) {
    done++;
    const step = dampedStep(now, lambda);
    const trial = step === null ? null : problem.move(state, step);
    next.clear();
    if (trial !== null) problem.evaluate(trial, next);
    if (trial !== null && next.cost <= now.cost && next.count > 0) {
      converged = now.cost - next.cost <= LEAST_GAIN * now.cost;
      state = trial;
      [now, next] = [next, now];
      lambda = Math.max(1e-12, lambda / 10);
    } else {
      lambda *= 10;
      converged = lambda > 1e10;
    }
  }
  return { state, cost: now.cost, count: now.count, covariance: invert(now), iterations: done, converged };
}

function dampedStep({ H, g, unknowns: n }: NormalEquations, lambda: number): Float64Array | null {
  const L = H.slice();
  for (let i = 0; i < n; i++) L[i * n + i] *= 1 + lambda;
  if (!factor(L, n)) return null;
  const x = g.map((value) => -value);
  backSubstitute(L, n, x, x);
  return x;
}

/** Cholesky's factor of the lower triangle in place; false if the matrix is not positive definite. */
function factor(L: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let pivot = L[j * n + j];
    const whole = pivot;
    for (let k = 0; k < j; k++) pivot -= L[j * n + k] ** 2;
    if (!(pivot > 1e-15 * whole)) return false;
    const d = Math.sqrt(pivot);
    L[j * n + j] = d;
    for (let i = j + 1; i < n; i++) {
      let sum = L[i * n + j];
      for (let k = 0; k < j; k++) sum -= L[i * n + k] * L[j * n + k];
      L[i * n + j] = sum / d;
    }
  }
  return true;
}

/** Inverse of the normal matrix, row-major; infinite on the diagonal where the measurements say nothing. */
export function invert({ H, unknowns: n }: NormalEquations): Float64Array {
  const out = new Float64Array(n * n);
  const L = H.slice();
  if (!factor(L, n)) {
    for (let i = 0; i < n; i++) out[i * n + i] = Infinity;
    return out;
  }
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit.fill(0);
    unit[j] = 1;
    backSubstitute(L, n, unit, unit);
    for (let i = 0; i < n; i++) out[i * n + j] = unit[i];
  }
  return out;
}
