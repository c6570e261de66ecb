import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
/** A lock file without a process number is one that is being written, unless it is older than this. */
const WRITING_MS = 2000;

/** Runs `work` alone among all processes that use this lock file; one whose holder died is taken over. */
export async function withFileLock<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  for (let waited = 0; !tryTake(path); waited++) {
    if (!isHeld(path)) rmSync(path, { force: true });
    else if (waited === 0) onWait?.();
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

/** Takes a lock file for this process, if nobody has it. */
export function tryTake(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeFileSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the process that took a lock file still runs. */
export function isHeld(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (!(pid > 0)) return Date.now() - statSync(path).mtimeMs < WRITING_MS;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
