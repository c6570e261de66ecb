import { InputError } from '../../contracts/index.ts';

/** P(right) = 1 / (1 + exp(−(bias + Σ weights_k (x_k − means_k) / scales_k))). */
export interface LogisticModel {
  readonly means: readonly number[];
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

const ITERATIONS = 50;
const SMALL_STEP = 1e-9;

/**
 * Logistic regression by Newton's method with a Gaussian prior on the weights (iteratively reweighted least squares;
 * Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.4.1). With one feature it is Platt's scaling
 * (Platt, 1999).
 * @param x  rows of equal length, finite
 * @param y  of every row, whether it was right
 * @param ridge  precision of the prior of every weight but the bias, over features scaled to unit deviation
 * @throws InputError without rows, or if rows are unequal or not finite
 */
export function fitLogistic(x: readonly ArrayLike<number>[], y: readonly boolean[], ridge = 1): LogisticModel {
  const n = x[0]?.length ?? 0;
  if (x.length === 0 || x.length !== y.length) throw new InputError(`${x.length} rows, ${y.length} labels`, 'as many');
  for (const row of x) {
    if (row.length === n && Array.from(row).every(Number.isFinite)) continue;
    throw new InputError(`features ${Array.from(row).join(', ')}`, `${n} finite numbers`);
  }
  const means = column(n, (k) => x.reduce((sum, row) => sum + row[k], 0) / x.length);
  const scales = column(n, (k) => {
    const variance = x.reduce((sum, row) => sum + (row[k] - means[k]) ** 2, 0) / x.length;
    return variance > 1e-12 ? Math.sqrt(variance) : 1;
  });
  const rows = x.map((row) => Float64Array.from([1, ...means.map((mean, k) => (row[k] - mean) / scales[k])]));
  const w = new Float64Array(n + 1);
  // The start of all rows alike: Newton's steps from there do not overshoot where classes are rare.
  const share = (y.filter(Boolean).length + 0.5) / (y.length + 1);
  w[0] = Math.log(share / (1 - share));
  let cost = costOf(rows, y, w, ridge);
  for (let i = 0; i < ITERATIONS; i++) {
    const step = newtonStep(rows, y, w, ridge);
    let scale = 1;
    let next = w.map((value, k) => value - step[k]);
    let lower = costOf(rows, y, next, ridge);
    while (lower > cost && scale > 1e-6) {
      scale /= 2;
      next = w.map((value, k) => value - scale * step[k]);
      lower = costOf(rows, y, next, ridge);
    }
    if (!(lower < cost)) break;
    const gain = cost - lower;
    w.set(next);
    cost = lower;
    if (gain < SMALL_STEP) break;
  }
  return { means, scales, weights: Array.from(w.subarray(1)), bias: w[0] };
}

/** Natural log odds that a row is right. */
export function logOdds({ means, scales, weights, bias }: LogisticModel, row: ArrayLike<number>): number {
  let sum = bias;
  for (let k = 0; k < weights.length; k++) sum += (weights[k] * (row[k] - means[k])) / scales[k];
  return sum;
}

/** 1 / (1 + exp(−x)), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function column(n: number, of: (k: number) => number): number[] {
  return Array.from({ length: n }, (_, k) => of(k));
}

/** Negative log likelihood with the prior. */
function costOf(rows: readonly Float64Array[], y: readonly boolean[], w: Float64Array, ridge: number): number {
  let cost = 0;
  for (let k = 1; k < w.length; k++) cost += (ridge / 2) * w[k] ** 2;
  rows.forEach((row, i) => {
    const margin = (y[i] ? 1 : -1) * dot(row, w);
    cost += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  });
  return cost;
}

function newtonStep(
  rows: readonly Float64Array[],
  y: readonly boolean[],
  w: Float64Array,
  ridge: number,
): Float64Array {
  const n = w.length;
  const H = new Float64Array(n * n);
  const g = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    H[k * n + k] = k === 0 ? 1e-9 : ridge;
    g[k] = k === 0 ? 0 : ridge * w[k];
  }
  rows.forEach((row, i) => {
    const p = sigmoid(dot(row, w));
    const r = p - (y[i] ? 1 : 0);
    for (let j = 0; j < n; j++) {
      g[j] += r * row[j];
      const h = p * (1 - p) * row[j];
      for (let k = 0; k <= j; k++) H[j * n + k] += h * row[k];
    }
  });
  return solveSymmetric(H, g);
}

/** Solves H x = g in place for a positive definite H of which the lower triangle is given (Cholesky). */
function solveSymmetric(H: Float64Array, g: Float64Array): Float64Array {
  const n = g.length;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) H[j * n + j] -= H[j * n + k] ** 2;
    H[j * n + j] = Math.sqrt(Math.max(1e-12, H[j * n + j]));
    for (let i = j + 1; i < n; i++) {
      for (let k = 0; k < j; k++) H[i * n + j] -= H[i * n + k] * H[j * n + k];
      H[i * n + j] /= H[j * n + j];
    }
  }
  const x = g.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= H[i * n + k] * x[k];
    x[i] /= H[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= H[k * n + i] * x[k];
    x[i] /= H[i * n + i];
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
