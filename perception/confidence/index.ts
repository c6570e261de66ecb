export {
  ConfidenceModel,
  classLogits,
  type DetectionCalibration,
  detectionCalibration,
  POSSIBLE,
  type Possible,
} from './calibration.ts';
export {
  BINS,
  bootstrapInterval95,
  brierScore,
  calibrationError,
  type Judged,
  type ReliabilityBin,
  reliabilityBins,
} from './calibration_error.ts';
export { conformalQuantile, conformalSet, coverageInterval95 } from './conformal.ts';
export { DEFAULT_COSTS, type DecisionCosts, decisionCosts } from './costs.ts';
export { acceptThreshold, type Decision, type DoubtAction, decide, type Inquiry } from './decide.ts';
export { FEATURES, featuresOf } from './features.ts';
export { fitLogistic, type LogisticModel, logOdds, sigmoid } from './logistic.ts';
export { fitTemperature, softmax } from './temperature.ts';
