import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Holds simulated time back to `rate` simulated seconds per wall second; results do not depend on it. Time that was lost is
 * caught up with, up to `most_behind_s` of the wall clock: beyond it simulated time slips, and `slipped_s` counts it.
 */
export class Pacer {
  slipped_s = 0;
  private readonly rate: number;
  private readonly most_behind_s: number;
  private started_ms: number;
  private readonly now_ms: () => number;

  constructor(rate: number, most_behind_s = Number.POSITIVE_INFINITY, now_ms = () => performance.now()) {
    this.rate = rate;
    this.most_behind_s = most_behind_s;
    this.now_ms = now_ms;
    this.started_ms = now_ms();
  }

  /** Seconds to wait before `time_s` may be simulated; 0 when late. */
  ahead_s(time_s: number): number {
    if (this.rate === Number.POSITIVE_INFINITY) return 0;
    const ahead_s = time_s / this.rate - (this.now_ms() - this.started_ms) / 1000;
    const over_s = -ahead_s - this.most_behind_s;
    if (over_s > 0) {
      this.slipped_s += over_s;
      this.started_ms += 1000 * over_s;
    }
    return Math.max(0, ahead_s);
  }

  async until(time_s: number): Promise<void> {
    const wait_s = this.ahead_s(time_s);
    if (wait_s > 0.001) await sleep(wait_s * 1000);
  }
}
