export {
  calibrateIntrinsics,
  type IntrinsicPrior,
  type IntrinsicsOptions,
  type IntrinsicsResult,
  type TargetView,
} from './calibrate_intrinsics.ts';
export {
  calibrateHandEye,
  closedFormHandEye,
  correctedHand,
  type HandEyeOptions,
  type HandEyeResult,
  type HandEyeView,
  type HandPosture,
  type Mounting,
} from './hand_eye.ts';
export {
  cameraMatrix,
  createProjection,
  INTRINSIC_NAMES,
  type Intrinsics,
  intrinsicsOf,
  type Projection,
  projectPoint,
  rayOfPixel,
} from './lens_model.ts';
export { parkMartin, turnDirections } from './park_martin.ts';
export { CalibrationRefused, REFUSALS, type Refusal } from './refusal.ts';
export {
  compose,
  distance,
  fromMatrix,
  identity,
  inverse,
  moved,
  type RigidTransform,
  rotationFromVector,
  toMatrix,
  vectorFromRotation,
} from './rigid_transform.ts';
