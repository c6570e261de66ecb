import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import {
  KEY_NAME,
  type KeyFile,
  lockedCopy,
  makeKeyFile,
  type NewKey,
  parseKeyFile,
  type SigningKey,
  unlockKey,
} from './key_file.ts';
import { checkPrivateFolder, preparePrivateFolder, readPrivateFile, writePrivateFile } from './private_file.ts';
import { parseRevocation, type SignedRevocation, signRevocation } from './revocation.ts';
import { fingerprintOf } from './signature.ts';

export type { SigningKey } from './key_file.ts';

/** What others are given of a key. */
export const publicKeyFile = z.strictObject({
  schema: z.literal('surepick.public_key'),
  version: z.literal(1),
  owner: z.string().min(1),
  public_key: z.base64(),
});
export type PublicKeyFile = Readonly<z.infer<typeof publicKeyFile>>;

export interface KeyState {
  readonly name: string;
  readonly owner: string;
  readonly public_key: string;
  readonly fingerprint: string;
  readonly created_at: string;
  readonly passphrase: boolean;
  /** `retired`: another took its name; it is kept so that it can still be revoked. */
  readonly state: 'active' | 'retired' | 'revoked';
}

const KEY = '.key.json';
const REVOCATION = '.revocation.json';
/** Digits of a fingerprint that a retired key's name ends with. */
const SHORT = 12;

/** ed25519 keys as files of one folder: `NAME.key.json` of mode 0600, and `NAME.revocation.json` beside a revoked one. */
export class KeyStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes a key and its file. Throws InputError where the name is taken. */
  create(told: NewKey): KeyState {
    preparePrivateFolder(this.folder);
    const file = makeKeyFile(told);
    writePrivateFile(this.fileOf(file.name), `${JSON.stringify(file, null, 2)}\n`);
    return this.show(file.name);
  }

  /** A key to sign with. Throws InputError where it is revoked, unknown, readable by others or locked. */
  load(name: string, passphrase = ''): SigningKey {
    const { state, file } = this.read(name);
    if (state === 'revoked') throw new InputError(`key ${name}`, 'is revoked; make another');
    return unlockKey(file, passphrase, `key ${name}`);
  }

  show(name: string): KeyState {
    const { file, state } = this.read(name);
    const { owner, public_key, created_at, protection } = file;
    const fingerprint = fingerprintOf(public_key);
    return { name, owner, public_key, fingerprint, created_at, passphrase: protection.kind !== 'none', state };
  }

  /** In order of their names; empty where there is no folder. */
  list(): KeyState[] {
    if (!existsSync(this.folder)) return [];
    const names = readdirSync(this.folder).filter((name) => name.endsWith(KEY));
    return names
      .map((name) => name.slice(0, -KEY.length))
      .sort()
      .map((name) => this.show(name));
  }

  exportPublic(name: string): PublicKeyFile {
    const { owner, public_key } = this.show(name);
    return { schema: 'surepick.public_key', version: 1, owner, public_key };
  }

  /** Puts a new key in the place of one, which is kept under `NAME-FINGERPRINT`; its signatures go on to count. */
  rotate(name: string, created_at: string, passphrase = ''): { readonly now: KeyState; readonly before: KeyState } {
    const { owner, fingerprint, state } = this.show(name);
    if (state !== 'active') throw new InputError(`key ${name}`, `is ${state}; make another`);
    const retired = `${name}-${fingerprint.slice(0, SHORT)}`;
    const file = makeKeyFile({ name, owner, created_at, passphrase });
    if (existsSync(this.fileOf(retired))) throw new InputError(this.fileOf(retired), 'must not be there yet');
    renameSync(this.fileOf(name), this.fileOf(retired));
    writePrivateFile(this.fileOf(name), `${JSON.stringify(file, null, 2)}\n`);
    return { now: this.show(name), before: this.show(retired) };
  }

  /** Signs that a key is given up, and keeps that beside it. @param since  ISO 8601 */
  revoke(name: string, since: string, reason: string, passphrase = ''): SignedRevocation {
    const { key } = this.load(name, passphrase);
    const signed = signRevocation(key, since, reason);
    writePrivateFile(this.fileOf(name, REVOCATION), `${JSON.stringify(signed, null, 2)}\n`);
    return signed;
  }

  /** What gives a key up. Throws InputError where it is not revoked. */
  revocationOf(name: string): SignedRevocation {
    const path = this.fileOf(name, REVOCATION);
    if (!existsSync(path)) throw new InputError(`key ${name}`, 'is not revoked');
    return parseRevocation(parseJson(readFileSync(path, 'utf8'), path), path);
  }

  /**
   * A copy of a key that is locked by a passphrase of its own, to be kept elsewhere. Throws InputError where the passphrase
   * for the copy is empty.
   */
  exportLocked(name: string, copy_passphrase: string, passphrase = ''): KeyFile {
    const { file } = this.read(name);
    return lockedCopy(file, passphrase, copy_passphrase, `key ${name}`);
  }

  /** Puts a copy back, locked as it is. Throws InputError where it is no key, its passphrase is wrong or the name is taken. */
  restore(json: unknown, where: string, passphrase: string): KeyState {
    const file = parseKeyFile(json, where);
    unlockKey(file, passphrase, where);
    preparePrivateFolder(this.folder);
    writePrivateFile(this.fileOf(file.name), `${JSON.stringify(file, null, 2)}\n`);
    return this.show(file.name);
  }

  private read(name: string) {
    const path = this.fileOf(name);
    if (!existsSync(path)) throw new InputError(`key ${name}`, `one of: ${this.names().join(', ') || 'none yet'}`);
    checkPrivateFolder(this.folder);
    const file = parseKeyFile(parseJson(readPrivateFile(path), path), path);
    const { public_key } = file;
    const retired = file.name !== name;
    return { file, state: this.isRevoked(name, public_key) ? 'revoked' : retired ? 'retired' : 'active' } as const;
  }

  private isRevoked(name: string, public_key: string): boolean {
    const path = this.fileOf(name, REVOCATION);
    if (!existsSync(path)) return false;
    const { revocation } = parseRevocation(parseJson(readFileSync(path, 'utf8'), path), path);
    return revocation.public_key === public_key;
  }

  private names(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((file) => (file.endsWith(KEY) ? file.slice(0, -KEY.length) : []));
  }

  private fileOf(name: string, ending = KEY): string {
    if (!KEY_NAME.test(name)) throw new InputError(`key ${name}`, 'lower-case letters, digits, - and _; 64 at most');
    return join(this.folder, `${name}${ending}`);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(where, 'must be JSON', { cause });
  }
}
