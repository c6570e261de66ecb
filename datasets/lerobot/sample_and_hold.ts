/** Rows of a table on a fixed clock. */
export interface RowTimes {
  /** From the episode's start. */
  readonly first_s: number;
  readonly rows: number;
  readonly fps: number;
}

/** Which sample every row holds. */
export interface HeldSamples {
  /** Index of the newest sample that is not after the row. */
  readonly sample: Int32Array;
  /** How old the oldest of them is at its row, s. */
  readonly max_age_s: number;
}

/** Stamps are rounded to whole nanoseconds, and a row's time to a double: samples this much after a row are of it. */
const SAME_INSTANT_S = 1e-6;

/**
 * Rows from the first instant at which every series has a sample to the last at which one of those that must go on (`lasting`)
 * has one. None (rows 0) where there is no such instant.
 */
export function rowTimes(series: readonly Float64Array[], lasting: readonly Float64Array[], fps: number): RowTimes {
  if ([...series, ...lasting].some(({ length }) => length === 0)) return { first_s: 0, rows: 0, fps };
  const first_s = series.reduce((latest, times) => Math.max(latest, least(times)), Number.NEGATIVE_INFINITY);
  const last_s = lasting.reduce((earliest, times) => Math.min(earliest, most(times)), Number.POSITIVE_INFINITY);
  const rows = Math.floor((last_s - first_s + SAME_INSTANT_S) * fps) + 1;
  return { first_s, rows: Number.isFinite(rows) ? Math.max(0, rows) : 0, fps };
}

/** Sample and hold by stamps, in whatever order they came; of equal stamps the one that came last. */
export function holdSamples(time_s: Float64Array, { first_s, rows, fps }: RowTimes): HeldSamples {
  const order = Int32Array.from(time_s, (_, k) => k).sort((a, b) => time_s[a] - time_s[b] || a - b);
  const sample = new Int32Array(rows);
  let next = 0;
  let max_age_s = 0;
  for (let row = 0; row < rows; row++) {
    const t = first_s + row / fps;
    while (next < order.length && time_s[order[next]] <= t + SAME_INSTANT_S) next++;
    sample[row] = order[Math.max(0, next - 1)];
    max_age_s = Math.max(max_age_s, t - time_s[sample[row]]);
  }
  return { sample, max_age_s };
}

const least = (times: Float64Array) => times.reduce((low, t) => Math.min(low, t), Number.POSITIVE_INFINITY);
const most = (times: Float64Array) => times.reduce((high, t) => Math.max(high, t), Number.NEGATIVE_INFINITY);
