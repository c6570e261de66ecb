export * from './camera_calibration/index.ts';
export { CameraFrames, type CameraFramesOptions } from './camera_frames.ts';
export { CameraModel } from './camera_model.ts';
export { CLASSICAL_MODEL, ClassicalDetector } from './classical.ts';
export * from './confidence/index.ts';
export { type ConfidenceOptions, ConfidentDetector } from './confident_detector.ts';
export { ContainerDetector } from './container_detector.ts';
export { type DescribedRegion, RegionsDescriber } from './describe_regions.ts';
export type { DetectionTiming, Detector, RgbdFrame, Stopwatch } from './detector.ts';
export * from './escalation/index.ts';
export type { DetectionEvidence } from './evidence.ts';
export { ALL_AS_PUT_UP, type CameraUncertainties, FrameViewer } from './frame_viewer.ts';
export {
  AS_PUT_UP,
  backSubstitute,
  CALIBRATED_CAMERA,
  type CameraUncertainty,
  cameraCovariance,
  type DescribeOptions,
  describeRegion,
  EXACT_CAMERA,
  factorise,
  longSideYaw,
  type ObjectEstimate,
  poseYawError,
  RegionDescriber,
  SQUARE_M,
  yawError,
  yawPeriod,
} from './geometry/index.ts';
export * from './models/index.ts';
export * from './monitors/index.ts';
export { NetworkDetector } from './network_detector.ts';
export {
  INPUT_CHANNELS,
  INPUT_HEIGHT,
  INPUT_SIZE,
  INPUT_WIDTH,
  NetworkInput,
  VISION_CLASSES,
  VISION_PREPROCESSING,
} from './network_input.ts';
export { PerceptionNode, type PerceptionNodeOptions } from './node.ts';
export { DEFAULT_MODEL, type DetectorOptions, openDetector, openDetectors } from './open_detector.ts';
export { type OpenFramesOptions, openCameraFrames } from './open_frames.ts';
export { openRoutedDetector, type RoutedOptions } from './open_routed.ts';
export { PerceptionRequestsNode, type RequestsNodeOptions } from './requests_node.ts';
export { type RouteCounts, RoutedDetector, type RouteOptions } from './routed_detector.ts';
export {
  type Agreement,
  type BatchTimes,
  DETECTION_PROVIDERS,
  type DetectionProvider,
  EXECUTION_PROVIDERS,
  type ExecutionProvider,
  type Inference,
  InferenceBatcher,
  InferenceError,
  type InferenceFault,
  type InferenceOptions,
  measureBatches,
  type NetworkLoader,
  type NetworkSpec,
  openInference,
  openSession,
  ProviderChain,
  SwappingDetector,
  type SwapState,
  type TensorSpec,
  type Tensors,
  takesSeveral,
  WorkerInference,
} from './runtime/index.ts';
export { type GroupPlanes, type Instance, Segmenter } from './segmentation/index.ts';
export type { Slo, SloNode, SloReport } from './slo/index.ts';
export { type InspectorOptions, SurfaceInspector, type SurfaceJudgement } from './surface_inspector.ts';

/** Objectives and metrics; apart, since few who look at pictures need the libraries behind them. */
export const loadObjectives = () => import('./slo/index.ts');
export { levelView } from './level_view.ts';
export { findRegions, type PixelView, type Region, regionOf } from './regions.ts';
export * from './tracking/index.ts';
