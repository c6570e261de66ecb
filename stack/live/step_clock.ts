import type { Timing } from './host.ts';

/** Late steps are made up for as far as they fell due within this; what is older is given up, and time runs behind. */
const MOST_BEHIND_S = 0.1;
const WINDOW_S = 1;

/** Says how many steps of a simulation are to be made now, and counts those that were late or given up. */
export class StepClock {
  private readonly most: number;
  private passed = 0;
  private made = 0;
  private late = 0;
  private lost = 0;
  private factor = 1;
  private since_s = Number.NaN;
  private readonly period_s: number;

  /** @param period_s  between steps, by the clock */
  constructor(period_s: number) {
    this.period_s = period_s;
    this.most = Math.max(1, Math.round(MOST_BEHIND_S / period_s));
  }

  /**
   * Steps to make at `now_s`, when `passed` have fallen due since the start. Those that fall due while nothing runs are
   * nobody's.
   */
  due(passed: number, now_s: number, running: boolean): number {
    const new_steps = passed - this.passed;
    this.passed = passed;
    if (!running) {
      this.since_s = Number.NaN;
      return 0;
    }
    const steps = Math.min(new_steps, this.most);
    this.late += Math.max(0, steps - 1);
    this.lost += new_steps - steps;
    this.measure(steps, now_s);
    return steps;
  }

  timing(): Omit<Timing, 'pictures_skipped'> {
    return { late: this.late, lost: this.lost, real_time_factor: this.factor };
  }

  /** In steps made over steps that fell due. */
  private measure(steps: number, now_s: number): void {
    if (!(now_s - this.since_s < WINDOW_S)) {
      if (now_s > this.since_s) this.factor = (this.made * this.period_s) / (now_s - this.since_s);
      this.since_s = now_s;
      this.made = 0;
    }
    this.made += steps;
  }
}
