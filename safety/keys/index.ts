export { keyFolder } from './key_folder.ts';
export { type KeyState, KeyStore, type PublicKeyFile, publicKeyFile, type SigningKey } from './key_store.ts';
export { ModelKeyTrust } from './model_trust.ts';
export { preparePrivateFolder, readPrivateFile, writePrivateFile } from './private_file.ts';
export {
  parseRevocation,
  type Revocation,
  type SignedRevocation,
  signedRevocation,
  signRevocation,
} from './revocation.ts';
export { readSecretFile, secretOf } from './secret_file.ts';
export {
  documentHash,
  fingerprintOf,
  parsePublicKey,
  publicKeyText,
  SIGNED_FOR,
  type SignedFor,
  signDocument,
  verifyDocument,
} from './signature.ts';
export { type TrustedModelKey, TrustedModelKeys } from './trusted_model_keys.ts';
