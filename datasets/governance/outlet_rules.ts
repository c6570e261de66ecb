import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { type OutletRule, outletRule } from '../../safety/index.ts';

const outletsFile = z.strictObject({
  schema: z.literal('surepick/outlets'),
  version: z.literal(1),
  /** Whether simulated data may go below the working folder and the home folder without being listed. */
  defaults: z.boolean().default(true),
  outlets: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$/), ...outletRule.shape }))
    .max(200)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must not have a name twice')
    .readonly(),
});
export interface Outlets {
  readonly defaults: boolean;
  readonly outlets: readonly NamedOutlet[];
}
export type NamedOutlet = OutletRule & { readonly name: string };

type Env = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/surepick/outlets.yaml`, or below `~/.config`. */
export function outletsFileOf(env: Env, home = homedir()): string {
  return join(configFolder(env, home), 'outlets.yaml');
}

/** Requests, signatures and the ledger of outlets. */
export function outletApprovals(env: Env, home = homedir()): string {
  return join(configFolder(env, home), 'outlet_approvals');
}

/** Who may sign for outlets: a list as `surepick approve` knows it. */
export function outletApprovers(env: Env, home = homedir()): string {
  return join(configFolder(env, home), 'approvers.json');
}

/** `$XDG_STATE_HOME/surepick/outlets.jsonl`: what went where. */
export function outletLogFile(env: Env, home = homedir()): string {
  const state = env.XDG_STATE_HOME ?? '';
  return join(isAbsolute(state) ? state : join(home, '.local', 'state'), 'surepick', 'outlets.jsonl');
}

function configFolder(env: Env, home: string): string {
  const config = env.XDG_CONFIG_HOME ?? '';
  return join(isAbsolute(config) ? config : join(home, '.config'), 'surepick');
}

/** The outlets that a user listed; without a file none but the defaults. Throws an InputError that names the place. */
export function readOutlets(file: string): Outlets {
  if (!existsSync(file)) return { defaults: true, outlets: [] };
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new InputError(`outlets ${file}`, 'must be YAML that can be read', { cause });
  }
  const parsed = outletsFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new InputError(`outlets ${file}: ${path.join('.') || 'content'}`, message);
}
