import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type AuditCheckpoint, InputError } from '../../contracts/index.ts';

/** Who vouches for checkpoints: the fingerprint of an ed25519 key, and what signs with it. */
export interface CheckpointSigner {
  readonly key: string;
  /** The signature of `bytes`, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

type Unsigned = Pick<AuditCheckpoint, 'stamp_ns' | 'log' | 'sequence' | 'hash'>;

/** What is signed of a checkpoint: its name and fields, one a line, UTF-8. */
export function checkpointBytes({ log, sequence, hash, stamp_ns }: Unsigned): Uint8Array {
  return Buffer.from(
    `surepick.audit.checkpoint/1\n${JSON.stringify(log)}\n${sequence}\n${hash}\n${stamp_ns}\n`,
    'utf8',
  );
}

/** A checkpoint with its signature, or without one where nobody signs. */
export function makeCheckpoint(content: Unsigned, signer: CheckpointSigner | null): AuditCheckpoint {
  if (signer === null) return { ...content, key: '', signature: '' };
  const signature = Buffer.from(signer.sign(checkpointBytes(content))).toString('base64');
  return { ...content, key: signer.key, signature };
}

/** SHA-256 of the public key's DER form (SPKI), lower-case hex. */
export function keyFingerprint(public_key: KeyObject): string {
  return createHash('sha256')
    .update(public_key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** Signs with an ed25519 private key (RFC 8032); throws InputError for another kind of key. */
export function signerOf(private_key: KeyObject): CheckpointSigner {
  if (private_key.asymmetricKeyType !== 'ed25519') {
    throw new InputError(`signing key of type ${private_key.asymmetricKeyType}`, 'must be ed25519');
  }
  return { key: keyFingerprint(createPublicKey(private_key)), sign: (bytes) => sign(null, bytes, private_key) };
}

/** Whether a key signed exactly this checkpoint. */
export function isSignedBy(checkpoint: AuditCheckpoint, public_key: KeyObject): boolean {
  const signature = Buffer.from(checkpoint.signature, 'base64');
  return signature.length === 64 && verify(null, checkpointBytes(checkpoint), public_key, signature);
}
