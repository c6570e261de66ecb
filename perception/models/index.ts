export { type Calibration, calibration, type Measured, measured, type ReliabilityBin } from './calibration.ts';
export { checkGolden, type GoldenCheck } from './check_golden.ts';
export { type FoundModel, findModel, type ModelSources } from './find_model.ts';
export { type GoldenPicture, type GoldenResult, makeGolden, type NetworkRun, runGolden } from './golden.ts';
export { type HeadPlanes, HeadReader } from './heads.ts';
export {
  atGrid,
  CLASS_MEANINGS,
  type ClassMeaning,
  MANIFEST_FORMAT,
  type MetricSet,
  type ModelInterface,
  type ModelManifest,
  type ModelManifestInput,
  modelManifest,
} from './manifest.ts';
export { type ManifestTensor, type PlaneSize, planeSize } from './manifest_tensors.ts';
export { hashOf, type ModelFiles, modelPath } from './model_files.ts';
export { compareVersions, type ModelReference, parseReference } from './model_name.ts';
export {
  type LockedModel,
  MODELS_FOLDER,
  type ModelLock,
  ModelRepository,
  type ModelStatus,
} from './model_repository.ts';
export { type OwnModel, type OwnModelStatus, OwnModels } from './own_models.ts';
export { CHANNELS, type Channel, type ChannelSpec, type Grid, gridOf, type Preprocessing } from './preprocessing.ts';
export { type ModelSigner, signModel } from './sign_model.ts';
export {
  type ModelSignature,
  type ModelStatement,
  type ModelTrust,
  type ModelVerdict,
  modelSignature,
  modelStatement,
} from './trust.ts';
export { VISION_INTERFACE } from './vision_interface.ts';
