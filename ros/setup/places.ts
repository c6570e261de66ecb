import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, InputError, PACKAGE_ROOT } from '../../contracts/index.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const HERE = join(PACKAGE_ROOT, 'ros', 'setup');

/** The wheels and what they stand on, with versions and hashes; made by write_requirements.mjs. */
export const REQUIREMENTS = join(HERE, 'requirements.txt');

/** Fast DDS transports that carry images beside states. */
export const FASTDDS_PROFILE = join(HERE, 'fastdds.xml');

/** UDP alone. */
export const FASTDDS_UDP_PROFILE = join(HERE, 'fastdds_udp.xml');

/** Included by CMake after project(): leaves out what only C++ nodes need. */
export const ONLY_C = join(HERE, 'only_c.cmake');

/** package.json and lockfile of rclnodejs. */
export const RCLNODEJS_MANIFEST = join(PACKAGE_ROOT, 'ros', 'rclnodejs');

/** Our interface packages, as sources. */
export const INTERFACE_PACKAGES = join(PACKAGE_ROOT, 'ros', 'packages');

/**
 * Where `surepick ros setup` keeps what it builds: SUREPICK_ROS_HOME, else its place among what is kept, which all checkouts
 * of a user share; never a path with a space, which make cannot have.
 */
export function rosHome(env: Variables = process.env): string {
  const asked = env.SUREPICK_ROS_HOME;
  if (asked !== undefined && asked !== '') return checked(asked, `SUREPICK_ROS_HOME=${asked}`);
  const kept = cacheFolder('ros', env);
  if (!/\s/.test(kept)) return kept;
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return checked(join(cache, 'surepick', `ros-${sha256(kept).slice(0, 8)}`), cache);
}

function checked(path: string, what: string): string {
  if (path.startsWith('/') && !/[\s:;]/.test(path)) return path;
  throw new InputError(
    what,
    'SUREPICK_ROS_HOME must be an absolute path without spaces, ":" and ";": make cannot have them',
  );
}

/** The part of a path that changes when what it depends on does. */
export function keyOf(parts: readonly string[]): string {
  return sha256(parts.join('\0')).slice(0, 12);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Contents of all files below a folder, with their names, in one order. */
export function contentsOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path.slice(folder.length)}\0${readFileSync(path, 'utf8')}`)
    .join('\0');
}

/** A folder that a step of the setup made is whole when it has this file. */
export const DONE = '.done';

export function isDone(folder: string): boolean {
  return existsSync(join(folder, DONE));
}
