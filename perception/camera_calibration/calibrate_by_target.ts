import { calibrateIntrinsics, type IntrinsicPrior } from './calibrate_intrinsics.ts';
import type { CameraEstimate } from './camera_estimate.ts';
import { calibrateHandEye, requireMotion } from './hand_eye.ts';
import type { HandEyeView, JointErrors, Mounting } from './hand_eye_reprojection.ts';
import type { Intrinsics } from './lens_model.ts';
import { CalibrationRefused } from './refusal.ts';

/** What is known of a camera and an arm before they are calibrated. */
export interface Expected {
  readonly width: number;
  readonly height: number;
  /** From the data sheet. */
  readonly intrinsics: Intrinsics;
  readonly errors: JointErrors;
}

/** How far a lens may be from its data sheet: shares of the focal length and of the picture's width, and coefficients. */
const SPREAD = { focal: 0.05, principal_point: 0.05, k1: 0.2, k2: 0.05, tangential: 0.002, k3: 0.02 } as const;
/** Views whose corners miss by more than this times the median view's are left out, once. */
const OUTLIER = 3;
/** Corners that miss by more than this times their deviation count linearly. */
const HUBER = 2.5;
const LEAST_VIEWS = 6;
/** A fit that leaves this many pixels is none: the board is not flat, the hand slipped, or the arm is another. */
const MOST_RMS_PX = 1;

/** What a data sheet says of the intrinsics, as knowledge with deviations. */
export function intrinsicPriors({ width, intrinsics: f }: Expected): IntrinsicPrior[] {
  const sigmas = [
    ...[SPREAD.focal * f[0], SPREAD.focal * f[1], SPREAD.principal_point * width, SPREAD.principal_point * width],
    ...[SPREAD.k1, SPREAD.k2, SPREAD.tangential, SPREAD.tangential, SPREAD.k3],
  ];
  return sigmas.map((sigma, i) => ({ mean: f[i], sigma }));
}

/**
 * A camera's intrinsics and mounting from views of a flat target that is on the hand of a camera that stands, or stands
 * before a camera on the hand: Zhang, Park and Martin, then one least squares over lens, mountings and encoder offsets.
 * @throws CalibrationRefused for views that do not determine them, or that do not fit together
 */
export function calibrateByTarget(
  views: readonly HandEyeView[],
  mounting: Mounting,
  expected: Expected,
): CameraEstimate {
  if (views.length < LEAST_VIEWS) {
    throw new CalibrationRefused(
      'too_few_views',
      `the target was found in ${views.length} views`,
      `at least ${LEAST_VIEWS}; bring it nearer, light it better, and take some twenty`,
    );
  }
  requireMotion(views.map(({ posture }) => posture.T_base_hand));
  const { width, height, errors } = expected;
  const priors = intrinsicPriors(expected);
  const lens = calibrateIntrinsics(views, { width, height, priors, huber: HUBER });
  const options = { mounting, start: lens.intrinsics, priors, errors, sigma_px: lens.sigma_px, huber: HUBER };
  const all = calibrateHandEye(views, lens.T_camera_target, options);
  const limit = OUTLIER * median(all.view_rms_px);
  const kept = views.filter((_, i) => all.view_rms_px[i] <= limit);
  const poses = lens.T_camera_target.filter((_, i) => all.view_rms_px[i] <= limit);
  const fit = kept.length === views.length || kept.length < LEAST_VIEWS ? all : calibrateHandEye(kept, poses, options);
  if (fit.rms_px > MOST_RMS_PX) {
    throw new CalibrationRefused(
      'does_not_fit',
      `corners are ${fit.rms_px.toFixed(2)} pixels from where arm and lens have them`,
      `at most ${MOST_RMS_PX}: check the size of the squares, that the target is flat and did not move, and the robot's model`,
    );
  }
  return {
    intrinsics: fit.intrinsics,
    intrinsics_covariance: fit.intrinsics_covariance,
    T_mount_camera: fit.T_mount_camera,
    pose_covariance: fit.pose_covariance,
    encoder_offset_rad: fit.encoder_offset_rad,
    residuals: { kind: 'pixels', rms: fit.rms_px, views: fit.view_rms_px },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
