import type { MonotonicClock } from './monotonic_clock.ts';

/** Blocks the thread until a time of the clock, by Atomics.wait. */
export class Sleeper {
  private readonly clock: MonotonicClock;
  private readonly cell = new Int32Array(new SharedArrayBuffer(4));

  constructor(clock: MonotonicClock) {
    this.clock = clock;
  }

  /** Returns the time of waking, at or after `deadline_s`; at once when that has passed. */
  until(deadline_s: number): number {
    let now_s = this.clock.now_s();
    while (now_s < deadline_s) {
      Atomics.wait(this.cell, 0, 0, (deadline_s - now_s) * 1e3);
      now_s = this.clock.now_s();
    }
    return now_s;
  }
}
