import { setTimeout as sleep } from 'node:timers/promises';

/** Holds simulated time back to `rate` simulated seconds per wall second; results do not depend on it. */
export class Pacer {
  private readonly rate: number;
  private readonly started = performance.now();

  constructor(rate: number) {
    this.rate = rate;
  }

  /** Seconds to wait before `time_s` may be simulated; 0 when late. */
  ahead_s(time_s: number): number {
    if (this.rate === Number.POSITIVE_INFINITY) return 0;
    return Math.max(0, time_s / this.rate - (performance.now() - this.started) / 1000);
  }

  async until(time_s: number): Promise<void> {
    const wait_s = this.ahead_s(time_s);
    if (wait_s > 0.001) await sleep(wait_s * 1000);
  }
}
