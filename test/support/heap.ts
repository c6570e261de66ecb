import { INSTRUMENTED } from './sweep.ts';

/** Bytes of one number kept on the heap: what V8 may leave where it did not inline a call that returns a double. */
export const BOXED_NUMBER = 16;

/**
 * Heap bytes a call that `work(calls)` leaves allocated, nothing collected in between; the least of several rounds,
 * because the engine itself allocates now and then; one that leaves no more than `enough`, the bound that is asked for, is the
 * last. Call it when `work` is warm. Needs --expose-gc.
 */
export function bytesPerCall(calls: number, work: (calls: number) => void, rounds = 12, enough = BOXED_NUMBER): number {
  let least = Infinity;
  for (let round = 0; round < rounds && least > enough; round++) least = Math.min(least, bytesOfRound(calls, work));
  return least;
}

/**
 * As bytesPerCall, for one call of `work`, warmed up here; on a busy machine V8 optimises late, so rounds go on until one
 * leaves no more than `enough`.
 */
export function heapGrowthPerCall(work: () => void, calls = 5_000, enough = BOXED_NUMBER): number {
  const repeat = (count: number) => {
    for (let i = 0; i < count; i++) work();
  };
  repeat(calls);
  let least = Infinity;
  for (let round = 0; round < 60 && least > enough; round++) {
    least = Math.min(least, bytesOfRound(calls, repeat));
  }
  return least;
}

function bytesOfRound(calls: number, work: (calls: number) => void): number {
  if (globalThis.gc === undefined && !INSTRUMENTED) throw new Error('run with --expose-gc');
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  work(calls);
  if (INSTRUMENTED) return 0;
  return (process.memoryUsage().heapUsed - before) / calls;
}
