import { Deadlines } from './deadlines.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';

/** Calls back at absolute times, so that the rate is right over long; served by the event loop, to about a millisecond. */
export class SteadyTimer {
  private readonly deadlines: Deadlines;
  private readonly callback: () => void;
  private timeout: NodeJS.Timeout | null = null;

  constructor(period_s: number, callback: () => void) {
    this.deadlines = new Deadlines(period_s);
    this.callback = callback;
    this.deadlines.start(MACHINE_CLOCK.now_s());
    this.wait();
  }

  stop(): void {
    if (this.timeout !== null) clearTimeout(this.timeout);
    this.timeout = null;
  }

  private wait(): void {
    const ms = Math.max(0, Math.round(1e3 * (this.deadlines.next_s - MACHINE_CLOCK.now_s())));
    this.timeout = setTimeout(() => this.turn(), ms);
  }

  private turn(): void {
    this.deadlines.begin(MACHINE_CLOCK.now_s());
    this.wait();
    this.callback();
  }
}
