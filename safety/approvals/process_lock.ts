import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';

/**
 * A file that one living process holds: a second supervisor for the same arm is refused. What a process that has ended left
 * is taken over; that a number was given to another process is told by its start time, where the system says it.
 */
export class ProcessLock {
  private readonly file: string;
  private held = false;

  constructor(file: string) {
    this.file = file;
  }

  /** Throws InputError where another process holds it. */
  take(): void {
    if (this.held) return;
    for (let tries = 0; ; tries++) {
      try {
        const fd = openSync(this.file, 'wx', 0o600);
        writeFileSync(fd, markOf(process.pid));
        closeSync(fd);
        this.held = true;
        return;
      } catch (cause) {
        if (!isCode(cause, 'EEXIST')) throw new InputError(this.file, 'must be a place for a file', { cause });
        const holder = this.holder();
        if (holder !== null || tries > 0)
          throw new InputError(
            `${this.file} of process ${holder ?? 'unknown'}`,
            'one supervisor an arm; end the other first',
          );
        rmSync(this.file, { force: true });
      }
    }
  }

  release(): void {
    if (this.held) rmSync(this.file, { force: true });
    this.held = false;
  }

  /** The living process that holds it; null for none. */
  private holder(): number | null {
    let mark = '';
    try {
      mark = readFileSync(this.file, 'utf8');
    } catch {
      return null;
    }
    const pid = Number(mark.split(' ')[0]);
    if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || markOf(pid) !== mark) return null;
    return pid;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** A process by its number and, on Linux, when it started (proc(5), field 22) and in which boot. */
function markOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${pid} ${started} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return `${pid}`;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
