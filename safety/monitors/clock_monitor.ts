import type { Finding, Monitor } from './finding.ts';

/** Time that goes back by less was rounded, s. */
const ROUNDED_S = 1e-3;
/** How long a jump counts, so that whoever looks sees it, s. */
const EVENT_S = 0.1;

/**
 * The bus's time against a clock that nobody sets: the machine's, or the cycles of a simulation. Time that goes back has
 * jumped; so has time that is ahead by more than it ever was, all at once. Time that lags, as that of a slow simulation, has
 * not, nor has it when it catches up.
 */
export class ClockMonitor implements Monitor {
  private readonly jump_s: number;
  private readonly settle_s: number;
  private began_s = Number.NaN;
  private bus_s = Number.NaN;
  private offset_s = Number.NaN;
  private event_s = Number.NEGATIVE_INFINITY;
  private detail = '';

  /**
   * @param jump_s  most that time may go ahead at once, s
   * @param settle_s  from the first time that is not zero until it is judged: what comes over a network begins late, s
   */
  constructor(jump_s: number, settle_s = 0) {
    this.jump_s = jump_s;
    this.settle_s = settle_s;
  }

  /** Both clocks at one moment, s. */
  hear(bus_s: number, now_s: number): void {
    const back_s = this.bus_s - bus_s;
    const ahead_s = bus_s - now_s - this.offset_s;
    if (Number.isNaN(this.began_s) && bus_s > 0) this.began_s = now_s;
    if (now_s - this.began_s >= this.settle_s) this.judge(back_s, ahead_s, now_s);
    const anew = !(back_s <= ROUNDED_S) || this.bus_s === 0;
    this.offset_s = anew ? bus_s - now_s : Math.max(this.offset_s, bus_s - now_s);
    this.bus_s = bus_s;
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < EVENT_S ? { fault: 'clock_jump', detail: this.detail } : null;
  }

  private judge(back_s: number, ahead_s: number, now_s: number): void {
    if (back_s > ROUNDED_S) this.note(`the bus’s time went back by ${back_s.toFixed(3)} s`, now_s);
    else if (ahead_s > this.jump_s) {
      this.note(`the bus’s time went ahead by ${ahead_s.toFixed(3)} s at once, at most ${this.jump_s}`, now_s);
    }
  }

  private note(detail: string, now_s: number): void {
    this.detail = detail;
    this.event_s = now_s;
  }
}
