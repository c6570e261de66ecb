import { backSubstitute, factorise } from './matrices.ts';

/** Writes the residuals and, row-major, their derivatives by the parameters. */
export type Evaluate = (parameters: Float64Array, residuals: Float64Array, jacobian: Float64Array) => void;

/** Gains smaller than this share of the cost end the search. */
const LEAST_GAIN = 1e-3;
const ATTEMPTS = 5;

/**
 * Levenberg–Marquardt with Huber weights (Huber, 1964), for a handful of parameters (Madsen, Nielsen, Tingleff, 2004).
 * Solves one problem after another in the same arrays; results are valid until the next.
 */
export class LeastSquares {
  /** At the minimum. */
  readonly parameters: Float64Array;
  residuals: Float64Array;
  jacobian: Float64Array;
  /** Robust sum of squared residuals. */
  cost = 0;
  private readonly n: number;
  private rows = 0;
  private data = 0;
  private huber = Number.POSITIVE_INFINITY;
  private trial: Float64Array;
  private trialJacobian: Float64Array;
  private readonly next: Float64Array;
  private readonly H: Float64Array;
  private readonly damped: Float64Array;
  private readonly L: Float64Array;
  private readonly g: Float64Array;
  private readonly step: Float64Array;

  /** @param most  residuals of the largest problem */
  constructor(most: number, n: number) {
    this.n = n;
    this.parameters = new Float64Array(n);
    this.residuals = new Float64Array(most);
    this.trial = new Float64Array(most);
    this.jacobian = new Float64Array(most * n);
    this.trialJacobian = new Float64Array(most * n);
    this.next = new Float64Array(n);
    this.H = new Float64Array(n * n);
    this.damped = new Float64Array(n * n);
    this.L = new Float64Array(n * n);
    this.g = new Float64Array(n);
    this.step = new Float64Array(n);
  }

  /**
   * @param rows  residuals of this problem; the last `priors` of them are not data and are never weighted down
   * @param huber  residuals larger than this count linearly
   */
  solve(
    start: Float64Array,
    rows: number,
    priors: number,
    huber: number,
    iterations: number,
    evaluate: Evaluate,
  ): void {
    const { n, parameters: x, next, H, damped, g, step } = this;
    this.rows = rows;
    this.data = rows - priors;
    this.huber = huber;
    x.set(start);
    evaluate(x, this.residuals, this.jacobian);
    this.cost = this.robustCost(this.residuals);
    let lambda = 1e-3;
    let gain = 1;
    for (let iteration = 0; iteration < iterations && gain > LEAST_GAIN; iteration++) {
      this.normalEquations();
      gain = 0;
      for (let attempt = 0; attempt < ATTEMPTS && gain === 0; attempt++) {
        damped.set(H);
        for (let i = 0; i < n; i++) damped[i * n + i] += lambda * H[i * n + i] + 1e-12;
        factorise(damped, n, this.L);
        backSubstitute(this.L, n, g, step);
        for (let i = 0; i < n; i++) next[i] = x[i] - step[i];
        evaluate(next, this.trial, this.trialJacobian);
        const cost = this.robustCost(this.trial);
        if (cost < this.cost) {
          gain = (this.cost - cost) / this.cost;
          x.set(next);
          [this.residuals, this.trial] = [this.trial, this.residuals];
          [this.jacobian, this.trialJacobian] = [this.trialJacobian, this.jacobian];
          this.cost = cost;
          lambda = Math.max(1e-6, lambda / 8);
        } else lambda *= 8;
      }
    }
  }

  /** (JᵀWJ)⁻¹ at the minimum, row-major n×n; the covariance of the parameters for residuals of unit variance. */
  cofactor(): Float64Array {
    const { n, H, L } = this;
    this.normalEquations();
    for (let i = 0; i < n; i++) H[i * n + i] += 1e-12;
    factorise(H, n, L);
    const out = new Float64Array(n * n);
    const unit = new Float64Array(n);
    const column = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      unit.fill(0);
      unit[j] = 1;
      backSubstitute(L, n, unit, column);
      for (let i = 0; i < n; i++) out[i * n + j] = column[i];
    }
    return out;
  }

  /** How much a residual counts, 0..1. */
  weightOf(row: number): number {
    const a = Math.abs(this.residuals[row]);
    return row >= this.data || a <= this.huber ? 1 : this.huber / a;
  }

  private robustCost(r: Float64Array): number {
    const { huber, data, rows } = this;
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const a = Math.abs(r[i]);
      sum += i >= data || a <= huber ? a * a : huber * (2 * a - huber);
    }
    return sum;
  }

  private normalEquations(): void {
    const { n, rows, data, huber, residuals: r, jacobian: J, H, g } = this;
    H.fill(0);
    g.fill(0);
    for (let i = 0; i < rows; i++) {
      const residual = r[i];
      const size = residual < 0 ? -residual : residual;
      const w = i >= data || size <= huber ? 1 : huber / size;
      const row = i * n;
      for (let j = 0; j < n; j++) {
        const wj = w * J[row + j];
        if (wj === 0) continue;
        g[j] += wj * residual;
        for (let k = 0; k <= j; k++) H[j * n + k] += wj * J[row + k];
      }
    }
    for (let j = 0; j < n; j++) for (let k = 0; k < j; k++) H[k * n + j] = H[j * n + k];
  }
}
