/** Time that never steps back; only differences mean anything, and only within one process. */
export interface MonotonicClock {
  /** Seconds. */
  now_s(): number;
}

/** When performance.now() began, on the monotonic clock: the tightest of some pairs of readings. */
function origin(): number {
  let [best_ns, origin_s] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < 10; i++) {
    const before = process.hrtime.bigint();
    const now_s = performance.now() / 1e3;
    const after = process.hrtime.bigint();
    if (Number(after - before) >= best_ns) continue;
    best_ns = Number(after - before);
    origin_s = Number(before) / 1e9 + best_ns / 2e9 - now_s;
  }
  return origin_s;
}

const ORIGIN_S = origin();

/**
 * The machine's monotonic clock (CLOCK_MONOTONIC). Processes of one machine read the same one: good for judging a trial
 * from outside, and used by no protocol between them.
 */
export const MACHINE_CLOCK: MonotonicClock = { now_s: () => ORIGIN_S + performance.now() / 1e3 };
