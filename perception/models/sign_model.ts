import { renameSync, writeFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import { modelPath } from './model_files.ts';
import type { OwnModels } from './own_models.ts';
import type { ModelSignature, ModelStatement } from './trust.ts';

/** Somebody's key, which perception does not hold. */
export interface ModelSigner {
  /** ed25519, 32 bytes as base64. */
  readonly public_key: string;
  /** Whom the key stands for. */
  readonly owner: string;
  /** ed25519 signature of a statement, base64. */
  sign(statement: ModelStatement): string;
}

/**
 * Signs one of the user's own models, whose files must belong together, and puts the signature beside it.
 *
 * @param signed_at  ISO 8601, UTC
 * @throws InputError if there is no such model, or it is spoilt
 */
export async function signModel(
  models: OwnModels,
  reference: string,
  signer: ModelSigner,
  signed_at: string,
): Promise<ModelSignature & { readonly file: string }> {
  const { name, version } = await models.named(reference);
  const { sha256, manifest_sha256 } = await models.read(name, version);
  const { public_key, owner } = signer;
  const statement: ModelStatement = {
    ...{ schema: 'surepick.signed_model', version: 1, name, model_version: version, sha256, manifest_sha256 },
    ...{ public_key, owner, signed_at },
  };
  const signed = { statement, signature: signer.sign(statement) };
  const file = modelPath(models.folder, name, version, 'signature.json');
  try {
    const next = `${file}.next`;
    writeFileSync(next, `${JSON.stringify(signed, null, 2)}\n`);
    renameSync(next, file);
  } catch (cause) {
    throw new InputError(file, 'must be a file that can be written', { cause });
  }
  return { ...signed, file };
}
