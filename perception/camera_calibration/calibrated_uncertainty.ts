import type { CameraUncertainties } from '../frame_viewer.ts';
import { AS_PUT_UP, type CameraUncertainty } from '../geometry/index.ts';
import type { CalibratedCamera, CalibrationFile } from './calibration_file.ts';

/** A hand that carries a camera is itself only so well known: play and zeros of its joints (m, rad). */
const HAND = { position_m: 0.0005, rotation_rad: 0.001 } as const;

/**
 * How far a calibrated camera may be from what its calibration says, standard deviations: the covariances of the file, those
 * of a camera on the hand with what the joints add. What its errors have in common is left out.
 */
export function calibratedUncertainty(camera: CalibratedCamera): CameraUncertainty {
  const { K, pose_covariance: pose, intrinsics_covariance: lens, mounting } = camera;
  const hand = mounting === 'eye_in_hand' ? HAND : { position_m: 0, rotation_rad: 0 };
  const focal = (lens[0] / K[0] ** 2 + lens[10] / K[4] ** 2) / 2;
  return {
    position_m: Math.hypot(Math.sqrt((pose[21] + pose[28] + pose[35]) / 3), hand.position_m),
    rotation_rad: Math.hypot(Math.sqrt((pose[0] + pose[7] + pose[14]) / 3), hand.rotation_rad),
    focal_share: Math.sqrt(focal),
    principal_point_px: Math.sqrt((lens[20] + lens[30]) / 2),
  };
}

/** By the camera's name; cameras that no file is about are as put up. */
export function calibratedUncertainties(file: CalibrationFile | null): CameraUncertainties {
  const known = new Map(file?.cameras.map((camera) => [String(camera.name), calibratedUncertainty(camera)]));
  return (camera) => known.get(camera) ?? AS_PUT_UP;
}
