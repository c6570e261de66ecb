import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

/** Both are names of folders: nothing in them leads elsewhere, on no system. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const VERSION = /^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(?:-[0-9a-z]{1,32}(?:\.[0-9a-z]{1,32}){0,4})?$/;
/** What Windows takes for a device, whatever the folder. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

const NAME_ALLOWED = 'lower-case letters, digits, - and _, 64 at most, beginning with a letter or digit';
const VERSION_ALLOWED = 'three numbers and at most a pre-release, as 1.2.0 or 1.2.0-rc.1';

export const modelName = z
  .string()
  .regex(NAME, NAME_ALLOWED)
  .refine((name) => !DEVICE.test(name), 'no name of a device');
export const modelVersion = z.string().regex(VERSION, VERSION_ALLOWED);

export interface ModelReference {
  readonly name: string;
  /** Null for the newest. */
  readonly version: string | null;
}

/** Reads NAME or NAME@VERSION. @throws InputError if it could be anything else, a path above all */
export function parseReference(reference: string): ModelReference {
  const at = reference.indexOf('@');
  const [name, version] = at < 0 ? [reference, null] : [reference.slice(0, at), reference.slice(at + 1)];
  const shown = `model '${printable(reference)}'`;
  if (!modelName.safeParse(name).success) throw new InputError(shown, `NAME or NAME@VERSION; NAME of ${NAME_ALLOWED}`);
  if (version !== null && !modelVersion.safeParse(version).success)
    throw new InputError(shown, `NAME@VERSION; VERSION of ${VERSION_ALLOWED}`);
  return { name, version };
}

/** Order of two versions by their numbers; a pre-release comes before its release (Semantic Versioning 2.0.0, 11). */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [a, b].map(partsOf);
  for (let k = 0; k < 3; k++) if (first.core[k] !== second.core[k]) return first.core[k] - second.core[k];
  if (first.pre.length === 0 || second.pre.length === 0) return second.pre.length - first.pre.length;
  for (let k = 0; k < Math.max(first.pre.length, second.pre.length); k++) {
    const order = compareIdentifiers(first.pre[k], second.pre[k]);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(version: string): { core: number[]; pre: string[] } {
  const dash = version.indexOf('-');
  const core = dash < 0 ? version : version.slice(0, dash);
  return { core: core.split('.').map(Number), pre: dash < 0 ? [] : version.slice(dash + 1).split('.') };
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [m, n] = [a, b].map((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN));
  if (!Number.isNaN(m) && !Number.isNaN(n)) return m - n;
  if (Number.isNaN(m) !== Number.isNaN(n)) return Number.isNaN(m) ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A text without control characters and not longer than a line, for errors. */
export function printable(text: string): string {
  const clean = text.replaceAll(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean;
}
