import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** As `nice` counts: the lower, the more often a thread gets a busy processor. */
export const NICENESS = { heartbeat: -16, realtime: -15, operator: -12 } as const;

/**
 * Sets the main thread's niceness; threads made from now on inherit it (Linux counts by thread, setpriority(2)).
 * @returns whether the system allows it: to root, or with CAP_SYS_NICE or a limit for it
 */
export function trySetNiceness(niceness: number): boolean {
  try {
    setPriority(0, niceness);
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives the whole session of this process the niceness that its main thread has. Linux shares processors out between
 * sessions first (autogroups, sched(7)), so that niceness alone counts only within one.
 *
 * @returns whether the system has autogroups and allows it
 */
export function trySessionNiceness(): boolean {
  try {
    writeFileSync('/proc/self/autogroup', String(getPriority()));
    return true;
  } catch {
    return false;
  }
}

/** Does `work` at another niceness, so that threads made in it keep that, and takes the main thread's own up again. */
export function atNiceness<T>(niceness: number, work: () => T): T {
  const own = getPriority();
  const changed = trySetNiceness(niceness);
  try {
    return work();
  } finally {
    if (changed) trySetNiceness(own);
  }
}
