import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { fingerprintOf, publicKeyText } from './signature.ts';

export const KEY_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const base64 = z.base64().min(1);

/** scrypt (RFC 7914) with 32 MiB, then AES-256-GCM, which also notices a wrong passphrase. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 } as const;
const protection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('scrypt_aes256gcm'), salt: base64, iv: base64, tag: base64 }),
]);

export const keyFileSchema = z.strictObject({
  schema: z.literal('surepick.key'),
  version: z.literal(1),
  name: z.string().regex(KEY_NAME),
  /** The person or machine that the key stands for, as the approvers' list has it. */
  owner: z.string().min(1).max(200),
  created_at: z.iso.datetime(),
  public_key: base64,
  protection,
  /** PKCS #8, DER; enciphered where there is a passphrase. */
  private_key: base64,
});
export type KeyFile = Readonly<z.infer<typeof keyFileSchema>>;

export interface SigningKey {
  readonly name: string;
  readonly owner: string;
  readonly public_key: string;
  readonly fingerprint: string;
  readonly key: KeyObject;
}

export interface NewKey {
  readonly name: string;
  readonly owner: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  /** Empty for none. */
  readonly passphrase?: string;
}

/** A new ed25519 key as its file holds it. Throws InputError for a name or an owner that cannot be. */
export function makeKeyFile({ passphrase = '', ...told }: NewKey): KeyFile {
  const { privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const sealed = passphrase === '' ? open(der) : seal(der, passphrase);
  const file = { schema: 'surepick.key', version: 1, ...told, public_key: publicKeyText(privateKey), ...sealed };
  return parseKeyFile(file, `key ${told.name}`);
}

/** Throws InputError that names the field. */
export function parseKeyFile(json: unknown, where: string): KeyFile {
  const { data, error } = keyFileSchema.safeParse(json);
  if (error === undefined) return data;
  const { path, message } = error.issues[0];
  throw new InputError(`${where}: ${path.join('.') || 'document'}`, message);
}

/** The key itself. Throws InputError for a wrong passphrase, or halves that do not belong together. */
export function unlockKey(file: KeyFile, passphrase: string, where: string): SigningKey {
  const { name, owner, public_key } = file;
  const key = privateKeyOf(file, passphrase, where);
  if (publicKeyText(key) !== public_key) throw new InputError(where, 'its halves must belong together; it was changed');
  return { name, owner, public_key, fingerprint: fingerprintOf(public_key), key };
}

/** The same key, locked by another passphrase. Throws InputError for a wrong passphrase, or an empty one of the copy. */
export function lockedCopy(file: KeyFile, passphrase: string, copy_passphrase: string, where: string): KeyFile {
  if (copy_passphrase === '') throw new InputError(`copy of ${where}`, 'wants a passphrase; it leaves this machine');
  const { key } = unlockKey(file, passphrase, where);
  return { ...file, ...seal(key.export({ type: 'pkcs8', format: 'der' }), copy_passphrase) };
}

function privateKeyOf({ protection: by, private_key }: KeyFile, passphrase: string, where: string): KeyObject {
  const bytes = Buffer.from(private_key, 'base64');
  if (by.kind === 'scrypt_aes256gcm' && passphrase === '') throw new InputError(where, 'wants its passphrase');
  try {
    const der = by.kind === 'none' ? bytes : unseal(bytes, by, passphrase);
    return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
  } catch (cause) {
    const allowed = by.kind === 'none' ? 'must hold a PKCS #8 key' : 'must be opened with its own passphrase';
    throw new InputError(where, allowed, { cause });
  }
}

function open(der: Buffer): Pick<KeyFile, 'protection' | 'private_key'> {
  return { protection: { kind: 'none' }, private_key: der.toString('base64') };
}

function seal(der: Buffer, passphrase: string): Pick<KeyFile, 'protection' | 'private_key'> {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, SCRYPT), iv);
  const bytes = Buffer.concat([cipher.update(der), cipher.final()]);
  const [a, b, c] = [salt, iv, cipher.getAuthTag()].map((part) => part.toString('base64'));
  return { protection: { kind: 'scrypt_aes256gcm', salt: a, iv: b, tag: c }, private_key: bytes.toString('base64') };
}

function unseal(
  bytes: Buffer,
  by: Extract<KeyFile['protection'], { kind: 'scrypt_aes256gcm' }>,
  passphrase: string,
): Buffer {
  const [salt, iv, tag] = [by.salt, by.iv, by.tag].map((part) => Buffer.from(part, 'base64'));
  const decipher = createDecipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, SCRYPT), iv, { authTagLength: 16 });
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}
