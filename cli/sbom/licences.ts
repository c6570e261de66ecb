import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { licenceFits } from '../../datasets/index.ts';
import { readJsonFile } from '../json_files.ts';

/** The one list of licences that a dependency may have. */
export const LICENCES_FILE = join('cli', 'sbom', 'allowed_licences.json');

/** Lockfiles of everything that is ever installed for the project. */
export const LOCKFILES = [
  'package-lock.json',
  join('ros', 'rclnodejs', 'package-lock.json'),
  join('scripts', 'mutation', 'package-lock.json'),
] as const;

const policySchema = z.strictObject({
  /** SPDX identifiers that any package may have. */
  allowed: z.array(z.string()).readonly(),
  /** Licences that only these packages may have; a name may end with *. */
  exceptions: z
    .array(z.strictObject({ packages: z.string(), licences: z.array(z.string()).readonly(), why: z.string().min(1) }))
    .readonly(),
});
export type LicencePolicy = Readonly<z.infer<typeof policySchema>>;

const lockSchema = z.looseObject({
  lockfileVersion: z.number(),
  packages: z.record(
    z.string(),
    z.looseObject({
      name: z.string().optional(),
      version: z.string().optional(),
      license: z.unknown().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

export interface LicenceFinding {
  readonly lockfile: string;
  readonly package: string;
  readonly version: string;
  /** As the lockfile has it; empty where it has none. */
  readonly licence: string;
  readonly what: string;
}

export interface LicenceVerdict {
  readonly packages: number;
  /** Packages by licence. */
  readonly licences: Readonly<Record<string, number>>;
  readonly findings: readonly LicenceFinding[];
}

export function readPolicy(root: string): LicencePolicy {
  return readJsonFile(join(root, LICENCES_FILE), policySchema);
}

/** Checks every package of every lockfile. Throws an InputError for one that cannot be read. */
export function checkLicences(root: string, policy: LicencePolicy): LicenceVerdict {
  const licences: Record<string, number> = {};
  const findings: LicenceFinding[] = [];
  let packages = 0;
  for (const lockfile of LOCKFILES) {
    if (lockfile !== LOCKFILES[0] && !existsSync(join(root, lockfile))) continue;
    const { packages: locked } = readJsonFile(join(root, lockfile), lockSchema);
    for (const [folder, { name = nameOf(folder), version = '', license, link = false }] of Object.entries(locked)) {
      if (folder === '' || link) continue;
      packages++;
      const licence = typeof license === 'string' ? license : '';
      licences[licence] = (licences[licence] ?? 0) + 1;
      const what = faultOf(name, licence, policy);
      if (what !== '') findings.push({ lockfile, package: name, version, licence, what });
    }
  }
  return { packages, licences: sorted(licences), findings };
}

/** What is wrong with a package's licence; empty for nothing. */
export function faultOf(name: string, licence: string, { allowed, exceptions }: LicencePolicy): string {
  if (licence === '') return 'has no licence';
  const own = exceptions.filter(({ packages }) => matches(name, packages)).flatMap(({ licences }) => licences);
  const fits = (all: readonly string[]) => licenceFits(licence, all);
  try {
    if (fits([...allowed, ...own])) return '';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return own.includes(`LicenseRef-${licence}`) ? '' : `${licence} is no licence that SPDX knows`;
  }
  return `${licence} is not in ${LICENCES_FILE}: put it there, with why, or take another package`;
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
