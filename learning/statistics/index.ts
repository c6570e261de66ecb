export { type ClusterCount, clusteredWilson95 } from './clustered_share.ts';
export {
  type ConfidenceBin,
  type ConfidenceCalibration,
  confidenceCalibration,
  type StatedConfidence,
} from './confidence_calibration.ts';
export { comparePaired, type PairedComparison } from './paired_comparison.ts';
export { SequentialTest, type SequentialVerdict } from './sequential_test.ts';
