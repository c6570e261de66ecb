import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { InputError } from '../../contracts/index.ts';
import { canonicalJson } from '../audit/canonical_json.ts';
import { keyFingerprint } from '../audit/checkpoint.ts';

/** What a signature is for: one for another purpose is worth nothing, even of the same text. */
export const SIGNED_FOR = ['approval', 'revocation', 'dataset', 'model'] as const;
export type SignedFor = (typeof SIGNED_FOR)[number];

const RAW_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** DER of an ed25519 SubjectPublicKeyInfo before the key itself (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The public half as text: 32 bytes, base64. Throws InputError where it is no ed25519 key. */
export function publicKeyText(key: KeyObject): string {
  if (key.asymmetricKeyType !== 'ed25519') throw new InputError(`key of type ${key.asymmetricKeyType}`, 'ed25519 only');
  const spki = key.type === 'private' ? createPublicKey(key) : key;
  return Buffer.from(spki.export({ type: 'spki', format: 'der' }))
    .subarray(SPKI_PREFIX.length)
    .toString('base64');
}

/** Reads what `publicKeyText` wrote; `where` names it in errors. */
export function parsePublicKey(text: string, where = 'public key'): KeyObject {
  const raw = Buffer.from(text, 'base64');
  if (raw.length !== RAW_BYTES || raw.toString('base64') !== text)
    throw new InputError(`${where} ${text}`, `must be ${RAW_BYTES} bytes of an ed25519 key as base64`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), type: 'spki', format: 'der' });
}

/** Of a public key's text; as in checkpoints of the audit log. */
export function fingerprintOf(public_key: string): string {
  return keyFingerprint(parsePublicKey(public_key));
}

/** SHA-256 of a document's canonical JSON, lower-case hex. */
export function documentHash(document: object): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex');
}

/** Signs a JSON value for a purpose (ed25519, RFC 8032); base64. */
export function signDocument(key: KeyObject, purpose: SignedFor, document: object): string {
  return sign(null, textToSign(purpose, document), key).toString('base64');
}

/** Whether `public_key` has signed the value for this purpose. False, and no error, for anything that is no signature. */
export function verifyDocument(public_key: string, purpose: SignedFor, document: object, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.length !== SIGNATURE_BYTES || bytes.toString('base64') !== signature) return false;
  try {
    return verify(null, textToSign(purpose, document), parsePublicKey(public_key), bytes);
  } catch {
    return false;
  }
}

function textToSign(purpose: SignedFor, document: object): Buffer {
  return Buffer.from(`surepick ${purpose} 1\n${canonicalJson(document)}`, 'utf8');
}
