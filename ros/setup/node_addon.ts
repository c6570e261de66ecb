import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { CommandError, runCommand } from './command.ts';
import { DONE, RCLNODEJS_MANIFEST } from './places.ts';
import type { StepReport } from './steps.ts';
import { nodeHeaders } from './tools.ts';

/** npm waits for more than a minute before it gives up. */
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=8000'];

/** Brings rclnodejs and what it stands on, in the versions of its lockfile, without running scripts of packages. */
export async function fetchRclnodejs(folder: string, log: string, { signal }: StepReport): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(RCLNODEJS_MANIFEST, name), join(folder, name));
  }
  const npmrc = join(PACKAGE_ROOT, '.npmrc');
  if (existsSync(npmrc)) copyFileSync(npmrc, join(folder, '.npmrc'));
  const [file, ...npm] = npmCommand();
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...PATIENCE];
  try {
    await runCommand({ file, args: [...npm, ...options], cwd: folder, log, signal });
  } catch (error) {
    throw error instanceof CommandError &&
      /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|network/.test(error.tail)
      ? new Error(`npm cannot reach its registry: check the network and npm's settings, then run this again (${log})`)
      : error;
  }
}

/** The npm beside node, else the one on PATH. */
function npmCommand(): string[] {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

/**
 * Compiles the native part of rclnodejs.
 *
 * @param core  the prefix with the headers and libraries of rcl
 * @param env  variables of a process that uses this ROS
 * @param python  an interpreter for node-gyp, or null for the one it finds
 */
export async function buildRclnodejs(
  folder: string,
  core: string,
  env: Readonly<Record<string, string | undefined>>,
  python: string | null,
  log: string,
  { signal, progress }: StepReport,
): Promise<void> {
  const shim = rosCommandFor(folder, core);
  const headers = nodeHeaders();
  const gyp = join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  let objects = 0;
  await runCommand({
    file: process.execPath,
    args: [
      gyp,
      'rebuild',
      ...(headers === null ? [] : ['--nodedir', headers]),
      ...(python === null ? [] : ['--python', python]),
    ],
    cwd: rclnodejsIn(folder),
    env: { ...env, PATH: `${join(shim, 'bin')}:${env.PATH ?? ''}`, JOBS: 'max' },
    log,
    signal,
    onLine: (line) => /^\s*CXX\(/.test(line) && progress(++objects / 29),
  });
  rmSync(shim, { recursive: true, force: true });
  rmSync(join(rclnodejsIn(folder), 'build', 'Release', 'obj.target'), { recursive: true, force: true });
}

/** The build asks `which ros2` for the place of headers and libraries; not every ROS has that command. */
function rosCommandFor(folder: string, core: string): string {
  const shim = join(folder, 'ros');
  rmSync(shim, { recursive: true, force: true });
  mkdirSync(join(shim, 'bin'), { recursive: true });
  writeFileSync(join(shim, 'bin', 'ros2'), '#!/bin/sh\n', { mode: 0o755 });
  for (const name of ['include', 'lib']) symlinkSync(join(core, name), join(shim, name));
  return shim;
}

/** A copy of rclnodejs with a class for every message, service and action of the prefixes in `env`. */
export async function generateClasses(
  built: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  log: string,
  { signal }: StepReport,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  cpSync(built, folder, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith(`/${DONE}`) });
  let failure = '';
  await runCommand({
    file: process.execPath,
    args: [join(rclnodejsIn(folder), 'scripts', 'generate_messages.cjs')],
    cwd: rclnodejsIn(folder),
    env,
    log,
    signal,
    onLine(line) {
      if (line.startsWith('Caught error')) failure = line;
    },
  });
  if (failure !== '') throw new Error(`rclnodejs could not make message classes: ${failure} (${log})`);
}

function rclnodejsIn(folder: string): string {
  return join(folder, 'node_modules', 'rclnodejs');
}
