import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheFolder } from '../contracts/index.ts';

const run = promisify(execFile);
const CANDIDATES = ['python3.11', 'python3.12', 'python3.13', 'python3.10', 'python3', 'python'];
const STALE_LOCK_MS = 120_000;

/** The interpreter of a ready environment, or one line that says what is missing and how to get it. */
export type PythonEnvironment = { readonly python: string } | { readonly missing: string };

/**
 * A virtual environment with exactly these packages (`name==version`), made once and shared by all checkouts and workers; a
 * change of the list makes another. Uses pip and its own settings.
 */
export async function pythonEnvironment(name: string, packages: readonly string[]): Promise<PythonEnvironment> {
  const key = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cacheFolder('python'), `${name}-${key}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const ready = join(folder, 'ready');
  if (existsSync(ready) && existsSync(python)) return { python };
  mkdirSync(cacheFolder('python'), { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(ready) && existsSync(python)) return { python };
    const interpreter = await findPython();
    if (interpreter === null) return { missing: 'install Python 3.10 to 3.13 with the venv module' };
    const failed = join(`${folder}.failed`);
    if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < STALE_LOCK_MS) {
      return { missing: `pip could not install ${packages.join(' ')} a moment ago: check its network` };
    }
    rmSync(folder, { recursive: true, force: true });
    try {
      await run(interpreter, ['-m', 'venv', folder]);
      const pip = [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--only-binary',
        ':all:',
        '--retries',
        '1',
      ];
      await run(python, [...pip, ...packages], { maxBuffer: 1 << 24 });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      writeFileSync(failed, '');
      const reason = String(error instanceof Error ? error.message : error)
        .split('\n')
        .findLast((l) => l.trim() !== '');
      return { missing: `let pip install ${packages.join(' ')} (${interpreter}: ${reason})` };
    }
    rmSync(failed, { force: true });
    writeFileSync(`${ready}.part`, `${packages.join('\n')}\n`);
    renameSync(`${ready}.part`, ready);
    return { python };
  });
}

/** The first interpreter of a supported version that has venv and pip. */
async function findPython(): Promise<string | null> {
  const probe = 'import sys, venv, ensurepip; sys.exit(0 if (3, 10) <= sys.version_info[:2] <= (3, 13) else 1)';
  for (const candidate of CANDIDATES) {
    try {
      await run(candidate, ['-c', probe]);
      return candidate;
    } catch {
      // the next candidate may do
    }
  }
  return null;
}

/** Runs `work` while holding a lock folder; a lock whose holder stopped touching it is taken over. */
async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      if (ageOf(lock) > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
      else await sleep(200);
    }
  }
  const touch = setInterval(() => utimesSync(lock, new Date(), new Date()), STALE_LOCK_MS / 8);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    rmSync(lock, { recursive: true, force: true });
  }
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
