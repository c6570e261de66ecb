import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keyOf, REQUIREMENTS, rosHome, sha256, type Variables } from './places.ts';

/** A ROS 2 to build on: the user's own, or the wheels of `surepick ros setup`. */
export interface RosBase {
  readonly kind: 'sourced' | 'wheels';
  readonly distro: string;
  /** Version of rcl. */
  readonly version: string;
  /** AMENT_PREFIX_PATH, overlays first. */
  readonly prefixes: readonly string[];
  /** The prefix that holds rcl, its headers and libraries. */
  readonly core: string;
  /** Where everything built for it is kept. */
  readonly folder: string;
}

/** What was run with this stack; others are used, and said to be untried. */
export const TESTED_DISTROS: readonly string[] = ['jazzy'];
export const KNOWN_DISTROS: readonly string[] = ['humble', 'jazzy', 'kilted', 'lyrical'];

/** The ROS 2 in the environment, judged by its files, else the place of the wheels. */
export function rosBase(env: Variables = process.env): RosBase {
  return sourcedRos(env) ?? wheelsRos(env);
}

export function sourcedRos(env: Variables): RosBase | null {
  const prefixes = (env.AMENT_PREFIX_PATH ?? '').split(':').filter((path) => path !== '' && existsSync(path));
  const core = prefixes.find(holdsRcl);
  if (core === undefined || core === wheelsRos(env).core) return null;
  const distro = env.ROS_DISTRO || basename(core);
  const version = versionOf(core);
  const key = keyOf([process.arch, distro, version, ...prefixes]);
  return { kind: 'sourced', distro, version, prefixes, core, folder: join(rosHome(env), `${distro}-${key}`) };
}

/** @returns the wheels' place, whether they are there or not */
export function wheelsRos(env: Variables): RosBase {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const key = keyOf([process.arch, sha256(requirements)]);
  const version = /^ros-rcl==(\S+)/m.exec(requirements)?.[1] ?? '';
  const folder = join(rosHome(env), `wheels-${key}`);
  const core = join(folder, 'prefix');
  return { kind: 'wheels', distro: 'jazzy', version, prefixes: [core], core, folder };
}

function holdsRcl(prefix: string): boolean {
  return [
    join('share', 'rcl', 'package.xml'),
    join('lib', process.platform === 'darwin' ? 'librcl.dylib' : 'librcl.so'),
    join('include', 'rcl'),
  ].every((path) => existsSync(join(prefix, path)));
}

function versionOf(prefix: string): string {
  const manifest = join(prefix, 'share', 'rcl', 'package.xml');
  if (!existsSync(manifest)) return '';
  return /<version>\s*([^<\s]+)/.exec(readFileSync(manifest, 'utf8'))?.[1] ?? '';
}
