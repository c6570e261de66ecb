import { type CameraInfo, createRng } from '../../contracts/index.ts';
import {
  ALL_AS_PUT_UP,
  CALIBRATED_CAMERA,
  type CameraUncertainties,
  compose,
  fromMatrix,
  identity,
  moved,
  toMatrix,
} from '../../perception/index.ts';
import type { CameraPerturbation } from '../../sim/index.ts';

/** What a robot knows of its cameras: where they were meant to be, or what a calibration left to be wrong. */
export const CAMERA_KNOWLEDGE = ['as_put_up', 'calibrated'] as const;
export type CameraKnowledge = (typeof CAMERA_KNOWLEDGE)[number];

/** How sure the calibrations are of cameras known so. */
export function uncertaintyOf(known: CameraKnowledge): CameraUncertainties {
  return known === 'calibrated' ? () => CALIBRATED_CAMERA : ALL_AS_PUT_UP;
}

/**
 * What a robot would believe of a camera that was calibrated: the true one, wrong by errors drawn with the deviations of
 * CALIBRATED_CAMERA. Runs of equal names have equal errors.
 * @param perturbation  how the true camera differs from what `info` says
 * @param run  in which the camera was calibrated
 */
export function calibratedInfo(info: CameraInfo, perturbation: CameraPerturbation, run: string): CameraInfo {
  const rng = createRng(0, `${run}/calibration/${info.name}`);
  const { position_m, rotation_rad, focal_share, principal_point_px } = CALIBRATED_CAMERA;
  const error = [rotation_rad, rotation_rad, rotation_rad, position_m, position_m, position_m].map(
    (sigma) => sigma * rng.normal(),
  );
  const { focal_scale, principal_point_px: shift, pose_error } = perturbation;
  const [x, y, z, ...turn] = pose_error;
  const T_true = compose(fromMatrix(info.T_world_camera_optical), moved(identity(), [...turn, x, y, z]));
  const f = focal_scale * (1 + focal_share * rng.normal());
  const c = shift.map((true_px) => true_px + principal_point_px * rng.normal());
  const { K } = info;
  return {
    ...info,
    K: [f * K[0], 0, K[2] + c[0], 0, f * K[4], K[5] + c[1], 0, 0, 1],
    T_world_camera_optical: toMatrix(compose(T_true, moved(identity(), error))),
  };
}
