export { type Calibration, calibration, type Measured, measured, type ReliabilityBin } from './calibration.ts';
export {
  CLASS_MEANINGS,
  type ClassMeaning,
  MANIFEST_FORMAT,
  type MetricSet,
  type ModelManifest,
  type ModelManifestInput,
  modelManifest,
} from './manifest.ts';
export { type PlaneSize, planeSize, type TensorSpec, valuesOf } from './manifest_tensors.ts';
export { compareVersions, type ModelReference, parseReference } from './model_name.ts';
export { CHANNELS, type Channel, type ChannelSpec, type Preprocessing } from './preprocessing.ts';
