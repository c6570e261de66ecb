import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Variables } from './places.ts';

const run = promisify(execFile);

/** The version of Python that the wheels are for. */
export const PYTHON = '3.12';

export const PYTHON_REMEDY =
  'Python 3.12 with its venv module is missing: apt-get install python3.12-venv, pyenv install 3.12, or uv python install 3.12';

/** A Python 3.12 that can make environments: on PATH, of pyenv or of uv; null when there is none. */
export async function findPython312(env: Variables = process.env): Promise<string | null> {
  const home = env.HOME || homedir();
  const probe = 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 12))';
  const candidates = [
    ...(env.SUREPICK_PYTHON312 ? [env.SUREPICK_PYTHON312] : []),
    `python${PYTHON}`,
    'python3',
    ...versionsIn(env.PYENV_ROOT || join(home, '.pyenv'), 'versions'),
    ...versionsIn(env.UV_PYTHON_INSTALL_DIR || join(home, '.local', 'share', 'uv', 'python'), '.'),
  ];
  for (const candidate of candidates) {
    try {
      await run(candidate, ['-c', probe], { env: { ...env } });
      return candidate;
    } catch {
      // the next candidate may do
    }
  }
  return null;
}

function versionsIn(root: string, below: string): string[] {
  const folder = join(root, below);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /(^|-)3\.12(\.|-|$)/.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name, 'bin', `python${PYTHON}`));
}

/** Commands that building needs, by what to install for them on Debian and Ubuntu. */
const BUILD_TOOLS = { 'g++': 'g++', make: 'make', cmake: 'cmake' } as const;

/** One line for what a build lacks, or null. */
export async function missingBuildTools(env: Variables = process.env): Promise<string | null> {
  const absent: string[] = [];
  for (const [command, parcel] of Object.entries(BUILD_TOOLS)) {
    try {
      await run(command, ['--version'], { env: { ...env } });
    } catch {
      absent.push(parcel);
    }
  }
  if (absent.length === 0) return null;
  return `${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} missing: apt-get install ${absent.join(' ')}`;
}

/** Folder with include/node of the Node that runs us, or null: node-gyp then fetches the headers. */
export function nodeHeaders(executable: string = process.execPath): string | null {
  for (const folder of [dirname(dirname(executable)), '/usr', '/usr/local']) {
    const header = join(folder, 'include', 'node', 'node_version.h');
    if (!existsSync(header)) continue;
    const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(header, 'utf8'))?.[1];
    if (major === process.versions.node.split('.')[0]) return folder;
  }
  return null;
}
