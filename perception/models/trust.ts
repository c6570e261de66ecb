import { z } from 'zod';
import { sha256Hex } from './manifest.ts';
import { line } from './manifest_tensors.ts';
import { modelName, modelVersion } from './model_name.ts';

/** What is signed of a model. The manifest gives the hash of the golden inputs, so that all its files are covered. */
export const modelStatement = z.strictObject({
  schema: z.literal('surepick.signed_model'),
  version: z.literal(1),
  name: modelName,
  model_version: modelVersion,
  sha256: sha256Hex,
  manifest_sha256: sha256Hex,
  /** ed25519, 32 bytes as base64. */
  public_key: z.base64().max(64),
  /** Whom the key stands for, as its holder says. */
  owner: line(200),
  signed_at: z.iso.datetime(),
});
export type ModelStatement = Readonly<z.infer<typeof modelStatement>>;

/** Content of signature.json. */
export const modelSignature = z.strictObject({ statement: modelStatement, signature: z.base64().max(128) });
export type ModelSignature = Readonly<z.infer<typeof modelSignature>>;

/**
 * What the user's keys say of a signature: `trusted`, it is its key's and the key is on the user's list; `unknown`, it is its
 * key's, but the key is on no list; `revoked`, the key was given up; `invalid`, the key never signed this.
 */
export const VERDICT_STATES = ['trusted', 'unknown', 'revoked', 'invalid'] as const;
export interface ModelVerdict {
  readonly state: (typeof VERDICT_STATES)[number];
  /** SHA-256 of the public key, hex; empty where there is none. */
  readonly fingerprint: string;
}

/** Knows the user's keys. Perception asks it and holds no keys itself. */
export interface ModelTrust {
  judge(signed: ModelSignature): ModelVerdict;
}

/** Trusts nobody. */
export const NO_TRUST: ModelTrust = { judge: () => ({ state: 'unknown', fingerprint: '' }) };
