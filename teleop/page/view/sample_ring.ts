/**
 * The last `capacity` samples of several channels with their times, each contiguous and ascending. Holds twice as many and
 * moves the newer half to the front when full, so that a push allocates nothing.
 */
export class SampleRing {
  readonly channels: number;
  private readonly capacity: number;
  private readonly times: Float64Array;
  private readonly rows: readonly Float64Array[];
  private end = 0;

  constructor(channels: number, capacity: number) {
    this.channels = channels;
    this.capacity = capacity;
    this.times = new Float64Array(2 * capacity);
    this.rows = Array.from({ length: channels }, () => new Float64Array(2 * capacity));
  }

  get length(): number {
    return Math.min(this.end, this.capacity);
  }

  get newest(): number {
    return this.end === 0 ? NaN : this.times[this.end - 1];
  }

  /** A time that is not later than the newest is left out, but one far before it starts afresh: the clock began anew. */
  push(time: number, sample: ArrayLike<number>): void {
    const behind = this.newest - time;
    if (behind >= 0 && behind < 1) return;
    if (behind >= 1) this.end = 0;
    if (this.end === 2 * this.capacity) {
      this.times.copyWithin(0, this.capacity);
      for (const row of this.rows) row.copyWithin(0, this.capacity);
      this.end = this.capacity;
    }
    this.times[this.end] = time;
    for (let c = 0; c < this.channels; c++) this.rows[c][this.end] = c < sample.length ? sample[c] : NaN;
    this.end++;
  }

  /** Times not before `start`, a view into the ring; valid until the next push. */
  timesFrom(start: number): Float64Array {
    return this.times.subarray(this.firstFrom(start), this.end);
  }

  channelFrom(channel: number, start: number): Float64Array {
    return this.rows[channel].subarray(this.firstFrom(start), this.end);
  }

  private firstFrom(start: number): number {
    let low = this.end - this.length;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
