/** What a ring keeps at most. */
export interface RingLimits {
  readonly count: number;
  readonly bytes: number;
  readonly ms: number;
}

/** Below so many holes at the front nothing is moved. */
const FEW_HOLES = 64;

/** Things with a time, in order of it; the oldest dropped when they are too many, too large together or too old. */
export class TimedRing<T extends { readonly at_ms: number }> {
  private readonly most: RingLimits;
  private readonly sizeOf: (item: T) => number;
  private items: (T | undefined)[] = [];
  private head = 0;
  private held = 0;

  /** @param sizeOf  memory that one takes, bytes; always the same for the same one */
  constructor(most: RingLimits, sizeOf: (item: T) => number) {
    this.most = most;
    this.sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.held;
  }

  get length(): number {
    return this.items.length - this.head;
  }

  get oldest(): T | undefined {
    return this.items[this.head];
  }

  get newest(): T | undefined {
    return this.items.at(-1);
  }

  push(item: T): void {
    this.items.push(item);
    this.held += this.sizeOf(item);
    this.dropBefore(item.at_ms - this.most.ms);
    while (this.length > this.most.count || this.held > this.most.bytes) this.dropOldest();
  }

  dropBefore(at_ms: number): void {
    while (this.oldest !== undefined && this.oldest.at_ms < at_ms) this.dropOldest();
  }

  /** Those of a span of time, both ends included, oldest first. */
  between(from_ms: number, to_ms: number): T[] {
    return this.all().filter(({ at_ms }) => at_ms >= from_ms && at_ms <= to_ms);
  }

  /** The newest at or before a moment, else the oldest. */
  at(at_ms: number): T | undefined {
    return this.all().findLast((item) => item.at_ms <= at_ms) ?? this.oldest;
  }

  private all(): T[] {
    return this.items.slice(this.head).filter((item) => item !== undefined);
  }

  private dropOldest(): void {
    const { oldest } = this;
    if (oldest === undefined) return;
    this.held -= this.sizeOf(oldest);
    this.items[this.head++] = undefined;
    if (this.head < FEW_HOLES || this.head * 2 < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
