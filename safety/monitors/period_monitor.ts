import type { Finding, Monitor } from './finding.ts';
import type { Fault } from './reactions.ts';

export interface PeriodLimits {
  /** Longest without a message once there was one, s. */
  readonly silence_s: number;
  /** Oldest that a message may be when it comes, s; without, nobody asks. */
  readonly age_s?: number;
  /** Most messages within `burst_s`; those that come together were kept back somewhere. Without, nobody asks. */
  readonly burst?: { readonly messages: number; readonly window_s: number };
}

/** How long something that was wrong with one message counts, so that whoever looks sees it, s. */
const EVENT_S = 0.05;

/** Whether what comes periodically comes in time, fresh and evenly. What was never heard is waited for, and is no fault. */
export class PeriodMonitor implements Monitor {
  readonly what: string;
  private readonly fault: Fault;
  private readonly limits: PeriodLimits;
  private heard_s = Number.NEGATIVE_INFINITY;
  private event_s = Number.NEGATIVE_INFINITY;
  private event = '';
  private recent: number[] = [];

  constructor(fault: Fault, what: string, limits: PeriodLimits) {
    this.fault = fault;
    this.what = what;
    this.limits = limits;
  }

  get heard(): boolean {
    return this.heard_s > Number.NEGATIVE_INFINITY;
  }

  /** Since the last message, s; endless before the first. */
  silence_s(now_s: number): number {
    return now_s - this.heard_s;
  }

  /** A message came at `now_s`, `age_s` after its stamp. */
  hear(now_s: number, age_s = 0): void {
    const { age_s: most_s = Number.POSITIVE_INFINITY, burst } = this.limits;
    this.heard_s = now_s;
    if (age_s > most_s) this.note(`${this.what} came ${milli(age_s)} ms late, at most ${milli(most_s)}`, now_s);
    if (burst === undefined) return;
    this.recent = this.recent.filter((at_s) => now_s - at_s < burst.window_s);
    this.recent.push(now_s);
    if (this.recent.length <= burst.messages) return;
    const most = `at most ${burst.messages} in ${milli(burst.window_s)} ms`;
    this.note(`${this.recent.length} of ${this.what} came at once, ${most}`, now_s);
    this.recent = [];
  }

  /** As if it had never been heard. */
  forget(): void {
    this.heard_s = Number.NEGATIVE_INFINITY;
    this.recent = [];
  }

  look(now_s: number): Finding | null {
    const { fault, what, limits } = this;
    if (!this.heard) return null;
    if (this.silence_s(now_s) > limits.silence_s + 1e-9) {
      return { fault, detail: `no ${what} for over ${milli(limits.silence_s)} ms` };
    }
    return now_s - this.event_s < EVENT_S ? { fault, detail: this.event } : null;
  }

  private note(event: string, now_s: number): void {
    this.event = event;
    this.event_s = now_s;
  }
}

const milli = (time_s: number) => (1000 * time_s).toFixed(0);
