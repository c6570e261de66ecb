export { armPosture, armSurface } from './arm_surface_of.ts';
export { robotWithBoard, sceneWithBoard } from './board_parts.ts';
export { type CellCalibration, type CellCalibrationOptions, calibrateCell } from './calibrate_cell.ts';
export {
  type CalibrationMethod,
  calibrationTrial,
  DEFAULT_VIEWS,
  type Trial,
  type TrialOptions,
} from './calibration_trial.ts';
export { JOINT_ERRORS } from './joint_errors.ts';
export { calibrateWithMotion, motionPostures } from './motion_session.ts';
export { type Picture, pictureHash } from './picture_hash.ts';
export { cameraCorrection, handCamera, readCalibration, readCellCalibration } from './read_calibration.ts';
export { seenArm } from './seen_arm.ts';
export { believedCamera, drawCell, HAND_LINK, handPosture, StillCell, trueCamera } from './still_cell.ts';
export { calibrateWithTarget, type SessionResult, type Shoot, targetPostures } from './target_session.ts';
