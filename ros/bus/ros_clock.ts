import type { Clock } from '../../contracts/index.ts';

const NS_PER_MS = 1_000_000n;
/** How far the stepped wall clock may leave the monotonic one before its new offset is taken, ns. */
const STEP_NS = 2n * NS_PER_MS;
/** Longest sleep at a time, ms: setTimeout cannot wait for longer than 24 days, and the wall clock may be set meanwhile. */
const NAP_MS = 60_000;

interface Timer {
  at_ns: bigint;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * ROS time: the system's, or that of /clock, where `tick` hands in what came. Follows pauses, other paces and jumps: after a
 * jump back what was scheduled keeps the time that was left to it. Simulated time is 0 until the first tick.
 */
export class RosClock implements Clock {
  private readonly onError: (error: unknown) => void;
  private readonly onJumpBack: () => void;
  private simulated: boolean;
  private sim_ns = 0n;
  private wall_offset_ns = wallOffset();
  private timers: Timer[] = [];
  private order = 0;
  private alarm: NodeJS.Timeout | null = null;

  /**
   * @param onError  is told what callbacks throw
   * @param onJumpBack  called when simulated time goes back
   */
  constructor(use_sim_time: boolean, onError: (error: unknown) => void, onJumpBack = () => {}) {
    this.simulated = use_sim_time;
    this.onError = onError;
    this.onJumpBack = onJumpBack;
  }

  get useSimTime(): boolean {
    return this.simulated;
  }

  /** Changes the source; what is scheduled keeps the time that was left to it. */
  set useSimTime(simulated: boolean) {
    if (simulated === this.simulated) return;
    const before_ns = this.now_ns();
    this.simulated = simulated;
    this.shift(this.now_ns() - before_ns);
    this.arm();
  }

  now_ns(): bigint {
    if (this.simulated) return this.sim_ns;
    const offset_ns = wallOffset();
    const apart_ns = offset_ns - this.wall_offset_ns;
    if (apart_ns > STEP_NS || apart_ns < -STEP_NS) this.wall_offset_ns = offset_ns;
    return process.hrtime.bigint() + this.wall_offset_ns;
  }

  schedule(at_ns: bigint, callback: () => void): () => void {
    const timer: Timer = { at_ns, order: this.order++, callback };
    this.insert(timer);
    this.arm();
    return () => {
      const index = this.timers.indexOf(timer);
      if (index < 0) return;
      this.timers.splice(index, 1);
      if (index === 0) this.arm();
    };
  }

  /** The simulator's time has become `stamp_ns`. */
  tick(stamp_ns: bigint): void {
    const before_ns = this.sim_ns;
    this.sim_ns = stamp_ns;
    if (!this.simulated) return;
    if (stamp_ns < before_ns) {
      this.shift(stamp_ns - before_ns);
      this.onJumpBack();
    }
    this.fire();
  }

  /** Forgets what is scheduled. */
  close(): void {
    this.timers = [];
    this.arm();
  }

  private insert(timer: Timer): void {
    const index = this.timers.findIndex((other) => other.at_ns > timer.at_ns);
    this.timers.splice(index < 0 ? this.timers.length : index, 0, timer);
  }

  private shift(by_ns: bigint): void {
    for (const timer of this.timers) timer.at_ns += by_ns;
  }

  private fire(): void {
    // What a callback schedules for now is called in the next turn: a chain of them does not hold up the rest.
    const last = this.order;
    const now_ns = this.now_ns();
    for (let i = 0; i < this.timers.length && this.timers[i].at_ns <= now_ns; ) {
      if (this.timers[i].order >= last) {
        i++;
        continue;
      }
      const [timer] = this.timers.splice(i, 1);
      try {
        timer.callback();
      } catch (error) {
        this.onError(error);
      }
      i = 0;
    }
    this.arm();
  }

  private arm(): void {
    if (this.alarm !== null) clearTimeout(this.alarm);
    this.alarm = null;
    if (this.timers.length === 0) return;
    const due_ns = this.timers[0].at_ns - this.now_ns();
    if (this.simulated && due_ns > 0n) return;
    const wait_ms = due_ns <= 0n ? 0 : Math.min(NAP_MS, Math.ceil(Number(due_ns) / 1e6));
    this.alarm = setTimeout(() => this.fire(), wait_ms);
  }
}

function wallOffset(): bigint {
  return BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
}
