export * from './correction/index.ts';
export * from './gap/index.ts';
export { encodeModel, type OnnxGraph } from './graph/onnx_format.ts';
export * from './identification/index.ts';
export * from './policy/index.ts';
export * from './statistics/index.ts';
export { judgePicture, type PictureAnswer } from './vision/accuracy.ts';
export { accuracyMetrics, withMetrics } from './vision/accuracy_metrics.ts';
export type { AccuracyRow, Grouping, Share, Spread } from './vision/accuracy_summary.ts';
export {
  CALIBRATION_SEED,
  type CalibratedModel,
  type CalibrateOptions,
  calibrateModel,
  keepCalibration,
} from './vision/calibrate_model.ts';
export { evaluateRouting, type RoutingReport, type RoutingRun, type WayReport } from './vision/calibrate_routing.ts';
export { CalibrationSet, type DetectionSample, drawSamples, type SetAnswer } from './vision/calibrate_samples.ts';
export { type DrawnSamples, parseSamples, type SamplesOf, samplesText } from './vision/calibrate_store.ts';
export type { DecisionReport } from './vision/decision_report.ts';
export { evaluateHeldOut, HeldOutJudge, type HeldOutReport } from './vision/evaluate_held_out.ts';
export { type HeldOutPicture, HeldOutSet } from './vision/held_out.ts';
export { keepFacts } from './vision/keep_facts.ts';
export { CAMERA_KNOWLEDGE, type CameraKnowledge, uncertaintyOf } from './vision/known_camera.ts';
export { type SeenObject, WorldGenerator, type WorldOptions, type WorldPicture } from './vision/worlds.ts';
export { isOff, type WorstCase } from './vision/worst_cases.ts';
