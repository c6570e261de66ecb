/** Two cycles are never nearer than this part of a period, so that a late one is not followed by another at its heels. */
const LEAST_GAP = 0.6;

/**
 * Absolute deadlines start + k·period for a loop that waits for them: lateness does not add up, and a deadline that was
 * missed is skipped, never made up for by a burst. Pure arithmetic: the caller reads the clock and waits.
 */
export class Deadlines {
  readonly period_s: number;
  /** Cycles run, deadlines skipped. */
  cycles = 0;
  skipped = 0;
  private index = 1;
  private readonly numbers = new Float64Array(2);

  constructor(period_s: number) {
    this.period_s = period_s;
  }

  /** The first deadline is one period after `now_s`. */
  start(now_s: number): void {
    this.numbers[START] = now_s;
    this.numbers[LATENESS] = 0;
    this.index = 1;
    this.cycles = 0;
    this.skipped = 0;
  }

  get next_s(): number {
    return this.numbers[START] + this.index * this.period_s;
  }

  /** How long after its deadline the last cycle began, s. */
  get lateness_s(): number {
    return this.numbers[LATENESS];
  }

  /** How many deadlines have passed at `now_s`, skipped ones included. */
  passed(now_s: number): number {
    return Math.floor((now_s - this.numbers[START]) / this.period_s + 1e-9);
  }

  /** Time of deadline `k`, s. */
  time_s(k: number): number {
    return this.numbers[START] + k * this.period_s;
  }

  /** A cycle begins at `now_s`: notes its lateness and sets the next deadline, the first that is not too near. */
  begin(now_s: number): void {
    const { numbers, period_s } = this;
    numbers[LATENESS] = now_s - numbers[START] - this.index * period_s;
    const next = Math.max(this.index + 1, Math.ceil((now_s - numbers[START]) / period_s + LEAST_GAP));
    this.skipped += next - this.index - 1;
    this.index = next;
    this.cycles++;
  }
}

const START = 0;
const LATENESS = 1;
