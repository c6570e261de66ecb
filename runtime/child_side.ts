import { z } from 'zod';
import { Deadlines } from './deadlines.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { Sleeper } from './sleeper.ts';

/** What a child process was started with: one JSON argument, before the parent's process id. */
export function configuration<T>(schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(process.argv[2]));
}

/** True once the process that started this one has ended, however it did. */
export function parentIsGone(): boolean {
  return !process.connected || process.ppid !== z.coerce.number().parse(process.argv[3]);
}

export function answerParent(message: unknown): void {
  if (process.connected) process.send?.(message);
}

/**
 * Calls `cycle` at every deadline until it returns false, then ends the process. Waits block, but signals and messages are
 * served between cycles. The interrupt key is the parent's matter: it reaches every process of a terminal at once, and
 * a child ends in the order that its parent gives.
 */
export function runCycles(period_s: number, cycle: (now_s: number, deadlines: Deadlines) => boolean): void {
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(period_s);
  process.on('SIGINT', () => {});
  // A parent that has gone cannot be answered; the next cycle sees it.
  process.on('error', () => {});
  deadlines.start(MACHINE_CLOCK.now_s());
  const turn = () => {
    const now_s = sleeper.until(deadlines.next_s);
    deadlines.begin(now_s);
    if (cycle(now_s, deadlines)) setImmediate(turn);
    else process.exit(0);
  };
  setImmediate(turn);
}
