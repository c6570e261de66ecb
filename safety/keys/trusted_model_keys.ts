import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { keyFolder } from './key_folder.ts';
import { preparePrivateFolder, readPrivateFile, writePrivateFile } from './private_file.ts';

const FILE = 'trusted_models.json';
const FINGERPRINT = /^[0-9a-f]{64}$/;
/** Digits of a fingerprint that name a key when it is taken off the list. */
const LEAST_DIGITS = 8;

const trustedKey = z.strictObject({
  /** SHA-256 of the public key. */
  fingerprint: z.string().regex(FINGERPRINT),
  /** Whom it stands for, as the user was told; empty where nobody said. */
  owner: z.string().max(200),
  added_at: z.iso.datetime(),
});
export type TrustedModelKey = Readonly<z.infer<typeof trustedKey>>;
const listSchema = z.strictObject({
  schema: z.literal('surepick.trusted_models'),
  version: z.literal(1),
  keys: z.array(trustedKey).max(1000).readonly(),
});

/**
 * Fingerprints of the keys whose signed models this user takes: a file of mode 0600 beside the folder of keys. Signing alone
 * puts no key there.
 */
export class TrustedModelKeys {
  readonly file: string;

  /** @param env  as for `keyFolder` */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.file = join(dirname(keyFolder(env)), FILE);
  }

  /** @throws InputError for a list that was spoilt, or that others can read or write */
  list(): readonly TrustedModelKey[] {
    if (!existsSync(this.file)) return [];
    const parsed = listSchema.safeParse(parseJson(readPrivateFile(this.file), this.file));
    if (parsed.success) return parsed.data.keys;
    const [issue] = parsed.error.issues;
    throw new InputError(`${this.file} at ${issue.path.map(String).join('.') || 'its top'}`, issue.message);
  }

  /** Adds a key; one that is there already stays as it is. Returns whether it is new. */
  add(key: TrustedModelKey): boolean {
    if (!FINGERPRINT.test(key.fingerprint))
      throw new InputError(`fingerprint ${key.fingerprint}`, '64 hex digits, as surepick keys show NAME prints them');
    const keys = this.list();
    if (keys.some(({ fingerprint }) => fingerprint === key.fingerprint)) return false;
    this.write([...keys, key]);
    return true;
  }

  /** Takes a key off the list, named by its fingerprint or the first digits of it. @throws InputError unless it names one */
  remove(digits: string): TrustedModelKey {
    const keys = this.list();
    const found = keys.filter(({ fingerprint }) => fingerprint.startsWith(digits));
    if (digits.length < LEAST_DIGITS || found.length !== 1)
      throw new InputError(
        `fingerprint ${digits}`,
        `${LEAST_DIGITS} digits or more of one of: ${keys.map(({ fingerprint }) => fingerprint).join(', ') || 'none'}`,
      );
    this.write(keys.filter((key) => key !== found[0]));
    return found[0];
  }

  private write(keys: readonly TrustedModelKey[]): void {
    preparePrivateFolder(dirname(this.file));
    const next = `${this.file}.${process.pid}.next`;
    rmSync(next, { force: true });
    const text = JSON.stringify({ schema: 'surepick.trusted_models', version: 1, keys }, null, 2);
    writePrivateFile(next, `${text}\n`);
    renameSync(next, this.file);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(where, 'must be JSON', { cause });
  }
}
