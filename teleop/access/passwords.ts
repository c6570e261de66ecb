import { scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { RandomBytes } from './secret_bytes.ts';

/** A password as it is kept: scrypt (RFC 7914) with a salt of its own. */
export const passwordHash = z.strictObject({
  kdf: z.literal('scrypt'),
  n: z
    .number()
    .int()
    .min(2)
    .max(1 << 17),
  r: z.number().int().min(1).max(16),
  p: z.number().int().min(1).max(16),
  salt: z.base64(),
  hash: z.base64(),
});
export type PasswordHash = Readonly<z.infer<typeof passwordHash>>;

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB, three passes: as OWASP's Password Storage Cheat Sheet has it. */
export const SCRYPT_COST: ScryptCost = { n: 1 << 15, r: 8, p: 3 };
export const PASSWORD_LENGTH = { least: 12, most: 256 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Throws InputError for a password that is too short, too long or one character over and over. */
export function checkPassword(password: string, where: string): void {
  const { least, most } = PASSWORD_LENGTH;
  const length = [...password].length;
  if (length < least || length > most) throw new InputError(`${where} of ${length} characters`, `${least} to ${most}`);
  if (new Set(password).size < 5) throw new InputError(where, 'must have at least 5 different characters');
}

export async function hashPassword(password: string, random: RandomBytes, cost = SCRYPT_COST): Promise<PasswordHash> {
  const salt = Buffer.from(random(SALT_BYTES));
  const hash = await derive(password, salt, cost);
  return { kdf: 'scrypt', ...cost, salt: salt.toString('base64'), hash: hash.toString('base64') };
}

/** Whether this is the password; takes as long whether it is or not. */
export async function isPassword(password: string, { n, r, p, salt, hash }: PasswordHash): Promise<boolean> {
  const kept = Buffer.from(hash, 'base64');
  const derived = await derive(password, Buffer.from(salt, 'base64'), { n, r, p });
  return kept.length === derived.length && timingSafeEqual(kept, derived);
}

/** One that no password fits, so that an unknown user costs as much as a known one. */
export function unmatchedHash(random: RandomBytes, cost = SCRYPT_COST): PasswordHash {
  const base64 = (count: number) => Buffer.from(random(count)).toString('base64');
  return { kdf: 'scrypt', ...cost, salt: base64(SALT_BYTES), hash: base64(HASH_BYTES) };
}

let turn: Promise<unknown> = Promise.resolve();

/** One at a time: many at once would take memory and threads from what serves the robot. */
function derive(password: string, salt: Buffer, { n, r, p }: ScryptCost): Promise<Buffer> {
  const text = password.normalize('NFC');
  const options = { N: n, r, p, maxmem: 256 * r * (n + p) + (1 << 20) };
  const derived = turn.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(text, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
      }),
  );
  turn = derived.catch(() => {});
  return derived;
}
