import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Everything it prints is added to this file. */
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
  onLine?(line: string): void;
}

/** A command that ended badly; the message has its name, its last words and the file with all of them. */
export class CommandError extends Error {
  /** What it printed last, for a look at the cause. */
  readonly tail: string;

  constructor(what: string, tail: string, log: string) {
    const words = tail.split('\n').filter((line) => line.trim() !== '');
    const said = words.findLast((line) => /error/i.test(line)) ?? words[words.length - 1] ?? 'it printed nothing';
    super(`${what}: ${said.trim().slice(0, 300)} (all of it in ${log})`);
    this.name = 'CommandError';
    this.tail = tail;
  }
}

const TAIL_CHARACTERS = 8000;
/** A variable of every command, by which one that was left over is told from a stranger with its process number. */
const MARK = 'SUREPICK_ROS_SETUP';
/** Folder with a file for every command that runs, named by its process number. */
const RUNNING = 'running';

/** Runs a command to its end, with everything below it stopped when the signal comes. */
export function runCommand({ file, args, cwd, env, log, signal, onLine }: Command): Promise<void> {
  const name = `${file.slice(file.lastIndexOf('/') + 1)} ${args.slice(0, 3).join(' ')}`;
  appendFileSync(log, `$ ${file} ${args.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const folder = dirname(log);
    const child = spawn(file, args, {
      cwd,
      env: { ...(env ?? process.env), [MARK]: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const record = join(folder, RUNNING, String(child.pid));
    mkdirSync(dirname(record), { recursive: true });
    writeFileSync(record, '');
    const stop = () => child.pid !== undefined && killGroup(child.pid);
    signal?.addEventListener('abort', stop, { once: true });
    process.once('exit', stop);
    let tail = '';
    let open = '';
    const take = (chunk: string) => {
      appendFileSync(log, chunk);
      tail = `${tail}${chunk}`.slice(-TAIL_CHARACTERS);
      const lines = `${open}${chunk}`.split('\n');
      open = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const end = (problem: Error | null) => {
      rmSync(record, { force: true });
      signal?.removeEventListener('abort', stop);
      process.removeListener('exit', stop);
      if (signal?.aborted) reject(signal.reason);
      else if (problem !== null) reject(problem);
      else resolve();
    };
    child.on('error', (error) => end(new CommandError(`${name} cannot be started`, error.message, log)));
    child.on('close', (code, by) =>
      end(code === 0 ? null : new CommandError(`${name} ended with ${code ?? by}`, tail, log)),
    );
  });
}

/** Ends commands that outlived the process which started them, so that they write into nothing that is made anew. */
export function endLeftovers(folder: string): void {
  const records = join(folder, RUNNING);
  if (!existsSync(records)) return;
  for (const pid of readdirSync(records)) {
    if (environmentOf(pid).includes(`${MARK}=${folder}`)) killGroup(Number(pid));
    rmSync(join(records, pid), { force: true });
  }
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
