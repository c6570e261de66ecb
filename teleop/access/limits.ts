import { type BucketLimits, TokenBucket } from './token_bucket.ts';

/** Largest inputs, bytes. */
export const SIZE_LIMITS = {
  /** Of a request's body, but for what is uploaded whole. */
  body: 64 * 1024,
  /** Of an approval or a correction with a picture. */
  upload: 4 * 1024 * 1024,
  /** Of a message on the socket for control, and on that for stops. */
  control_message: 16 * 1024,
  stop_message: 1024,
  /** Of all headers of a request. */
  headers: 16 * 1024,
} as const;

/** What may come a second. Nothing here is asked for a stop. */
export const RATE_LIMITS = {
  /** Requests of one address. */
  request: { burst: 200, per_s: 50 },
  /** Messages of one socket: held controls come 30 times a second. */
  message: { burst: 240, per_s: 120 },
  /** New sockets of one address. */
  connection: { burst: 30, per_s: 2 },
} as const satisfies Record<string, BucketLimits>;

/** A bucket for each of many, e.g. addresses. Whatever has filled up again is forgotten. */
export class Buckets {
  private readonly limits: BucketLimits;
  private readonly most: number;
  private readonly buckets = new Map<string, TokenBucket>();

  /** @param most  that are kept; beyond it those that have filled up go, then the oldest */
  constructor(limits: BucketLimits, most = 4096) {
    this.limits = limits;
    this.most = most;
  }

  /** Takes one of `key`'s; false where it has none. */
  take(key: string, now_ms: number): boolean {
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      if (this.buckets.size >= this.most) this.forget(now_ms);
      bucket = new TokenBucket(this.limits, now_ms);
      this.buckets.set(key, bucket);
    }
    return bucket.take(now_ms);
  }

  get size(): number {
    return this.buckets.size;
  }

  private forget(now_ms: number): void {
    for (const [key, bucket] of this.buckets) if (bucket.isFull(now_ms)) this.buckets.delete(key);
    const oldest = this.buckets.keys().next();
    if (this.buckets.size >= this.most && oldest.done !== true) this.buckets.delete(oldest.value);
  }
}
