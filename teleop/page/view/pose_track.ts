/** Longest time over which one pose passes into the next; after a gap the newest is shown at once. */
const LONGEST_MS = 150;
/** Differences below this move no pixel: metres and radians. */
const SAME = 2e-4;

/**
 * The pose to draw between the two newest that came: it passes from the one to the other in the time between their
 * arrivals and never goes beyond the newest, since where a real arm will be is not known.
 */
export class PoseTrack {
  readonly value: Float64Array;
  private readonly from: Float64Array;
  private readonly to: Float64Array;
  private arrived_ms = -Infinity;
  private span_ms = 0;

  constructor(length: number) {
    this.value = new Float64Array(length).fill(NaN);
    this.from = new Float64Array(length).fill(NaN);
    this.to = new Float64Array(length).fill(NaN);
  }

  /** @returns whether it differs from what is shown; values beyond the track's length are left out */
  push(pose: ArrayLike<number>, now_ms: number): boolean {
    this.update(now_ms);
    const first = Number.isNaN(this.to[0]);
    const gap_ms = now_ms - this.arrived_ms;
    let moved = first;
    for (let i = 0; i < this.to.length && i < pose.length; i++) {
      this.to[i] = pose[i];
      this.from[i] = Number.isNaN(this.value[i]) ? pose[i] : this.value[i];
      if (Math.abs(this.to[i] - this.from[i]) > SAME) moved = true;
    }
    this.span_ms = first || gap_ms > LONGEST_MS ? 0 : gap_ms;
    this.arrived_ms = now_ms;
    return moved;
  }

  /** Brings `value` to this moment. @returns whether it goes on changing */
  update(now_ms: number): boolean {
    const share = this.span_ms <= 0 ? 1 : Math.min(1, Math.max(0, (now_ms - this.arrived_ms) / this.span_ms));
    let rest = 0;
    for (let i = 0; i < this.value.length; i++) {
      this.value[i] = share === 1 ? this.to[i] : this.from[i] + (this.to[i] - this.from[i]) * share;
      rest = Math.max(rest, Math.abs(this.to[i] - this.value[i]));
    }
    return rest > SAME;
  }
}
