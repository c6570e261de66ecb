import type { Clock } from '../contracts/index.ts';

/** A clock that can be made to jump: `shift_ns` ahead of the one behind it. What is scheduled keeps its distance from now. */
export class ShiftedClock implements Clock {
  shift_ns = 0n;
  private readonly inner: Clock;

  constructor(inner: Clock) {
    this.inner = inner;
  }

  now_ns(): bigint {
    return this.inner.now_ns() + this.shift_ns;
  }

  schedule(at_ns: bigint, callback: () => void): () => void {
    return this.inner.schedule(at_ns - this.shift_ns, callback);
  }
}
