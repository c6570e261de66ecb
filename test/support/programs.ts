import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { sourceFiles } from './sources.ts';

const FOLDER = join(PACKAGE_ROOT, '.cache', 'programs');
/** What nothing has used for so long is removed. */
const KEPT_MS = 24 * 3600 * 1000;

/**
 * Compiles the programs that tests run in threads and processes of their own; returns the path of the one asked for. They
 * lie in a folder named by the sources that they are made from, whole before it has that name: whoever runs them at the
 * same time, from whatever state of the sources, finds its own.
 */
export async function compiledProgram(name: string): Promise<string> {
  const folder = join(FOLDER, sourcesKey());
  if (!existsSync(folder)) await compile(folder);
  utimesSync(folder, new Date(), new Date());
  return join(folder, 'test', 'support', `${name}.js`);
}

async function compile(folder: string): Promise<void> {
  const compiler = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(PACKAGE_ROOT, 'test', 'support', 'tsconfig.programs.json');
  const part = `${folder}.${process.pid}.part`;
  mkdirSync(FOLDER, { recursive: true });
  await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', part]);
  try {
    renameSync(part, folder);
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(folder)) throw error;
    rmSync(part, { recursive: true, force: true });
  }
  for (const entry of readdirSync(FOLDER)) {
    const old = join(FOLDER, entry);
    const used_ms = statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - used_ms > KEPT_MS) rmSync(old, { recursive: true, force: true });
  }
}

/** Changes whenever a source is added, removed or written. */
function sourcesKey(): string {
  const hash = createHash('sha256');
  for (const path of sourceFiles()) {
    const { size, mtimeMs } = statSync(join(PACKAGE_ROOT, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
