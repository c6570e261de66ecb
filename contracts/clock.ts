/** Time as a stage sees it. Stages never read the machine's clock: simulation and replay hand in their own. */
export interface Clock {
  /** Now, nanoseconds (ROS time). */
  now_ns(): bigint;
  /** Calls `callback` once the clock has reached `at_ns`; in order of time, then of request. Returns a function that cancels it. */
  schedule(at_ns: bigint, callback: () => void): () => void;
}

export const NS_PER_S = 1_000_000_000n;

/** Seconds to a stamp; exact to the nanosecond for times under 104 days. */
export function secondsToStamp(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}

export function stampToSeconds(stamp_ns: bigint): number {
  return Number(stamp_ns) / 1e9;
}

interface Timer {
  readonly at_ns: bigint;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that only moves when it is told to. */
export class SimClock implements Clock {
  private time_ns = 0n;
  private order = 0;
  private timers: Timer[] = [];

  now_ns(): bigint {
    return this.time_ns;
  }

  schedule(at_ns: bigint, callback: () => void): () => void {
    const timer = { at_ns, order: this.order++, callback };
    const index = this.timers.findIndex((other) => other.at_ns > at_ns);
    this.timers.splice(index < 0 ? this.timers.length : index, 0, timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves to `to_ns`, calling what falls due on the way at its own time. */
  advance(to_ns: bigint): void {
    while (this.timers.length > 0 && this.timers[0].at_ns <= to_ns) {
      const timer = this.timers.shift() as Timer;
      if (timer.at_ns > this.time_ns) this.time_ns = timer.at_ns;
      timer.callback();
    }
    this.time_ns = to_ns;
  }
}
