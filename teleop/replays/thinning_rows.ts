import { type HistoryRows, type RowValues, rowWidth, writeRow } from '../history/rows.ts';
import { thinned } from '../history/thin.ts';

/** Rows of a recording of any length: where they would be too many every other one goes, and those to come are as far apart. */
export class ThinningRows {
  readonly joints: number;
  private readonly most: number;
  private readonly width: number;
  private readonly at_ms: Float64Array;
  private readonly numbers: Float32Array;
  private readonly status: Uint32Array;
  private period_ms: number;
  private count = 0;

  /** @param most  rows, an even number  @param period_ms  of two rows that are kept, at first */
  constructor(joints: number, most: number, period_ms: number) {
    this.joints = joints;
    this.most = most;
    this.period_ms = period_ms;
    this.width = rowWidth(joints);
    this.at_ms = new Float64Array(most);
    this.numbers = new Float32Array(most * this.width);
    this.status = new Uint32Array(most);
  }

  get length(): number {
    return this.count;
  }

  /** Whether a row of this time is one of those to keep. */
  wants(at_ms: number): boolean {
    return this.count === 0 || at_ms - this.at_ms[this.count - 1] >= this.period_ms;
  }

  push(at_ms: number, status: number, values: RowValues): void {
    if (this.count === this.most) this.halve();
    if (!this.wants(at_ms)) return;
    const row = this.count++;
    this.at_ms[row] = at_ms;
    this.status[row] = status;
    writeRow(this.numbers, row * this.width, this.joints, values);
  }

  /** A copy of the rows of a span of time, thinned to at most so many. */
  cut(from_ms: number, to_ms: number, most: number): HistoryRows {
    const { joints, width } = this;
    const times = this.at_ms.subarray(0, this.count);
    const low = times.findIndex((at_ms) => at_ms >= from_ms);
    const high = times.findLastIndex((at_ms) => at_ms <= to_ms) + 1;
    const rows = low < 0 ? [] : thinned(low, high, most, (row) => this.status[row]);
    const numbers = new Float32Array(rows.length * width);
    for (const [k, row] of rows.entries())
      numbers.set(this.numbers.subarray(row * width, (row + 1) * width), k * width);
    const at_ms = Float64Array.from(rows, (row) => this.at_ms[row]);
    return { joints, at_ms, numbers, status: Uint32Array.from(rows, (row) => this.status[row]) };
  }

  private halve(): void {
    const { width } = this;
    this.count = this.most / 2;
    for (let row = 0; row < this.count; row++) {
      this.at_ms[row] = this.at_ms[2 * row];
      this.status[row] = this.status[2 * row];
      this.numbers.copyWithin(row * width, 2 * row * width, (2 * row + 1) * width);
    }
    this.period_ms *= 2;
  }
}
