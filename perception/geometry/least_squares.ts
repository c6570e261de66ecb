import { backSubstitute, factorise } from './matrices.ts';

/** A sum of robust squares that adds up its own normal equations. */
export interface Problem {
  /** Robust sum of squared residuals. */
  cost(parameters: Float64Array): number;
  /** Writes JᵀWJ (row-major n×n) and JᵀWr at the parameters of the last `cost`. */
  normal(H: Float64Array, g: Float64Array): void;
}

/** A step that promises, or brings, less than this share of the cost ends the search. */
const LEAST_PROMISE = 2e-4;
const LEAST_GAIN = 1e-3;
const ATTEMPTS = 5;
/** A search cannot come below a limit that is so many of its last, or its promised, gains away. */
const GAINS_LEFT = 6;

/**
 * Levenberg–Marquardt for a handful of parameters (Madsen, Nielsen, Tingleff, 2004). Solves one problem after another in the
 * same arrays; results are valid until the next.
 */
export class LeastSquares {
  /** At the minimum, as is the state of the problem. */
  readonly parameters: Float64Array;
  cost = 0;
  private readonly n: number;
  private readonly next: Float64Array;
  private readonly H: Float64Array;
  private readonly damped: Float64Array;
  private readonly L: Float64Array;
  private readonly g: Float64Array;
  private readonly step: Float64Array;
  private readonly unit: Float64Array;

  constructor(n: number) {
    this.n = n;
    this.parameters = new Float64Array(n);
    this.next = new Float64Array(n);
    this.H = new Float64Array(n * n);
    this.damped = new Float64Array(n * n);
    this.L = new Float64Array(n * n);
    this.g = new Float64Array(n);
    this.step = new Float64Array(n);
    this.unit = new Float64Array(n);
  }

  /** @param hopeless  ends the search where it cannot come below this cost */
  solve(start: Float64Array, iterations: number, problem: Problem, hopeless = Number.POSITIVE_INFINITY): void {
    const { n, parameters: x, next, H, damped, g, step } = this;
    this.begin(start, problem);
    let lambda = 1e-3;
    let gain = 1;
    let elsewhere = false;
    for (let iteration = 0; iteration < iterations && gain > LEAST_GAIN; iteration++) {
      gain = 0;
      for (let attempt = 0; attempt < ATTEMPTS && gain === 0; attempt++) {
        for (let i = 0; i < n * n; i++) damped[i] = H[i];
        for (let i = 0; i < n; i++) damped[i * n + i] += lambda * H[i * n + i] + 1e-12;
        factorise(damped, n, this.L);
        backSubstitute(this.L, n, g, step);
        let promised = 0;
        for (let i = 0; i < n; i++) {
          next[i] = x[i] - step[i];
          promised += step[i] * (g[i] + lambda * H[i * n + i] * step[i]);
        }
        if (promised <= LEAST_PROMISE * this.cost || this.cost - GAINS_LEFT * promised > hopeless) break;
        const cost = problem.cost(next);
        elsewhere = !(cost < this.cost);
        if (elsewhere) lambda *= 8;
        else {
          gain = (this.cost - cost) / this.cost;
          for (let i = 0; i < n; i++) x[i] = next[i];
          this.cost = cost;
          problem.normal(H, g);
          lambda = Math.max(1e-6, lambda / 8);
        }
      }
    }
    if (elsewhere) problem.cost(x);
  }

  /** Puts the problem to these parameters, as if the search had ended there. */
  begin(parameters: Float64Array, problem: Problem): void {
    this.parameters.set(parameters);
    this.cost = problem.cost(this.parameters);
    problem.normal(this.H, this.g);
  }

  /** (JᵀWJ)⁻¹ at the minimum, row-major n×n; the covariance of the parameters for residuals of unit variance. */
  cofactor(): Float64Array {
    const { n, H, L, damped, unit, step } = this;
    damped.set(H);
    for (let i = 0; i < n; i++) damped[i * n + i] += 1e-12;
    factorise(damped, n, L);
    const out = new Float64Array(n * n);
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) unit[i] = i === j ? 1 : 0;
      backSubstitute(L, n, unit, step);
      for (let i = 0; i < n; i++) out[i * n + j] = step[i];
    }
    return out;
  }
}
