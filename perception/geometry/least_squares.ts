/** A minimum of Σ w(r) r² found by `leastSquares`. */
export interface LeastSquaresFit {
  readonly parameters: Float64Array;
  /** Root mean square of the data residuals at the minimum. */
  readonly rms: number;
  /** (JᵀWJ)⁻¹ at the minimum, row-major n×n; the covariance of the parameters for residuals of unit variance. */
  readonly cofactor: Float64Array;
}

export interface LeastSquaresProblem {
  readonly residuals: number;
  /** The last `priors` residuals are not data: they are never down-weighted and do not count in the rms. */
  readonly priors: number;
  /** Residuals larger than this count linearly (Huber, 1964). */
  readonly huber: number;
  readonly iterations: number;
  /** Writes the residuals and, row-major, their derivatives. */
  evaluate(parameters: Float64Array, residuals: Float64Array, jacobian: Float64Array): void;
}

/** Gains smaller than this share of the cost end the search. */
const LEAST_GAIN = 1e-4;
const ATTEMPTS = 5;

/** Levenberg–Marquardt with Huber weights, for a handful of parameters (Madsen, Nielsen, Tingleff, 2004). */
export function leastSquares(problem: LeastSquaresProblem, start: Float64Array): LeastSquaresFit {
  const n = start.length;
  const m = problem.residuals;
  const data = m - problem.priors;
  let x = start.slice();
  let r = new Float64Array(m);
  let J = new Float64Array(m * n);
  let trial = new Float64Array(m);
  let trialJ = new Float64Array(m * n);
  const H = new Float64Array(n * n);
  const g = new Float64Array(n);
  let lambda = 1e-3;
  problem.evaluate(x, r, J);
  let cost = robustCost(r, data, problem.huber);
  let gain = 1;
  for (let iteration = 0; iteration < problem.iterations && gain > LEAST_GAIN; iteration++) {
    normalEquations(r, J, data, problem.huber, H, g);
    gain = 0;
    for (let attempt = 0; attempt < ATTEMPTS && gain === 0; attempt++) {
      const damped = H.slice();
      for (let i = 0; i < n; i++) damped[i * n + i] += lambda * H[i * n + i] + 1e-12;
      const step = solve(damped, g, n);
      const next = x.map((value, i) => value - step[i]);
      problem.evaluate(next, trial, trialJ);
      const nextCost = robustCost(trial, data, problem.huber);
      if (nextCost < cost) {
        gain = (cost - nextCost) / cost;
        x = next;
        [r, trial] = [trial, r];
        [J, trialJ] = [trialJ, J];
        cost = nextCost;
        lambda = Math.max(1e-6, lambda / 8);
      } else lambda *= 8;
    }
  }
  normalEquations(r, J, data, problem.huber, H, g);
  let sum = 0;
  for (let i = 0; i < data; i++) sum += r[i] * r[i];
  return { parameters: x, rms: Math.sqrt(sum / Math.max(1, data)), cofactor: invert(H, n) };
}

function robustCost(r: Float64Array, data: number, huber: number): number {
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    const a = Math.abs(r[i]);
    sum += i >= data || a <= huber ? a * a : huber * (2 * a - huber);
  }
  return sum;
}

function normalEquations(
  r: Float64Array,
  J: Float64Array,
  data: number,
  huber: number,
  H: Float64Array,
  g: Float64Array,
): void {
  const n = g.length;
  H.fill(0);
  g.fill(0);
  for (let i = 0; i < r.length; i++) {
    const a = Math.abs(r[i]);
    const w = i >= data || a <= huber ? 1 : huber / a;
    for (let j = 0; j < n; j++) {
      const wj = w * J[i * n + j];
      g[j] += wj * r[i];
      for (let k = 0; k <= j; k++) H[j * n + k] += wj * J[i * n + k];
    }
  }
  for (let j = 0; j < n; j++) for (let k = 0; k < j; k++) H[k * n + j] = H[j * n + k];
}

/** Solves A x = b for a symmetric positive definite A by Cholesky's factors; a vanishing pivot leaves its unknown at 0. */
function solve(A: Float64Array, b: Float64Array, n: number): Float64Array {
  const L = A.slice();
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) L[j * n + j] -= L[j * n + k] ** 2;
    const pivot = L[j * n + j];
    const d = pivot > 1e-300 ? Math.sqrt(pivot) : Number.POSITIVE_INFINITY;
    L[j * n + j] = d;
    for (let i = j + 1; i < n; i++) {
      for (let k = 0; k < j; k++) L[i * n + j] -= L[i * n + k] * L[j * n + k];
      L[i * n + j] /= d;
    }
  }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= L[i * n + k] * x[k];
    x[i] /= L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= L[k * n + i] * x[k];
    x[i] /= L[i * n + i];
  }
  return x;
}

function invert(A: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit.fill(0);
    unit[j] = 1;
    const column = solve(A, unit, n);
    for (let i = 0; i < n; i++) out[i * n + j] = column[i];
  }
  return out;
}
