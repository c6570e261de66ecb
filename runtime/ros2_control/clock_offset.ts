/** A stamp this much after its arrival, or this much before, may come of one clock: s. */
const AHEAD_S = 0.002;
const BEHIND_S = 0.03;
const WINDOW_S = 5;

/**
 * The offset of another computer's clock to ours, from stamps of messages that come from there. Stamp less arrival is the
 * offset less the time on the way, so its greatest value within the last windows is nearest. What one clock and an ordinary
 * way explain is no offset; a greater one is known but for the least time on the way.
 */
export class ClockOffset {
  /** Greatest stamp − arrival of the window before this and of this one, s; −∞ before there is one. */
  private before_s = Number.NEGATIVE_INFINITY;
  private now_s = Number.NEGATIVE_INFINITY;
  /** Least stamp − arrival, likewise. */
  private least_before_s = Number.POSITIVE_INFINITY;
  private least_now_s = Number.POSITIVE_INFINITY;
  private begun_s = Number.NEGATIVE_INFINITY;
  samples = 0;

  add(stamp_s: number, arrival_s: number): void {
    if (arrival_s - this.begun_s > WINDOW_S) {
      this.before_s = this.now_s;
      this.now_s = Number.NEGATIVE_INFINITY;
      this.least_before_s = this.least_now_s;
      this.least_now_s = Number.POSITIVE_INFINITY;
      this.begun_s = arrival_s;
    }
    this.now_s = Math.max(this.now_s, stamp_s - arrival_s);
    this.least_now_s = Math.min(this.least_now_s, stamp_s - arrival_s);
    this.samples++;
  }

  /** Stamp less arrival, s: the offset less the least time on the way. */
  get raw_s(): number {
    return Math.max(this.before_s, this.now_s);
  }

  /** By how much the time on the way varied within the windows, s. */
  get jitter_s(): number {
    return this.samples === 0 ? 0 : this.raw_s - Math.min(this.least_before_s, this.least_now_s);
  }

  /** Their clock less ours, s. */
  get offset_s(): number {
    const { raw_s } = this;
    return this.samples === 0 || (raw_s <= AHEAD_S && raw_s >= -BEHIND_S) ? 0 : raw_s;
  }
}
