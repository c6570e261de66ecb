export { encodeModel, type OnnxGraph } from './graph/onnx_format.ts';
export { judgePicture } from './vision/accuracy.ts';
export type { AccuracyRow, Share, Spread } from './vision/accuracy_summary.ts';
export { evaluateHeldOut, type HeldOutReport, type WorstCase } from './vision/evaluate_held_out.ts';
export { type HeldOutPicture, HeldOutSet } from './vision/held_out.ts';
