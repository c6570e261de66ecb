export { type FoundFile, type HashCache, type HashedFile, MERKLE_NAME, SIGNATURES_FOLDER } from './dataset_files.ts';
export { FileHashCache } from './hash_cache.ts';
export type { Signer } from './judge_signatures.ts';
export {
  type BrokenLink,
  checkLineage,
  LINKS,
  type LineageEnds,
  type Link,
  recordTraining,
  TRAINING_NAME,
  type TrainingRecord,
  trainingRecord,
} from './lineage.ts';
export {
  holdsProof,
  type InclusionProof,
  inclusionProof,
  type MerkleManifest,
  merkleManifest,
  proveFile,
  rootOfFiles,
} from './merkle_manifest.ts';
export { type ModelEpisode, type ModelLineage, modelLineage, type VerifiedEpisodes } from './model_lineage.ts';
export * from './provenance_finding.ts';
export type { NamedEpisode } from './read_claims.ts';
export * from './seen_revisions.ts';
export * from './sign_dataset.ts';
export * from './trusted_keys.ts';
export * from './verify_dataset.ts';
