/** Wall time spent in methods of classes, each without what it calls of the others. For measurements alone. */
export class PhaseClock {
  /** Seconds by part. */
  readonly seconds = new Map<string, number>();
  private readonly undo: (() => void)[] = [];
  private current: string | null = null;
  private since = 0;

  /** From now on counts the time of a method of `prototype` to `part`. Throws where there is no such method. */
  watch(prototype: object, method: string, part: string): void {
    const original = Object.getOwnPropertyDescriptor(prototype, method)?.value;
    if (typeof original !== 'function') throw new Error(`no method ${method} to time`);
    const clock = this;
    this.seconds.set(part, 0);
    const timed = function (this: unknown, ...values: readonly unknown[]): unknown {
      const outer = clock.change(part);
      try {
        return original.apply(this, values);
      } finally {
        clock.change(outer);
      }
    };
    Object.defineProperty(prototype, method, { value: timed, configurable: true, writable: true });
    this.undo.push(() =>
      Object.defineProperty(prototype, method, { value: original, configurable: true, writable: true }),
    );
  }

  /** Gives every method back. */
  restore(): void {
    for (const undo of this.undo.splice(0)) undo();
  }

  /** Ends the running part and begins another; returns the one that ran. */
  private change(part: string | null): string | null {
    const now = performance.now() / 1000;
    const { current, seconds } = this;
    if (current !== null) seconds.set(current, (seconds.get(current) ?? 0) + now - this.since);
    this.current = part;
    this.since = now;
    return current;
  }
}
