import { createHash } from 'node:crypto';

/** A wall clock for tests, which moves when it is told to. */
export class TestClock {
  now_ms = 1_760_000_000_000;
  readonly now = (): number => this.now_ms;

  pass(ms: number): void {
    this.now_ms += ms;
  }
}

/** Bytes that differ at every call and are the same in every run. */
export function countedRandom(seed = 0): (count: number) => Uint8Array {
  let calls = 0;
  return (count) => createHash('sha512').update(`${seed}:${calls++}`).digest().subarray(0, count);
}
