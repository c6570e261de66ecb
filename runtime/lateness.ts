const BUCKET_S = 1e-6;
const BUCKETS = 50_000;

/** Bytes of shared memory that a histogram needs. */
export const LATENESS_BYTES = 4 * (BUCKETS + 1);

/**
 * How late the cycles of a loop began, in buckets of a microsecond up to 50 ms; what is later falls in the last. One
 * thread adds, others may read at any time.
 */
export class LatenessHistogram {
  private readonly counts: Int32Array;

  constructor(buffer: ArrayBufferLike = new ArrayBuffer(LATENESS_BYTES)) {
    this.counts = new Int32Array(buffer, 0, BUCKETS + 1);
  }

  add(lateness_s: number): void {
    const bucket = lateness_s > 0 ? Math.min(BUCKETS, Math.floor(lateness_s / BUCKET_S)) : 0;
    Atomics.add(this.counts, bucket, 1);
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Cycles later than `limit_s`, a whole number of microseconds up to 50 ms. */
  countOver(limit_s: number): number {
    return this.counts.subarray(Math.round(limit_s / BUCKET_S)).reduce((sum, count) => sum + count, 0);
  }

  /** The lateness (s, upper edge of its bucket) that a part `p` of all cycles does not exceed; 0 of none. */
  quantile(p: number): number {
    const wanted = Math.ceil(p * this.total);
    let seen = 0;
    for (let bucket = 0; bucket <= BUCKETS; bucket++) {
      seen += this.counts[bucket];
      if (seen >= wanted && seen > 0) return (bucket + 1) * BUCKET_S;
    }
    return 0;
  }

  /** Adds what another has counted. */
  merge(other: LatenessHistogram): void {
    for (let bucket = 0; bucket <= BUCKETS; bucket++) this.counts[bucket] += other.counts[bucket];
  }

  clear(): void {
    for (let bucket = 0; bucket <= BUCKETS; bucket++) Atomics.store(this.counts, bucket, 0);
  }
}
