/** Width of a bin: quantiles are exact to this share. */
const GROWTH = 1.01;
const LEAST_S = 1e-6;
const BINS = 1 + Math.ceil(Math.log(1000 / LEAST_S) / Math.log(GROWTH));

/** Durations from 1 µs to 1000 s in bins 1 % wide: memory does not grow with them. */
export class LatencyHistogram {
  private readonly bins = new Float64Array(BINS);
  private sum_s = 0;
  private total = 0;

  add(duration_s: number): void {
    const bin = Math.ceil(Math.log(Math.max(LEAST_S, duration_s) / LEAST_S) / Math.log(GROWTH));
    this.bins[Math.min(BINS - 1, bin)]++;
    this.sum_s += duration_s;
    this.total++;
  }

  get count(): number {
    return this.total;
  }

  /** NaN of none. */
  get mean_s(): number {
    return this.sum_s / this.total;
  }

  /** Nearest-rank quantile, as the upper end of its bin (s); NaN of none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total));
    let before = 0;
    for (let bin = 0; bin < BINS; bin++) {
      before += this.bins[bin];
      if (before >= rank) return LEAST_S * GROWTH ** bin;
    }
    return Number.NaN;
  }
}
