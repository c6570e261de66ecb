export { CLASS_POWERS, ConfidenceModel, classLogits, POSSIBLE, type Possible } from './calibration.ts';
export {
  BINS,
  bootstrapInterval95,
  brierScore,
  calibrationError,
  type Judged,
  reliabilityBins,
} from './calibration_error.ts';
export { CLASSICAL_CALIBRATION, readClassicalCalibration } from './classical_calibration.ts';
export { conformalQuantile, conformalSet, coverageInterval95 } from './conformal.ts';
export { DEFAULT_COSTS, type DecisionCosts, decisionCosts } from './costs.ts';
export { acceptThreshold, type Decision, type DoubtAction, decide, type Inquiry } from './decide.ts';
export { reliabilitySvg, riskCoverageSvg } from './diagrams.ts';
export { DETECTION_FEATURES, featuresOf } from './features.ts';
export { fitLogistic, type LogisticModel, logOdds, sigmoid } from './logistic.ts';
export {
  areaUnderRisk,
  type CostReport,
  costReport,
  type Outcome,
  type RiskPoint,
  riskCoverage,
} from './risk_coverage.ts';
export { crossEntropy, fitTemperature, softmax } from './temperature.ts';
export { DEFAULT_INQUIRIES, verdictOn } from './verdict.ts';
