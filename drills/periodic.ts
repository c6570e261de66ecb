import { type Clock, secondsToStamp } from '../contracts/index.ts';

/** Does something at a steady period from its making on, but for pauses. */
export class Periodic {
  private readonly clock: Clock;
  private readonly period_ns: bigint;
  private readonly act: (now_ns: bigint) => void;
  private cancel: (() => void) | null = null;

  constructor(clock: Clock, period_s: number, act: (now_ns: bigint) => void) {
    this.clock = clock;
    this.period_ns = secondsToStamp(period_s);
    this.act = act;
    this.start();
  }

  start(): void {
    if (this.cancel !== null) return;
    const next = () => {
      const now_ns = this.clock.now_ns();
      this.cancel = this.clock.schedule(now_ns + this.period_ns, next);
      this.act(now_ns);
    };
    this.cancel = this.clock.schedule(this.clock.now_ns() + this.period_ns, next);
  }

  pause(): void {
    this.cancel?.();
    this.cancel = null;
  }
}
