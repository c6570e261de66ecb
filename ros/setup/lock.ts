import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
/** A guard is held for microseconds; an older one is of a process that died with it. */
const GUARD_MS = 60_000;

/** Runs `work` alone among all processes that use this lock file; one whose holder died is taken over. */
export async function withFileLock<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  for (let waited = 0; !tryTake(path); waited++) {
    if (waited === 0) onWait?.();
    await sleep(POLL_MS);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

let made = 0;

/** Takes a lock file for this process if nobody has it, or who had it is dead. */
export function tryTake(path: string): boolean {
  const own = `${path}.${process.pid}.${made++}`;
  writeFileSync(own, identityOf(process.pid));
  try {
    removeDead(path);
    linkSync(own, path);
    return true;
  } catch (error) {
    if (isError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** One process at a time looks again and removes, so that none removes what another has just taken. */
function removeDead(path: string): void {
  if (!existsSync(path) || isHeld(path)) return;
  const guard = `${path}.guard`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (!isError(error, 'EEXIST')) throw error;
    if (ageOf(guard) > GUARD_MS) rmSync(guard, { recursive: true, force: true });
    return;
  }
  if (existsSync(path) && !isHeld(path)) rmSync(path, { force: true });
  rmSync(guard, { recursive: true, force: true });
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** Whether the process that took a lock file still runs; another with its number does not count. */
export function isHeld(path: string): boolean {
  try {
    const identity = readFileSync(path, 'utf8');
    const pid = Number.parseInt(identity, 10);
    if (!(pid > 0)) return false;
    process.kill(pid, 0);
    return !identity.includes(' ') || identityOf(pid) === identity;
  } catch (error) {
    return isError(error, 'EPERM');
  }
}

/** Process number and, where it can be known, when the process began (field 22 of /proc/PID/stat). */
function identityOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return String(pid);
  }
}

function isError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
