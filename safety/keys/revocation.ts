import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { publicKeyText, signDocument, verifyDocument } from './signature.ts';

const revocation = z.strictObject({
  schema: z.literal('surepick.revocation'),
  version: z.literal(1),
  public_key: z.string().min(1),
  /** What the key has signed from here on counts for nothing, although it was admitted. */
  since: z.iso.datetime(),
  reason: z.string().min(1).max(500),
});
export type Revocation = Readonly<z.infer<typeof revocation>>;

/** Signed by the key itself: whoever holds it may always give it up, and nobody else can take it. */
export const signedRevocation = z
  .strictObject({ revocation: revocation.readonly(), signature: z.string().min(1) })
  .readonly();
export type SignedRevocation = z.infer<typeof signedRevocation>;

export function signRevocation(key: KeyObject, since: string, reason: string): SignedRevocation {
  const own = { schema: 'surepick.revocation', version: 1, public_key: publicKeyText(key), since, reason } as const;
  return { revocation: revocation.parse(own), signature: signDocument(key, 'revocation', own) };
}

/** Throws InputError where it is none, or not the key's own. */
export function parseRevocation(json: unknown, where = 'revocation'): SignedRevocation {
  const { data, error } = signedRevocation.safeParse(json);
  if (error !== undefined) throw new InputError(`${where}: ${error.issues[0].path.join('.')}`, error.issues[0].message);
  const { revocation: own, signature } = data;
  if (!verifyDocument(own.public_key, 'revocation', own, signature))
    throw new InputError(where, 'must be signed by the key that it revokes');
  return data;
}
