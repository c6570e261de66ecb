import type { Finding, Monitor } from './finding.ts';

/** How long a jump counts, so that whoever looks sees it, s. */
const EVENT_S = 0.1;

/**
 * The bus's time against a clock that nobody sets: the machine's, or the cycles of a simulation. Time that goes back has
 * jumped; so has time that is ahead by more than it ever was, all at once. Time that lags, as that of a slow simulation, has
 * not, nor has it when it catches up.
 */
export class ClockMonitor implements Monitor {
  private readonly jump_s: number;
  private bus_s = Number.NaN;
  private offset_s = Number.NaN;
  private event_s = Number.NEGATIVE_INFINITY;
  private detail = '';

  /** @param jump_s  most that time may go ahead at once, s */
  constructor(jump_s: number) {
    this.jump_s = jump_s;
  }

  /** Both clocks at one moment, s. */
  hear(bus_s: number, now_s: number): void {
    const back_s = this.bus_s - bus_s;
    const ahead_s = bus_s - now_s - this.offset_s;
    if (back_s > 1e-6) this.note(`the bus’s time went back by ${back_s.toFixed(3)} s`, now_s);
    else if (ahead_s > this.jump_s) {
      this.note(`the bus’s time went ahead by ${ahead_s.toFixed(3)} s at once, at most ${this.jump_s}`, now_s);
    }
    this.offset_s = back_s > 1e-6 || Number.isNaN(ahead_s) ? bus_s - now_s : Math.max(this.offset_s, bus_s - now_s);
    this.bus_s = bus_s;
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < EVENT_S ? { fault: 'clock_jump', detail: this.detail } : null;
  }

  private note(detail: string, now_s: number): void {
    this.detail = detail;
    this.event_s = now_s;
  }
}
