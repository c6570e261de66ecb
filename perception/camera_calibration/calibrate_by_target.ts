import type { ArmSurface } from './arm_surface.ts';
import { calibrateIntrinsics, type IntrinsicPrior } from './calibrate_intrinsics.ts';
import type { CameraEstimate } from './camera_estimate.ts';
import { type Expected, intrinsicPriors, jointErrorsOf } from './expected.ts';
import { calibrateHandEye, type HandEyeResult, requireMotion } from './hand_eye.ts';
import { type HandEyeView, type Mounting, squaredErrors } from './hand_eye_reprojection.ts';
import { INTRINSICS } from './lens_model.ts';
import { minimise } from './levenberg_marquardt.ts';
import { ArmMatcher } from './match_arm.ts';
import { type MotionShot, matchDepth, spreads, TABLE_SIGMA } from './match_depth.ts';
import { CalibrationRefused } from './refusal.ts';
import { type JointState, targetAndDepth } from './target_and_depth.ts';

/** Depth that came with the views of a target, one each. */
export interface DepthOfViews {
  readonly shots: readonly MotionShot[];
  /** For a camera that stands, which sees the arm. */
  readonly surface: ArmSurface | null;
  /** How well the table is known to lie at height 0 and level, standard deviations; by default 1 mm and 1 mrad. */
  readonly table_sigma?: { readonly height_m: number; readonly tilt_rad: number };
}

/** Views whose corners miss by more than this times the median view's are left out, once. */
const OUTLIER = 3;
/** Corners that miss by more than this times their deviation count linearly. */
const HUBER = 2.5;
const LEAST_VIEWS = 6;
const GATES_M = [0.01, 0.006] as const;
const FIRST_SIGMA_M = 0.0015;
const ITERATIONS = 4;
/** A fit that leaves this many pixels is none: the board is not flat, the hand slipped, or the arm is another. */
const MOST_RMS_PX = 1;

/**
 * A camera's intrinsics and mounting from views of a flat target that is on the hand of a camera that stands, or stands
 * before a camera on the hand: Zhang, Park and Martin, then one least squares over lens, mountings and joint errors. Where
 * depth came with the pictures, what it shows of arm and table counts too.
 * @throws CalibrationRefused for views that do not determine them, or that do not fit together
 */
export function calibrateByTarget(
  views: readonly HandEyeView[],
  mounting: Mounting,
  expected: Expected,
  depth: DepthOfViews | null = null,
): CameraEstimate {
  if (views.length < LEAST_VIEWS) {
    throw new CalibrationRefused(
      'too_few_views',
      `the target was found in ${views.length} views`,
      `at least ${LEAST_VIEWS}; bring it nearer, light it better, and take some twenty`,
    );
  }
  requireMotion(views.map(({ posture }) => posture.T_base_hand));
  const { width, height } = expected;
  const errors = jointErrorsOf(expected);
  const priors = intrinsicPriors(expected);
  const lens = calibrateIntrinsics(views, { width, height, priors, huber: HUBER });
  const options = { mounting, start: lens.intrinsics, priors, errors, sigma_px: lens.sigma_px, huber: HUBER };
  const all = calibrateHandEye(views, lens.T_camera_target, options);
  const limit = OUTLIER * median(all.view_rms_px);
  const kept = views.flatMap((_, i) => (all.view_rms_px[i] <= limit ? [i] : []));
  const fewer = kept.length < views.length && kept.length >= LEAST_VIEWS;
  const used = fewer ? kept.map((i) => views[i]) : views;
  const fit = fewer
    ? calibrateHandEye(
        used,
        kept.map((i) => lens.T_camera_target[i]),
        options,
      )
    : all;
  if (fit.rms_px > MOST_RMS_PX) {
    throw new CalibrationRefused(
      'does_not_fit',
      `corners are ${fit.rms_px.toFixed(2)} pixels from where arm and lens have them`,
      `at most ${MOST_RMS_PX}: check the size of the squares, that the target is flat and did not move, and the robot's model`,
    );
  }
  if (depth !== null) {
    const shots = fewer ? kept.map((i) => depth.shots[i]) : depth.shots;
    return withDepth(used, { ...depth, shots }, fit, { ...expected, errors }, { ...options, priors });
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

/** Goes on from the fit of the corners with depth beside them; matching and least squares take turns. */
function withDepth(
  views: readonly HandEyeView[],
  { shots, surface, table_sigma = TABLE_SIGMA }: DepthOfViews,
  fit: HandEyeResult,
  { width, height, errors }: Expected,
  { mounting, priors, sigma_px }: { mounting: Mounting; priors: readonly IntrinsicPrior[]; sigma_px: number },
): CameraEstimate {
  const free = Int32Array.from({ length: INTRINSICS }, (_, i) => i);
  const corners = { mounting, free, priors, errors, sigma_px, huber: HUBER };
  const matcher = surface === null ? null : new ArmMatcher(surface, width, height);
  let state: JointState = {
    intrinsics: fit.intrinsics,
    X: fit.T_mount_camera,
    Y: fit.T_other_target,
    offsets: fit.encoder_offset_rad,
    play: fit.play,
    table: new Float64Array(3),
  };
  let sigma = { arm: FIRST_SIGMA_M, table: FIRST_SIGMA_M };
  let covariance: Float64Array = new Float64Array(0);
  for (const gate_m of GATES_M) {
    const seen = shots.map((shot, i) => matchDepth(shot, i, state, matcher, gate_m, mounting));
    const distances = {
      ...{ mounting, free, priors, errors, table_sigma, huber: HUBER },
      arm_sigma_m: sigma.arm,
      table_sigma_m: sigma.table,
    };
    const minimum = minimise(targetAndDepth(views, seen, corners, distances), state, ITERATIONS);
    state = minimum.state;
    covariance = minimum.covariance;
    sigma = spreads(seen, state, mounting);
  }
  const n = Math.round(Math.sqrt(covariance.length));
  const block = (from: number, size: number) =>
    Float64Array.from(
      { length: size * size },
      (_, i) => covariance[(from + Math.floor(i / size)) * n + from + (i % size)],
    );
  const squares = views.map((view, i) => squaredErrors(view, i, mounting, state));
  const mean = (of: Float64Array) => of.reduce((a, b) => a + b, 0) / of.length;
  return {
    intrinsics: state.intrinsics,
    intrinsics_covariance: block(0, INTRINSICS),
    T_mount_camera: state.X,
    pose_covariance: block(INTRINSICS, 6),
    encoder_offset_rad: state.offsets,
    residuals: {
      kind: 'pixels',
      rms: Math.sqrt(squares.reduce((sum, of) => sum + mean(of), 0) / squares.length),
      views: squares.map((of) => Math.sqrt(mean(of))),
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
