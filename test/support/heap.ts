/**
 * Heap bytes a call that `work(calls)` leaves allocated, nothing collected in between; the least of several rounds,
 * because the engine itself allocates now and then, and on a busy machine optimises late. Call it when `work` is warm. Needs --expose-gc.
 */
export function bytesPerCall(calls: number, work: (calls: number) => void, rounds = 12): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    work(calls);
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / calls);
  }
  return least;
}

/** As bytesPerCall, for one call of `work`, warmed up here. */
export function heapGrowthPerCall(work: () => void, calls = 5_000): number {
  const repeat = (count: number) => {
    for (let i = 0; i < count; i++) work();
  };
  repeat(calls);
  return bytesPerCall(calls, repeat);
}
