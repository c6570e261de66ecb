import type { HistoryRows } from './rows.ts';
import { type RowValues, rowWidth, writeRow } from './rows.ts';

/** Rows of the last moments, oldest overwritten; all its memory is taken when it is made. */
export class RowRing {
  readonly joints: number;
  readonly capacity: number;
  private readonly width: number;
  private readonly at_ms: Float64Array;
  private readonly numbers: Float32Array;
  private readonly status: Uint32Array;
  private written = 0;

  constructor(joints: number, capacity: number) {
    this.joints = joints;
    this.capacity = capacity;
    this.width = rowWidth(joints);
    this.at_ms = new Float64Array(capacity);
    this.numbers = new Float32Array(capacity * this.width);
    this.status = new Uint32Array(capacity);
  }

  get bytes(): number {
    return this.at_ms.byteLength + this.numbers.byteLength + this.status.byteLength;
  }

  get length(): number {
    return Math.min(this.written, this.capacity);
  }

  /** Time of the k-th row that is kept, from the oldest. */
  time(k: number): number {
    return this.at_ms[this.slot(k)];
  }

  statusOf(k: number): number {
    return this.status[this.slot(k)];
  }

  push(at_ms: number, status: number, values: RowValues): void {
    const slot = this.written % this.capacity;
    this.at_ms[slot] = at_ms;
    this.status[slot] = status;
    writeRow(this.numbers, slot * this.width, this.joints, values);
    this.written++;
  }

  /** First of the rows kept at or after a moment; `length` where none is. */
  firstFrom(at_ms: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < at_ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A copy of some rows. */
  copy(rows: readonly number[]): HistoryRows {
    const { joints, width } = this;
    const numbers = new Float32Array(rows.length * width);
    const copied = { at_ms: new Float64Array(rows.length), status: new Uint32Array(rows.length) };
    rows.forEach((row, k) => {
      const slot = this.slot(row);
      copied.at_ms[k] = this.at_ms[slot];
      copied.status[k] = this.status[slot];
      numbers.set(this.numbers.subarray(slot * width, (slot + 1) * width), k * width);
    });
    return { joints, numbers, ...copied };
  }

  private slot(k: number): number {
    return (this.written - this.length + k) % this.capacity;
  }
}
