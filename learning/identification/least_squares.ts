import { InputError } from '../../contracts/index.ts';
import { DenseCholesky } from '../../control/index.ts';

/** A parameter that is to be found. */
export interface FitParameter {
  readonly name: string;
  readonly unit: string;
  /** Value where nothing is known, and the least and greatest that can be. */
  readonly nominal: number;
  readonly lower: number;
  readonly upper: number;
  /** Where the search begins, and how far a difference goes; by default the nominal value and a fiftieth of the range. */
  readonly start?: number;
  readonly step?: number;
  /** How far values are likely to lie apart; by default the whole range. */
  readonly width?: number;
}

/** Residuals of one group, an episode: all in their own units. Channels have scales of their own. */
export interface ResidualModel {
  readonly groups: number;
  /** Number of channels; residual k of a group is of channel k modulo this. */
  readonly channels: number;
  /** Residuals of all groups at the values of the parameters; the same lengths at every call. */
  residuals(values: Float64Array): readonly Float64Array[];
}

/** Normal equations of each group at the solution, in steps of the parameters' ranges. */
export interface LeastSquaresFit {
  readonly values: Float64Array;
  /** Square root of the mean squared residual over each channel's scale, at the nominal values and at the end. */
  readonly error_before: number;
  readonly error_after: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Widths of the ranges, by which the normal equations are scaled. */
  readonly widths: Float64Array;
  /** JᵀWJ, n×n, and JᵀWr, n, of each group. */
  readonly normal: readonly Float64Array[];
  readonly gradient: readonly Float64Array[];
  readonly scales: Float64Array;
  /** Derivatives of each parameter over its range: of all groups. */
  readonly columns: readonly (readonly Float64Array[])[];
}

export interface LeastSquaresOptions {
  readonly iterations: number;
  /** Told after every iteration. */
  readonly onIteration?: (iteration: number, error: number) => void;
  readonly stopped?: () => boolean;
}

/** Residuals beyond this many scales pull no harder (Huber, 1964). */
const HUBER = 1.5;
const MAD = 1.4826;
/** Change of the values, in ranges, at which the search ends. */
const SETTLED = 1e-3;
const LEAST_SCALE = 1e-12;
const RATIO = 4;
const MOST_TRIES = 5;
/** Weight of the nominal range in a step: one over the variance of a uniform distribution of width 1. */
export const RANGE_PRIOR = 12;

/**
 * Bounded Levenberg-Marquardt with Huber weights; scales of the channels are found anew from the median residual in every
 * iteration. Derivatives are differences towards the
 * middle of the range.
 * @throws InputError for residuals that are not finite, or for none
 */
export function leastSquares(
  parameters: readonly FitParameter[],
  model: ResidualModel,
  { iterations, onIteration, stopped = () => false }: LeastSquaresOptions,
): LeastSquaresFit {
  const n = parameters.length;
  const widths = Float64Array.from(parameters, ({ lower, upper, width }) => width ?? upper - lower);
  const values = Float64Array.from(parameters, ({ start, nominal }) => start ?? nominal);
  const cholesky = new DenseCholesky(n);
  let evaluations = 0;
  const evaluate = (at: Float64Array): readonly Float64Array[] => {
    evaluations++;
    return checked(model.residuals(at));
  };
  const before = evaluate(Float64Array.from(parameters, ({ nominal }) => nominal));
  if (before.every(({ length }) => length === 0)) throw new InputError('residuals: 0', 'motion from which to identify');
  let current = evaluate(values);
  let scales = scalesOf(current, model.channels);
  let columns: Float64Array[][] = [];
  let normal: Float64Array[] = [];
  let gradient: Float64Array[] = [];
  let damping = 1e-3;
  let done = 0;
  let moved = Number.POSITIVE_INFINITY;
  for (; done < iterations && !stopped(); done++) {
    scales = scalesOf(current, model.channels);
    columns = derivatives(parameters, values, widths, current, evaluate);
    ({ normal, gradient } = normalOf(columns, current, scales));
    const A = total(normal, n * n);
    const g = total(gradient, n);
    const loss = lossOf(current, scales);
    moved = 0;
    let accepted = false;
    for (let attempt = 0; attempt < MOST_TRIES && !accepted; attempt++) {
      const damped = A.slice();
      for (let i = 0; i < n; i++) damped[i * n + i] += damping * A[i * n + i] + 1e-9 * (1 + A[i * n + i]);
      cholesky.factor(damped);
      const step = new Float64Array(n);
      cholesky.solve(g, 0, step, 0);
      const next = values.map((value, i) =>
        Math.min(parameters[i].upper, Math.max(parameters[i].lower, value - step[i] * widths[i])),
      );
      const tried = evaluate(next);
      accepted = lossOf(tried, scales) < loss;
      damping = accepted ? damping / RATIO : damping * RATIO * RATIO;
      if (!accepted) continue;
      moved = next.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]) / widths[i]), 0);
      values.set(next);
      current = tried;
    }
    onIteration?.(done + 1, rms(current, scales));
    if (moved < SETTLED) break;
  }
  if (moved >= SETTLED) {
    columns = derivatives(parameters, values, widths, current, evaluate);
    ({ normal, gradient } = normalOf(columns, current, scales));
  }
  return {
    ...{ values, iterations: done, evaluations, widths, normal, gradient, scales, columns },
    error_before: rms(before, scales),
    error_after: rms(current, scales),
  };
}

/** Derivatives of all residuals by each parameter, over its range; towards the middle of the range. */
function derivatives(
  parameters: readonly FitParameter[],
  values: Float64Array,
  widths: Float64Array,
  current: readonly Float64Array[],
  evaluate: (values: Float64Array) => readonly Float64Array[],
): Float64Array[][] {
  return parameters.map(({ lower, upper, step }, i) => {
    const h = step ?? widths[i] / 50;
    const beside = values.slice();
    beside[i] += values[i] > (lower + upper) / 2 ? -h : h;
    const by = widths[i] / (beside[i] - values[i]);
    return evaluate(beside).map((group, g) => group.map((value, k) => (value - current[g][k]) * by));
  });
}

function normalOf(
  columns: LeastSquaresFit['columns'],
  current: readonly Float64Array[],
  scales: Float64Array,
): { normal: Float64Array[]; gradient: Float64Array[] } {
  const n = columns.length;
  const normal = current.map(() => new Float64Array(n * n));
  const gradient = current.map(() => new Float64Array(n));
  current.forEach((residuals, group) => {
    const [H, g] = [normal[group], gradient[group]];
    for (let k = 0; k < residuals.length; k++) {
      const scale = scales[k % scales.length];
      const size = Math.abs(residuals[k]) / scale;
      const weight = (size > HUBER ? HUBER / size : 1) / (scale * scale);
      for (let i = 0; i < n; i++) {
        const d = columns[i][group][k] * weight;
        if (d === 0) continue;
        g[i] += d * residuals[k];
        for (let j = 0; j <= i; j++) H[i * n + j] += d * columns[j][group][k];
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) H[j * n + i] = H[i * n + j];
  });
  return { normal, gradient };
}

/**
 * A fit carried over to another model, one that is not smooth but near: Gauss-Newton steps with the derivatives of the
 * fit (a chord method), its scales found anew from the second model's residuals.
 */
export function carriedOver(
  parameters: readonly FitParameter[],
  fit: LeastSquaresFit,
  model: ResidualModel,
  steps: number,
): LeastSquaresFit {
  const n = parameters.length;
  const values = fit.values.slice();
  const cholesky = new DenseCholesky(n);
  const step = new Float64Array(n);
  let current = checked(model.residuals(values));
  let scales = scalesOf(current, model.channels);
  let linear = normalOf(fit.columns, current, scales);
  for (let k = 0; k < steps; k++) {
    const A = total(linear.normal, n * n);
    for (let i = 0; i < n; i++) A[i * n + i] += RANGE_PRIOR;
    cholesky.factor(A);
    cholesky.solve(total(linear.gradient, n), 0, step, 0);
    for (let i = 0; i < n; i++) {
      const { lower, upper } = parameters[i];
      values[i] = Math.min(upper, Math.max(lower, values[i] - step[i] * fit.widths[i]));
    }
    current = checked(model.residuals(values));
    scales = scalesOf(current, model.channels);
    linear = normalOf(fit.columns, current, scales);
  }
  return { ...fit, values, ...linear, scales, error_after: rms(current, scales) };
}

function scalesOf(groups: readonly Float64Array[], channels: number): Float64Array {
  return Float64Array.from({ length: channels }, (_, c) => {
    const sizes: number[] = [];
    for (const group of groups) for (let k = c; k < group.length; k += channels) sizes.push(Math.abs(group[k]));
    sizes.sort((a, b) => a - b);
    return Math.max(LEAST_SCALE, MAD * (sizes[Math.floor(sizes.length / 2)] ?? 0));
  });
}

function lossOf(groups: readonly Float64Array[], scales: Float64Array): number {
  let sum = 0;
  for (const group of groups) {
    for (let k = 0; k < group.length; k++) {
      const size = Math.abs(group[k]) / scales[k % scales.length];
      sum += size > HUBER ? HUBER * (size - HUBER / 2) : (size * size) / 2;
    }
  }
  return sum;
}

function rms(groups: readonly Float64Array[], scales: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const group of groups) {
    for (let k = 0; k < group.length; k++) sum += (group[k] / scales[k % scales.length]) ** 2;
    count += group.length;
  }
  return Math.sqrt(sum / count);
}

function total(groups: readonly Float64Array[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const group of groups) for (let i = 0; i < length; i++) sum[i] += group[i];
  return sum;
}

function checked(groups: readonly Float64Array[]): readonly Float64Array[] {
  for (const [g, group] of groups.entries()) {
    const at = group.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new InputError(`residual ${at} of group ${g}: ${group[at]}`, 'finite numbers');
  }
  return groups;
}
