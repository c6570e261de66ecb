import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RosBase, rosBase } from './base.ts';
import { type InterfacePackage, missingPackages } from './interface_packages.ts';
import { FASTDDS_PROFILE, FASTDDS_UDP_PROFILE, isDone, keyOf, RCLNODEJS_MANIFEST, type Variables } from './places.ts';

/** A ROS 2 that this stack can run on, with everything that it needs beside it. */
export interface RosInstallation {
  /** `sourced`: the user's own; `wheels`: built by `surepick ros setup`. */
  readonly kind: 'sourced' | 'wheels';
  readonly distro: string;
  /** Version of rcl. */
  readonly version: string;
  /** AMENT_PREFIX_PATH: our interface packages, then the ROS. */
  readonly prefixes: readonly string[];
  /** Folder of the rclnodejs package with classes of every message that the prefixes hold. */
  readonly rclnodejs: string;
  /** The interpreter that has rclpy; null when it is whatever the user sourced. */
  readonly python: string | null;
  /** Folders of shared libraries. */
  readonly libraries: readonly string[];
  /** Folders of Python packages that the interpreter does not know by itself. */
  readonly modules: readonly string[];
}

/** What an installation on a base is made of, in the order of making. */
export interface Parts {
  readonly base: RosBase;
  readonly packages: readonly InterfacePackage[];
  /** rclnodejs built, without message classes. */
  readonly built: string;
  /** rclnodejs with message classes. */
  readonly classes: string;
}

export function partsOf(base: RosBase): Parts {
  const packages = missingPackages(base);
  const lock = readFileSync(join(RCLNODEJS_MANIFEST, 'package-lock.json'), 'utf8');
  const built = join(base.folder, `rclnodejs-${keyOf([lock, base.version, process.versions.modules])}`);
  const classes = join(base.folder, `classes-${keyOf([built, ...packages.map(({ prefix }) => prefix)])}`);
  return { base, packages, built, classes };
}

/**
 * The ROS 2 to run on: the one in the environment, judged by its files, else the one that `surepick ros setup` built.
 *
 * @returns the installation, or one line that says what is missing and how to get it
 */
export function findRos(env: Variables = process.env): RosInstallation | { readonly missing: string } {
  const base = rosBase(env);
  const parts = partsOf(base);
  const lacks = absentPart(parts);
  return lacks === null ? installationOf(parts) : { missing: `${lacks}: run "surepick ros setup"` };
}

/** The first part that is not there, in words, or null. */
export function absentPart({ base, packages, built, classes }: Parts): string | null {
  if (base.kind === 'wheels' && !isDone(base.core)) return 'no ROS 2 is sourced and none was built here';
  if (!isDone(built)) return `rclnodejs is not built for ROS 2 ${base.distro}`;
  const absent = packages.filter(({ prefix }) => !isDone(prefix)).map(({ name }) => name);
  if (absent.length > 0) return `interface packages are not built: ${absent.join(', ')}`;
  if (!isDone(classes)) return 'message classes of rclnodejs are not generated';
  return null;
}

export function installationOf({ base, packages, classes }: Parts): RosInstallation {
  const overlays = packages.map(({ prefix }) => prefix).reverse();
  const site = siteOf(base.core);
  const bundled = base.kind === 'wheels' && site !== null ? libraryFolders(site) : [];
  return {
    kind: base.kind,
    distro: base.distro,
    version: base.version,
    prefixes: [...overlays, ...base.prefixes],
    rclnodejs: join(classes, 'node_modules', 'rclnodejs'),
    python: base.kind === 'wheels' ? join(base.core, 'bin', 'python') : null,
    libraries: [...overlays, ...base.prefixes].map((prefix) => join(prefix, 'lib')).concat(bundled),
    modules: overlays.flatMap((prefix) => siteOf(prefix) ?? []),
  };
}

/**
 * The variables that a process must be started with to use ROS; they cannot be set later, because the loader reads
 * LD_LIBRARY_PATH once. Merge them over the process's own.
 *
 * @param env  the variables that are there already; what a user chose (RMW_IMPLEMENTATION, Fast DDS profile) is kept
 */
export function rosEnvironment(ros: RosInstallation, env: Variables = process.env): Record<string, string> {
  const front = (own: readonly string[], name: string) =>
    [...new Set([...own, ...(env[name] ?? '').split(':')])].filter((path) => path !== '').join(':');
  return {
    AMENT_PREFIX_PATH: front(ros.prefixes, 'AMENT_PREFIX_PATH'),
    LD_LIBRARY_PATH: front(ros.libraries, 'LD_LIBRARY_PATH'),
    PYTHONPATH: front(ros.modules, 'PYTHONPATH'),
    PATH: front(ros.kind === 'wheels' ? [join(ros.prefixes[ros.prefixes.length - 1], 'bin')] : [], 'PATH'),
    ROS_DISTRO: ros.distro,
    ROS_VERSION: '2',
    ROS_PYTHON_VERSION: '3',
    RMW_IMPLEMENTATION: (ros.kind === 'sourced' && env.RMW_IMPLEMENTATION) || 'rmw_fastrtps_cpp',
    // Fast DDS 2 (until Jazzy) reads the first of these, Fast DDS 3 the second.
    FASTRTPS_DEFAULT_PROFILES_FILE: env.FASTRTPS_DEFAULT_PROFILES_FILE || FASTDDS_PROFILE,
    FASTDDS_DEFAULT_PROFILES_FILE: env.FASTDDS_DEFAULT_PROFILES_FILE || FASTDDS_PROFILE,
    SUREPICK_RCLNODEJS: ros.rclnodejs,
  };
}

/**
 * The same variables for a process that carries no images and may be killed. A participant of Fast DDS that was killed leaves
 * shared-memory ports behind which others may go on writing to while its successor reads others (Fast DDS issues 5053 and
 * 5469); over UDP its successor is heard at once. Processes with and without shared memory talk to each other over UDP. A
 * profile that a user chose is kept.
 */
export function withoutSharedMemory<V extends Variables>(env: V): V {
  const changed = PROFILE_VARIABLES.filter((name) => env[name] === FASTDDS_PROFILE);
  return { ...env, ...Object.fromEntries(changed.map((name) => [name, FASTDDS_UDP_PROFILE])) };
}

const PROFILE_VARIABLES = ['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'] as const;

/** lib/pythonX.Y/site-packages (or Debian's dist-packages) below a prefix. */
export function siteOf(prefix: string): string | null {
  const candidates = [join(prefix, 'lib'), join(prefix, 'local', 'lib')]
    .filter(existsSync)
    .flatMap((lib) => readdirSync(lib).flatMap((name) => (/^python3/.test(name) ? [join(lib, name)] : [])))
    .flatMap((python) => ['site-packages', 'dist-packages'].map((name) => join(python, name)));
  return candidates.find(existsSync) ?? null;
}

/** Wheels keep copies of the libraries they were linked with in folders of their own. */
export function libraryFolders(site: string): string[] {
  return readdirSync(site)
    .filter((name) => /^ros_.*\.libs$/.test(name))
    .map((name) => join(site, name));
}
