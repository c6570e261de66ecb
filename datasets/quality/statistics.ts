import { quantile } from '../../contracts/index.ts';

/** Quantile `fraction` of the finite values by nearest rank; NaN when there are none. */
export function quantileOf(values: ArrayLike<number>, fraction: number): number {
  return quantile(Float64Array.from(values).filter(Number.isFinite), fraction);
}

export const medianOf = (values: ArrayLike<number>): number => quantileOf(values, 0.5);

/** Standard deviation of the bulk of the values, from their median absolute deviation (Hampel, JASA 69, 1974). */
export function robustDeviation(values: ArrayLike<number>): number {
  const middle = medianOf(values);
  return 1.4826 * medianOf(Array.from(values, (value) => Math.abs(value - middle)));
}

/** Differences of neighbours; one shorter. */
export function differences(values: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) => values[i + 1] - values[i]);
}

/** Pearson's correlation; 0 where either does not vary. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let [sum_a, sum_b] = [0, 0];
  for (let i = 0; i < n; i++) {
    sum_a += a[i];
    sum_b += b[i];
  }
  const [mean_a, mean_b] = [sum_a / n, sum_b / n];
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [da, db] = [a[i] - mean_a, b[i] - mean_b];
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** Index of the last of the rising `times` that is no later than `at`; -1 before the first. */
export function indexAt(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Linear interpolation of `values` over rising `times`, held beyond both ends. */
export function interpolate(times: Float64Array, values: Float64Array, at: number): number {
  const i = indexAt(times, at);
  if (i < 0) return values[0];
  if (i >= times.length - 1) return values[times.length - 1];
  const share = (at - times[i]) / (times[i + 1] - times[i]);
  return values[i] + share * (values[i + 1] - values[i]);
}

/** Stretches of indices in which `holds`, [first, last] each, at least `least` long. */
export function stretches(n: number, least: number, holds: (i: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    if (!holds(i)) continue;
    const first = i;
    while (i + 1 < n && holds(i + 1)) i++;
    if (i - first + 1 >= least) found.push([first, i]);
  }
  return found;
}

/** Where `of` is greatest within ±`farthest`, on a grid of `step`: every fourth point first, then all about the best of them. */
export function bestShift(
  of: (shift: number) => number,
  farthest: number,
  step: number,
): { readonly shift: number; readonly value: number } {
  let best = { shift: 0, value: of(0) };
  const look = (k: number) => {
    const value = of(k * step);
    if (value > best.value) best = { shift: k * step, value };
  };
  const last = Math.round(farthest / step);
  for (let k = -4 * Math.floor(last / 4); k <= last; k += 4) look(k);
  const middle = Math.round(best.shift / step);
  for (let k = Math.max(-last, middle - 3); k <= Math.min(last, middle + 3); k++) look(k);
  return best;
}
