export { CLASSICAL_MODEL, ClassicalDetector } from './classical.ts';
export type { DetectionTiming, Detector, RgbdFrame, Stopwatch } from './detector.ts';
