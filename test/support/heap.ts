/**
 * Heap bytes that `work` leaves allocated per call over many warm calls, garbage not collected in between; the least of
 * several rounds, because the engine itself allocates now and then. Needs --expose-gc.
 */
export function heapGrowthPerCall(work: () => void, calls = 20_000, rounds = 4): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  for (let i = 0; i < calls; i++) work();
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) work();
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / calls);
  }
  return least;
}
