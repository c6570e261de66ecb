export { ArmMatches, type ArmPosture, type ArmSurface } from './arm_surface.ts';
export { type Board, boardCorners, boardSvg, checkBoard, DEFAULT_BOARD, isDark } from './board.ts';
export { calibrateByMotion, type MotionOptions } from './calibrate_by_motion.ts';
export { calibrateByTarget, type DepthOfViews } from './calibrate_by_target.ts';
export {
  calibrateIntrinsics,
  type IntrinsicPrior,
  type IntrinsicsOptions,
  type IntrinsicsResult,
  type TargetView,
} from './calibrate_intrinsics.ts';
export { calibratedUncertainties, calibratedUncertainty } from './calibrated_uncertainty.ts';
export {
  CALIBRATION_FORMAT,
  type CalibratedCamera,
  CalibratedCameras,
  type CalibrationFile,
  type CalibrationOrigin,
  calibratedCameraOf,
  calibrationFile,
  mountOf,
  parseCalibration,
} from './calibration_file.ts';
export type { CameraEstimate } from './camera_estimate.ts';
export { type GreyImage, greyOf } from './chess_response.ts';
export { type CameraDrift, CameraDriftMonitor, type DriftOptions } from './drift_monitor.ts';
export { CameraDriftNode, type DriftNodeOptions, type SeenArm } from './drift_node.ts';
export { type Expected, intrinsicPriors } from './expected.ts';
export { type BoardSighting, findBoard } from './find_board.ts';
export { calibrateHandEye, closedFormHandEye, type HandEyeOptions, type HandEyeResult } from './hand_eye.ts';
export {
  correctedHand,
  EXACT_JOINTS,
  type HandEyeView,
  type HandPosture,
  type JointErrors,
  type Mounting,
} from './hand_eye_reprojection.ts';
export { applyHomography, homography } from './homography.ts';
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
export { ArmMatcher, type DepthPicture } from './match_arm.ts';
export type { MotionShot } from './match_depth.ts';
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
export { symmetricEigen } from './symmetric_eigen.ts';
