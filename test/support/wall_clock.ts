import type { Clock } from '../../contracts/index.ts';

/** The machine's time since its epoch, ms. */
export const wallClock_ms = (): number => performance.timeOrigin + performance.now();

/** The machine's time, for tests that run at its pace. */
export const wallClock: Clock = {
  now_ns: () => BigInt(Math.round(1e6 * wallClock_ms())),
  schedule(at_ns, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.ceil(Number(at_ns - this.now_ns()) / 1e6)));
    return () => clearTimeout(timer);
  },
};
