import type { Rng } from '../../contracts/index.ts';
import { DenseCholesky } from '../../control/index.ts';
import { symmetricEigen } from '../../perception/index.ts';
import { type FitParameter, type LeastSquaresFit, RANGE_PRIOR } from './least_squares.ts';

/** What is known of one parameter after a fit. */
export interface FittedParameter {
  readonly name: string;
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  /** 95 %: the wider of that by the covariance and that by resampling episodes; the whole range where nothing is known. */
  readonly ci: readonly [number, number];
  readonly identifiable: boolean;
  /** Why it is not; empty where it is. */
  readonly reason: string;
}

export interface Uncertainty {
  readonly parameters: readonly FittedParameter[];
  /** Of `after`, row-major n×n in the parameters' units. */
  readonly covariance: readonly number[];
  /** Of the normal equations, scaled to a unit diagonal; and how many directions they tell of. */
  readonly condition: number;
  readonly rank: number;
}

/** A parameter whose deviation is more than this share of its range's is not told by the data. */
const TOLD = 0.35;
/** A direction this much weaker than the strongest is none. */
const LEAST_SHARE = 1e-8;
const RESAMPLES = 400;
/** Deviation of a uniform distribution of width 1. */
const UNIFORM = 1 / Math.sqrt(12);
const STRONG = 0.9;

/**
 * Covariance clustered by group (Liang and Zeger, 1986), beside a weak prior as wide as the ranges, and intervals that also
 * hold the middle 95 % of a bootstrap over groups of the linearised problem. Parameters that the data does not tell stay
 * where they were.
 *
 * @param others  fits of the same data by models that differ in what is not known: values are means over all models, and
 * their spread, with the factor of Student's distribution over so few, is part of the intervals
 */
export function fitUncertainty(
  parameters: readonly FitParameter[],
  fit: LeastSquaresFit,
  rng: Rng,
  others: readonly LeastSquaresFit[] = [],
): Uncertainty {
  const n = parameters.length;
  const { normal, gradient, widths } = fit;
  const all = normal.map(() => 1);
  const prior = RANGE_PRIOR;
  const H = summed(normal, all, n * n);
  for (let i = 0; i < n; i++) H[i * n + i] += prior;
  const inverse = inverted(H, n);
  const clustered = sandwich(inverse, gradient, n);
  const models = [fit, ...others];
  const means = widths.map((_, i) => models.reduce((sum, { values }) => sum + values[i], 0) / models.length);
  const spread = widths.map((width, i) =>
    models.length < 2
      ? 0
      : models.reduce((sum, { values }) => sum + ((values[i] - means[i]) / width) ** 2, 0) / (models.length - 1),
  );
  const half = (i: number) => Math.sqrt(Math.max(inverse[i * n + i], clustered[i * n + i]) + spread[i]);
  const shifts = bootstrap(normal, gradient, prior, n, rng);
  const quantile = studentQuantile(Math.max(1, normal.length - 1));
  const { condition, rank } = conditionOf(summed(normal, all, n * n), n);
  const covariance = Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return (i === j ? Math.max(inverse[k], clustered[k]) + spread[i] : inverse[k]) * widths[i] * widths[j];
  });
  const rows = parameters.map(({ name, unit, nominal, lower, upper }, i): FittedParameter => {
    const sd = half(i);
    const bounded = (value: number) => Math.min(upper, Math.max(lower, value));
    const identifiable = sd < TOLD * UNIFORM;
    if (!identifiable) {
      const unsettled = spread[i] > (TOLD * UNIFORM) ** 2 / 2;
      const reason = unsettled
        ? 'it depends on what is not known of the model'
        : reasonOf(parameters, H, inverse, i, prior);
      return { name, unit, before: nominal, after: nominal, ci: [lower, upper], identifiable, reason };
    }
    const after = means[i];
    const drawn = shifts[i];
    const reach = quantile * sd * widths[i];
    const low = Math.min(after - reach, after + drawn[Math.floor(0.025 * drawn.length)] * widths[i]);
    const high = Math.max(after + reach, after + drawn[Math.ceil(0.975 * drawn.length) - 1] * widths[i]);
    return { name, unit, before: nominal, after, ci: [bounded(low), bounded(high)], identifiable, reason: '' };
  });
  return { parameters: rows, covariance, condition, rank };
}

function reasonOf(
  parameters: readonly FitParameter[],
  H: Float64Array,
  inverse: Float64Array,
  i: number,
  prior: number,
): string {
  const n = parameters.length;
  if (1 / Math.sqrt(H[i * n + i]) > TOLD * UNIFORM || H[i * n + i] < 2 * prior)
    return 'it hardly shows in these motions';
  const others = parameters
    .map(({ name }, j) => ({ name, r: inverse[i * n + j] / Math.sqrt(inverse[i * n + i] * inverse[j * n + j]), j }))
    .filter(({ r, j }) => j !== i && Math.abs(r) > STRONG)
    .map(({ name }) => name);
  return others.length > 0 ? `cannot be told apart from ${others.join(', ')}` : 'episodes disagree about it';
}

function sandwich(inverse: Float64Array, gradient: readonly Float64Array[], n: number): Float64Array {
  const G = gradient.length;
  const B = new Float64Array(n * n);
  for (const g of gradient) for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[i * n + j] += g[i] * g[j];
  const out = new Float64Array(n * n);
  if (G < 2) return out;
  const half = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) half[i * n + j] += inverse[i * n + k] * B[k * n + j];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) out[i * n + j] += (half[i * n + k] * inverse[k * n + j] * G) / (G - 1);
  return out;
}

/** Per parameter the sorted shifts of the solution, in ranges, when groups are drawn with replacement. */
function bootstrap(
  normal: readonly Float64Array[],
  gradient: readonly Float64Array[],
  prior: number,
  n: number,
  rng: Rng,
): Float64Array[] {
  const groups = normal.length;
  const shifts = Array.from({ length: n }, () => new Float64Array(RESAMPLES));
  const cholesky = new DenseCholesky(n);
  const step = new Float64Array(n);
  const mean = summed(
    gradient,
    gradient.map(() => 1 / groups),
    n,
  );
  for (let b = 0; b < RESAMPLES; b++) {
    const times = new Array<number>(groups).fill(0);
    for (let k = 0; k < groups; k++) times[rng.int(groups)]++;
    const H = summed(normal, times, n * n);
    for (let i = 0; i < n; i++) H[i * n + i] += prior;
    const g = summed(gradient, times, n);
    for (let i = 0; i < n; i++) g[i] -= groups * mean[i];
    cholesky.factor(H);
    cholesky.solve(g, 0, step, 0);
    for (let i = 0; i < n; i++) shifts[i][b] = -step[i];
  }
  for (const shift of shifts) shift.sort();
  return shifts;
}

function conditionOf(H: Float64Array, n: number): { condition: number; rank: number } {
  const unit = Float64Array.from(H, (value, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return value / Math.sqrt((H[i * n + i] || 1) * (H[j * n + j] || 1));
  });
  const { values } = symmetricEigen(unit, n);
  const told = values.filter((value) => value > LEAST_SHARE * values[0]);
  return { condition: Math.sqrt(values[0] / Math.max(values[n - 1], 1e-300)), rank: told.length };
}

function inverted(H: Float64Array, n: number): Float64Array {
  const cholesky = new DenseCholesky(n);
  cholesky.factor(H);
  const out = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit.fill(0);
    unit[j] = 1;
    cholesky.solve(unit, 0, unit, 0);
    for (let i = 0; i < n; i++) out[i * n + j] = unit[i];
  }
  return out;
}

function summed(groups: readonly Float64Array[], times: readonly number[], length: number): Float64Array {
  const sum = new Float64Array(length);
  groups.forEach((group, g) => {
    if (times[g] !== 0) for (let i = 0; i < length; i++) sum[i] += times[g] * group[i];
  });
  return sum;
}

/** Two-sided 95 % quantile of Student's distribution (Cornish-Fisher expansion; exact for 1 and 2). */
export function studentQuantile(freedom: number): number {
  if (freedom === 1) return 12.7062;
  if (freedom === 2) return 4.3027;
  const z = 1.959964;
  const [z3, z5] = [z ** 3, z ** 5];
  return (
    z +
    (z3 + z) / (4 * freedom) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * freedom ** 3)
  );
}
