export { loadCheckpoint, saveCheckpoint } from '../vision/checkpoint.ts';
export { type AdvantageRegressionOptions, regressOnAdvantages } from './advantage_regression.ts';
export {
  type DemonstrationLayout,
  type DemonstrationSet,
  loadDemonstrations,
  readDemonstrations,
  saveDemonstrations,
} from './demonstration_file.ts';
export { stoppingPoint } from './early_stopping.ts';
export { HeldOutLoss } from './held_out_loss.ts';
export { type MlpShape, mlpForward, mlpParameterCount, mlpParameters } from './mlp.ts';
export { cloningGradient, POLICY_INPUT, POLICY_OUTPUT, policyModel } from './network.ts';
export { fitNormalisation, type Normalisation, normalise } from './normalisation.ts';
export { exportPolicy, PARITY } from './parity.ts';
export { readPolicyParameters } from './read_parameters.ts';
export { type ChunkLayout, type ChunkSamples, cutChunks, type Demonstration } from './samples.ts';
export { type CloningOptions, type CloningState, cloneBehaviour, initialCloningState } from './trainer.ts';
