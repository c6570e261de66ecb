import { readFileSync, statSync } from 'node:fs';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { parseTrustedKey } from '../../datasets/index.ts';
import { fingerprintOf, TrustedModelKeys } from '../../safety/index.ts';
import { emitJson, say } from '../common.ts';
import { jsonFlag } from './flags.ts';

const FINGERPRINT = /^[0-9a-f]{64}$/;
const MOST_BYTES = 16_384;

const flagsOf = z.object({
  owner: z.string().max(200).optional(),
  list: z.boolean().default(false),
  remove: z.string().optional(),
  json: z.boolean().default(false),
});

/** Adds `models trust`. */
export function addTrust(models: Command): void {
  models
    .command('trust')
    .description('Keys whose signed models you take: adds one, lists them, or takes one off the list.')
    .argument('[key]', 'a fingerprint of 64 hex digits, or a file: PEM, or as surepick keys export-public prints it')
    .option('--owner <person>', 'whom a fingerprint stands for, for you to read')
    .option('--list', 'print the keys that are trusted')
    .option('--remove <fingerprint>', 'take a key off the list; its first 8 digits are enough')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample: surepick models trust ada.json')
    .action((key: string | undefined, raw: unknown) => {
      const { owner, list, remove, json } = flagsOf.parse(raw);
      if ([key !== undefined, list, remove !== undefined].filter(Boolean).length !== 1)
        throw new InputError('models trust', 'a key, --list or --remove FINGERPRINT, one of them');
      const trusted = new TrustedModelKeys(process.env);
      if (key !== undefined) {
        const named = keyOf(key);
        const one = { fingerprint: named.fingerprint, owner: owner ?? named.owner, added_at: new Date().toISOString() };
        const added = trusted.add(one);
        say(`${added ? 'trusted' : 'was trusted before'}: ${one.fingerprint}; the list is ${trusted.file}`);
      } else if (remove !== undefined) {
        say(`no longer trusted: ${trusted.remove(remove).fingerprint}`);
      }
      const keys = trusted.list();
      if (list) say(keys.length === 0 ? 'no key is trusted' : tableOf(keys));
      if (json) emitJson('models-trust', { keys });
    });
}

function keyOf(text: string): { fingerprint: string; owner: string } {
  if (FINGERPRINT.test(text)) return { fingerprint: text, owner: '' };
  const { public_key, owner } = parseTrustedKey(readKeyFile(text), text);
  return { fingerprint: fingerprintOf(public_key), owner };
}

function readKeyFile(file: string): string {
  const allowed = 'a fingerprint of 64 hex digits, or the file of a public key';
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) throw new InputError(`${file} of ${size} bytes`, allowed);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(file, allowed, { cause });
  }
}

function tableOf(keys: ReturnType<TrustedModelKeys['list']>): string {
  const table = new Table({ head: ['fingerprint', 'owner', 'since'], style: { head: [], border: [] } });
  for (const { fingerprint, owner, added_at } of keys) table.push([fingerprint, owner, added_at]);
  return table.toString();
}
