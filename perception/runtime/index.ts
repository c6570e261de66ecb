export { type Agreement, AgreementCounter } from './agreement.ts';
export { type BatchTimes, InferenceBatcher, measureBatches } from './batching.ts';
export {
  DETECTION_PROVIDERS,
  type DetectionProvider,
  EXECUTION_PROVIDERS,
  type ExecutionProvider,
  INFERENCE_FAULTS,
  type Inference,
  InferenceError,
  type InferenceFault,
  type NetworkSpec,
  type PictureGrid,
  type TensorSpec,
  type Tensors,
  takesSeveral,
} from './inference.ts';
export { OnnxSession } from './onnx_session.ts';
export { type InferenceOptions, type NetworkLoader, openInference } from './open_inference.ts';
export { openSession } from './open_session.ts';
export { type ChainCounts, type ChainOptions, ProviderChain } from './provider_chain.ts';
export { SwappingDetector, type SwapState } from './swapping_detector.ts';
export { WorkerInference, type WorkerOptions } from './worker_inference.ts';
