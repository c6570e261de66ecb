export const QUANTILES = [0.01, 0.1, 0.5, 0.9, 0.99] as const;
export const QUANTILE_NAMES = ['q01', 'q10', 'q50', 'q90', 'q99'] as const;

/** Of each value of a feature, over the rows of an episode or a set; NaN where no row has one. */
export interface FeatureStatistics {
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly mean: readonly number[];
  /** Of the population. */
  readonly std: readonly number[];
  /** Rows; of pictures those that were looked at. */
  readonly count: number;
  /** By quantile, then by value. */
  readonly quantiles: readonly (readonly number[])[];
}

/** Statistics of rows of `width` values. Quantiles are exact, between samples linear (R-7, Hyndman and Fan 1996). */
export function rowStatistics(values: ArrayLike<number>, width: number): FeatureStatistics {
  const rows = values.length / width;
  const sorted = Array.from({ length: width }, (_, j) => column(values, width, j));
  const mean = sorted.map((all) => all.reduce((total, value) => total + value, 0) / all.length);
  return {
    min: sorted.map((all) => all[0] ?? Number.NaN),
    max: sorted.map((all) => all.at(-1) ?? Number.NaN),
    mean,
    std: sorted.map((all, j) => Math.sqrt(all.reduce((sum, value) => sum + (value - mean[j]) ** 2, 0) / all.length)),
    count: rows,
    quantiles: QUANTILES.map((q) => sorted.map((all) => quantile((k) => all[k], all.length, q))),
  };
}

function column(values: ArrayLike<number>, width: number, j: number): Float64Array {
  const all: number[] = [];
  for (let k = j; k < values.length; k += width) if (!Number.isNaN(values[k])) all.push(values[k]);
  return Float64Array.from(all).sort();
}

function quantile(at: (rank: number) => number, count: number, q: number): number {
  if (count === 0) return Number.NaN;
  const place = q * (count - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, count - 1);
  return at(low) + (place - low) * (at(high) - at(low));
}

/** Counts samples of pictures by their value, so that statistics of any number of pictures take the same room. */
export class PictureHistogram {
  private readonly counts: readonly Float64Array[];
  private pictures = 0;

  /** @param levels  values that a sample may have: 256 of 8 bits, 65536 of 16 */
  constructor(channels: number, levels: number) {
    this.counts = Array.from({ length: channels }, () => new Float64Array(levels));
  }

  /** @param samples  pixel by pixel, the channels of one after another */
  add(samples: ArrayLike<number>): void {
    const { counts } = this;
    this.pictures++;
    for (let c = 0; c < counts.length; c++) {
      const of = counts[c];
      for (let k = c; k < samples.length; k += counts.length) of[samples[k]]++;
    }
  }

  /** @param unit  what a sample of 1 stands for: 1/255 for colours from 0 to 1 */
  statistics(unit: number): FeatureStatistics {
    const each = this.counts.map((counts) => ofCounts(counts, unit));
    return {
      min: each.map(({ min }) => min),
      max: each.map(({ max }) => max),
      mean: each.map(({ mean }) => mean),
      std: each.map(({ std }) => std),
      count: this.pictures,
      quantiles: QUANTILES.map((_, q) => each.map(({ quantiles }) => quantiles[q])),
    };
  }
}

function ofCounts(counts: Float64Array, unit: number) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / total;
  const at = (rank: number) => {
    let seen = 0;
    return counts.findIndex((count) => {
      seen += count;
      return seen > rank;
    });
  };
  const none = total === 0;
  return {
    min: none ? Number.NaN : at(0) * unit,
    max: none ? Number.NaN : at(total - 1) * unit,
    mean: mean * unit,
    std: Math.sqrt(variance) * unit,
    quantiles: QUANTILES.map((q) => quantile(at, total, q) * unit),
  };
}

/**
 * Statistics of all episodes from theirs. Mean and deviation are exact. Quantiles cannot be had from quantiles: these are the
 * bounds that lerobot gives, the least of the lower ones and of the median, the greatest of the upper ones.
 */
export function joinStatistics(parts: readonly FeatureStatistics[]): FeatureStatistics {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const width = parts[0].mean.length;
  const each = (of: (known: readonly FeatureStatistics[], j: number) => number) =>
    Array.from({ length: width }, (_, j) =>
      of(
        parts.filter(({ mean }) => !Number.isNaN(mean[j])),
        j,
      ),
    );
  const weighted = (known: readonly FeatureStatistics[], of: (part: FeatureStatistics) => number) =>
    known.reduce((sum, part) => sum + part.count * of(part), 0) / known.reduce((sum, part) => sum + part.count, 0);
  const mean = each((known, j) => weighted(known, (part) => part.mean[j]));
  const bound = (values: readonly number[], pick: (a: number, b: number) => number) =>
    values.length === 0 ? Number.NaN : values.reduce((a, b) => pick(a, b));
  return {
    min: each((known, j) =>
      bound(
        known.map(({ min }) => min[j]),
        Math.min,
      ),
    ),
    max: each((known, j) =>
      bound(
        known.map(({ max }) => max[j]),
        Math.max,
      ),
    ),
    mean,
    std: each((known, j) => Math.sqrt(weighted(known, (part) => part.std[j] ** 2 + (part.mean[j] - mean[j]) ** 2))),
    count,
    quantiles: QUANTILES.map((q, k) =>
      each((known, j) =>
        bound(
          known.map(({ quantiles }) => quantiles[k][j]),
          q <= 0.5 ? Math.min : Math.max,
        ),
      ),
    ),
  };
}

/** As stats.json and the episodes' table have it: of pictures each channel stands alone, `[[[x]], [[x]], [[x]]]`. */
export function namedStatistics(
  statistics: FeatureStatistics,
  picture: boolean,
): readonly (readonly [string, readonly unknown[]])[] {
  const shaped = (values: readonly number[]) => (picture ? values.map((value) => [[value]]) : [...values]);
  const { min, max, mean, std, count, quantiles } = statistics;
  return [
    ...([
      ['min', shaped(min)],
      ['max', shaped(max)],
      ['mean', shaped(mean)],
      ['std', shaped(std)],
      ['count', [count]],
    ] as const),
    ...QUANTILE_NAMES.map((name, k) => [name, shaped(quantiles[k])] as const),
  ];
}
