import type { Guard } from './guard.ts';

/** Longest queue; beyond it the oldest is tried for the last time. */
const MOST = 32;

interface Visitor<T> {
  readonly attempt: (last: boolean) => T | null;
  readonly until_ms: number;
}

/**
 * Messages that wait for something that belongs to them: let in, in order, as soon as it is there, or without it after
 * `wait_ms`.
 */
export class WaitingRoom<T> {
  private readonly wait_ms: number;
  private readonly admit: (value: T) => void;
  private readonly guard: Guard;
  private readonly where: string;
  private readonly queue: Visitor<T>[] = [];
  private alarm: NodeJS.Timeout | null = null;

  constructor(wait_ms: number, admit: (value: T) => void, guard: Guard, where: string) {
    this.wait_ms = wait_ms;
    this.admit = admit;
    this.guard = guard;
    this.where = where;
  }

  /** @param attempt  gives what is let in, or null for not yet; what throws is reported and goes */
  add(attempt: (last: boolean) => T | null): void {
    this.queue.push({ attempt, until_ms: performance.now() + this.wait_ms });
    this.retry();
  }

  /** Something has come that one may wait for. */
  retry(): void {
    const now_ms = performance.now();
    for (;;) {
      const [first] = this.queue;
      if (first === undefined) break;
      const last = now_ms >= first.until_ms || this.queue.length > MOST;
      let value: T | null = null;
      try {
        value = first.attempt(last);
        if (value === null && !last) break;
      } catch (error) {
        this.guard.report(error, this.where);
      }
      this.queue.shift();
      if (value !== null) this.admit(value);
    }
    this.arm(now_ms);
  }

  close(): void {
    this.queue.length = 0;
    this.arm(0);
  }

  private arm(now_ms: number): void {
    if (this.alarm !== null) clearTimeout(this.alarm);
    this.alarm = null;
    const [first] = this.queue;
    if (first === undefined) return;
    const retry = this.guard.wrap(this.where, () => this.retry());
    this.alarm = setTimeout(retry, Math.max(0, first.until_ms - now_ms));
  }
}
