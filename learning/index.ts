export { encodeModel, type OnnxGraph } from './graph/onnx_format.ts';
export { judgePicture } from './vision/accuracy.ts';
export type { AccuracyRow, Share, Spread } from './vision/accuracy_summary.ts';
export {
  CALIBRATION_SEED,
  type CalibratedModel,
  type CalibrateOptions,
  calibrateModel,
  keepCalibration,
} from './vision/calibrate_model.ts';
export { evaluateRouting, type RoutingReport, type RoutingRun, type WayReport } from './vision/calibrate_routing.ts';
export { CalibrationSet, type DetectionSample, drawSamples, type SetAnswer } from './vision/calibrate_samples.ts';
export { evaluateHeldOut, type HeldOutReport, type WorstCase } from './vision/evaluate_held_out.ts';
export { type HeldOutPicture, HeldOutSet } from './vision/held_out.ts';
export { type SeenObject, WorldGenerator, type WorldOptions, type WorldPicture } from './vision/worlds.ts';
