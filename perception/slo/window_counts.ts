/** Counts over the last so many seconds, in steps of a part of the shortest window. */
export class WindowCounts {
  private readonly step_s: number;
  /** Of every step, in a ring: requests, then the bad ones of each objective. */
  private readonly counts: Uint32Array;
  private readonly fields: number;
  private readonly steps: number;
  /** The newest step that anything was counted in; −1 before the first. */
  private newest = -1;

  /**
   * @param bad  kinds of bad requests
   * @param shortest_s  windows are exact to a thirtieth of it
   */
  constructor(bad: number, shortest_s: number, longest_s: number) {
    this.step_s = shortest_s / 30;
    this.fields = bad + 1;
    this.steps = Math.ceil(longest_s / this.step_s) + 1;
    this.counts = new Uint32Array(this.fields * this.steps);
  }

  /** Counts one request at a time that does not fall behind the newest window. */
  add(at_s: number, isBad: (kind: number) => boolean): void {
    const row = this.rowAt(at_s);
    if (row < 0) return;
    this.counts[row]++;
    for (let kind = 0; kind < this.fields - 1; kind++) if (isBad(kind)) this.counts[row + 1 + kind]++;
  }

  /** Requests of the last `window_s`, and the bad ones of one kind. */
  over(window_s: number, now_s: number, kind: number): { requests: number; bad: number } {
    const last = Math.floor(now_s / this.step_s);
    const first = Math.max(last - Math.ceil(window_s / this.step_s) + 1, this.newest - this.steps + 1, 0);
    let [requests, bad] = [0, 0];
    for (let step = first; step <= Math.min(last, this.newest); step++) {
      const row = this.fields * (step % this.steps);
      requests += this.counts[row];
      bad += this.counts[row + 1 + kind];
    }
    return { requests, bad };
  }

  private rowAt(at_s: number): number {
    const step = Math.floor(at_s / this.step_s);
    if (step <= this.newest - this.steps) return -1;
    const from = Math.max(this.newest + 1, step - this.steps + 1);
    for (let next = from; next <= step; next++) {
      const row = this.fields * (next % this.steps);
      this.counts.fill(0, row, row + this.fields);
    }
    this.newest = Math.max(this.newest, step);
    return this.fields * (step % this.steps);
  }
}
