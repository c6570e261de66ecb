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
export { EYE_FEATURES, EYE_MEMORY, EYE_TOLD, EYE_TOLD_SIZE } from './vision_attention.ts';
export { EYE_CAMERAS, type EyeCamera, eyeCameras, heightsSeen } from './vision_cameras.ts';
export { type EyeFrames, type EyeShape, eyeParameters } from './vision_eye.ts';
export {
  EYE_GRIPPER,
  EYE_ONLY,
  EYE_OUTPUT,
  type Eye,
  exportSeeingPolicy,
  eyeModel,
  MEMORY_INPUT,
  MEMORY_OUTPUT,
  POLICY_PICTURES,
  type SeeingPolicy,
  type SeeingProbe,
  toldNormalisation,
  toldSize,
} from './vision_network.ts';
export { type EyeTrainingOptions, trainEye } from './vision_trainer.ts';
