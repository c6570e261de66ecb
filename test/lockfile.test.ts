import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nameOf, neededPackages } from '../scripts/bootstrap.mjs';
import { read } from './support/sources.ts';

const entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
});
const lockfile = z.object({ packages: z.record(z.string(), entry) });
const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});
/** Every package that the manifest in a folder names, with its version. */
const namedIn = (folder: string): Record<string, string> => {
  const { dependencies, devDependencies } = manifest.parse(JSON.parse(read(`${folder}package.json`)));
  return { ...dependencies, ...devDependencies };
};
const dependencies = namedIn('');

describe.each(['', 'scripts/mutation/', 'ros/rclnodejs/'])('%spackage-lock.json', (folder) => {
  const lock = lockfile.parse(JSON.parse(read(`${folder}package-lock.json`)));

  it('names no host', () => {
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    const hosts = Object.entries(lock.packages).filter(([, { funding: _authors, ...rest }]) =>
      /https?:\/\//.test(JSON.stringify(rest)),
    );
    expect(hosts.map(([path]) => path)).toEqual([]);
  });

  it('pins every package by its contents', () => {
    const loose = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity);
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('agrees with the exact versions of package.json', () => {
    const differing = Object.entries(namedIn(folder)).filter(
      ([name, version]) => lock.packages[`node_modules/${name}`]?.version !== version,
    );
    expect(differing).toEqual([]);
  });

  it('has every optional package that another one names, so that a clean install accepts it', () => {
    const named = Object.values(lock.packages).flatMap(({ optionalDependencies }) =>
      Object.keys(z.record(z.string(), z.string()).catch({}).parse(optionalDependencies)),
    );
    const locked = new Set(Object.keys(lock.packages).map(nameOf));
    expect(named.filter((name) => !locked.has(name))).toEqual([]);
  });
});

it('names rclnodejs as a peer in the version that surepick ros setup builds', () => {
  const { peerDependencies } = manifest.parse(JSON.parse(read('package.json')));
  expect(peerDependencies).toEqual(namedIn('ros/rclnodejs/'));
});

describe('ros/setup/requirements.txt', () => {
  it('pins every package by version and hash and names no host', () => {
    const lines = read('ros/setup/requirements.txt').trimEnd().split('\n');
    const packages = lines.filter((line) => !line.startsWith('#'));
    expect(packages.filter((line) => !/^[a-z0-9.-]+==[0-9][^ ]* --hash=sha256:[0-9a-f]{64}$/.test(line))).toEqual([]);
    expect(lines[1]).toContain(`${packages.length} packages`);
  });
});

describe('what a first start fetches', () => {
  const sizes = z
    .object({ packed_bytes: z.record(z.string(), z.number().positive()) })
    .parse(JSON.parse(read('scripts/package_sizes.json'))).packed_bytes;
  const total = (scope: 'run' | 'test') =>
    neededPackages(scope).reduce((sum, [folder, { version }]) => sum + (sizes[`${nameOf(folder)}@${version}`] ?? 0), 0);

  it('knows the size of every direct dependency', () => {
    expect(Object.entries(dependencies).filter(([name, version]) => sizes[`${name}@${version}`] === undefined)).toEqual(
      [],
    );
  });

  it('running needs less than testing', () => {
    expect(total('run')).toBeGreaterThan(50e6);
    expect(total('run')).toBeLessThan(total('test'));
    const needed = neededPackages('run').map(([folder]) => folder);
    expect(needed).toContain('node_modules/typescript');
    expect(needed).not.toContain('node_modules/vitest');
  });
});
