export interface BucketLimits {
  /** Tokens that are there at first and at most. */
  readonly burst: number;
  readonly per_s: number;
}

/** Lets so much through: a burst, and then so many a second. */
export class TokenBucket {
  private readonly limits: BucketLimits;
  private tokens: number;
  private at_ms: number;

  constructor(limits: BucketLimits, now_ms: number) {
    this.limits = limits;
    this.tokens = limits.burst;
    this.at_ms = now_ms;
  }

  /** Takes one; false where there is none. A clock that goes back gives none. */
  take(now_ms: number): boolean {
    const { burst, per_s } = this.limits;
    const passed_ms = Math.max(0, now_ms - this.at_ms);
    this.at_ms = now_ms;
    this.tokens = Math.min(burst, this.tokens + (passed_ms * per_s) / 1000);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Whether it holds all it can: it may be forgotten then. */
  isFull(now_ms: number): boolean {
    const { burst, per_s } = this.limits;
    return this.tokens + (Math.max(0, now_ms - this.at_ms) * per_s) / 1000 >= burst;
  }
}
