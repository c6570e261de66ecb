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
  /** Step of the central difference for each parameter, about its own scale of change. */
  readonly steps: readonly number[];
  /** Residuals larger than this count linearly (Huber, 1964). */
  readonly huber: number;
  readonly iterations: number;
  evaluate(parameters: Float64Array, out: Float64Array): void;
}

/** Levenberg–Marquardt with numerical derivatives and Huber weights, for a handful of parameters. */
export function leastSquares(problem: LeastSquaresProblem, start: Float64Array): LeastSquaresFit {
  const n = start.length;
  const m = problem.residuals;
  const data = m - problem.priors;
  let x = start.slice();
  const r = new Float64Array(m);
  const trial = new Float64Array(m);
  const J = new Float64Array(m * n);
  const H = new Float64Array(n * n);
  const g = new Float64Array(n);
  let lambda = 1e-3;
  problem.evaluate(x, r);
  let cost = robustCost(r, data, problem.huber);
  for (let iteration = 0; iteration < problem.iterations; iteration++) {
    normalEquations(problem, x, r, J, H, g);
    let improved = false;
    for (let attempt = 0; attempt < 5 && !improved; attempt++) {
      const damped = H.slice();
      for (let i = 0; i < n; i++) damped[i * n + i] += lambda * H[i * n + i] + 1e-12;
      const step = solve(damped, g, n);
      const next = x.map((value, i) => value - step[i]);
      problem.evaluate(next, trial);
      const nextCost = robustCost(trial, data, problem.huber);
      if (nextCost < cost) {
        improved = true;
        const gain = (cost - nextCost) / cost;
        x = next;
        r.set(trial);
        cost = nextCost;
        lambda = Math.max(1e-6, lambda / 8);
        if (gain < 1e-4) iteration = problem.iterations;
      } else lambda *= 8;
    }
    if (!improved) break;
  }
  normalEquations(problem, x, r, J, H, g);
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
  problem: LeastSquaresProblem,
  x: Float64Array,
  r: Float64Array,
  J: Float64Array,
  H: Float64Array,
  g: Float64Array,
): void {
  const n = x.length;
  const m = problem.residuals;
  const data = m - problem.priors;
  const up = new Float64Array(m);
  const down = new Float64Array(m);
  const at = x.slice();
  for (let j = 0; j < n; j++) {
    const h = problem.steps[j];
    at[j] = x[j] + h;
    problem.evaluate(at, up);
    at[j] = x[j] - h;
    problem.evaluate(at, down);
    at[j] = x[j];
    for (let i = 0; i < m; i++) J[i * n + j] = (up[i] - down[i]) / (2 * h);
  }
  H.fill(0);
  g.fill(0);
  for (let i = 0; i < m; i++) {
    const a = Math.abs(r[i]);
    const w = i >= data || a <= problem.huber ? 1 : problem.huber / a;
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
