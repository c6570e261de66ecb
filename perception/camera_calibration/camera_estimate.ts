import type { Intrinsics } from './lens_model.ts';
import type { RigidTransform } from './rigid_transform.ts';

/** What a calibration says of one camera. */
export interface CameraEstimate {
  readonly intrinsics: Intrinsics;
  /** Row-major 9×9, by the order of INTRINSIC_NAMES. */
  readonly intrinsics_covariance: Float64Array;
  /** T_hand_camera of a camera on the hand, T_base_camera of one that stands. */
  readonly T_mount_camera: RigidTransform;
  /** Rotation vector (rad) about the mount's axes, then position (m), row-major 6×6. */
  readonly pose_covariance: Float64Array;
  /** How much more each encoder reads than its joint has turned, rad. */
  readonly encoder_offset_rad: Float64Array;
  /** Root mean square of what the fit leaves, over all and of every view: pixels of corners, or metres of depth. */
  readonly residuals: { readonly kind: 'pixels' | 'metres'; readonly rms: number; readonly views: readonly number[] };
}
