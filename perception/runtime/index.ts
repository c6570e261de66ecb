export {
  EXECUTION_PROVIDERS,
  type ExecutionProvider,
  INFERENCE_FAULTS,
  type Inference,
  InferenceError,
  type InferenceFault,
  type NetworkSpec,
  type TensorSpec,
  type Tensors,
} from './inference.ts';
export { OnnxSession } from './onnx_session.ts';
export { type InferenceOptions, openInference } from './open_inference.ts';
export { openSession } from './open_session.ts';
export { type ChainCounts, type ChainOptions, ProviderChain } from './provider_chain.ts';
export { WorkerInference, type WorkerOptions } from './worker_inference.ts';
