import type { IntrinsicPrior } from './calibrate_intrinsics.ts';
import {
  alongKinematics,
  EXACT_JOINTS,
  type HandEyeState,
  type HandEyeView,
  handEyeReprojection,
  type JointErrors,
  type Mounting,
  squaredErrors,
} from './hand_eye_reprojection.ts';
import { INTRINSIC_NAMES, INTRINSICS, type Intrinsics } from './lens_model.ts';
import { minimise } from './levenberg_marquardt.ts';
import { parkMartin, turnDirections } from './park_martin.ts';
import { CalibrationRefused } from './refusal.ts';
import { compose, inverse, type RigidTransform } from './rigid_transform.ts';

export interface HandEyeOptions {
  readonly mounting: Mounting;
  /** Where the refinement starts, and what is known of the intrinsics beforehand, as in IntrinsicsOptions. */
  readonly start: Intrinsics;
  readonly held?: readonly (typeof INTRINSIC_NAMES)[number][];
  readonly priors?: readonly (IntrinsicPrior | null)[];
  /** How far encoders may be from their joints; by default they are exact. */
  readonly errors?: JointErrors;
  /** Standard deviation of a corner's coordinates, pixels; estimated from the residuals by default. */
  readonly sigma_px?: number;
  /** Residuals over their deviation beyond which they count linearly; by default none do. */
  readonly huber?: number;
}

export interface HandEyeResult {
  /** T_hand_camera of an eye in the hand, T_base_camera of an eye to the hand. */
  readonly T_mount_camera: RigidTransform;
  /** T_base_target of an eye in the hand, T_hand_target of an eye to the hand. */
  readonly T_other_target: RigidTransform;
  readonly intrinsics: Intrinsics;
  /** How much more each encoder reads than its joint has turned, rad. */
  readonly encoder_offset_rad: Float64Array;
  /** What comes to it in every view, rad. */
  readonly play: readonly Float64Array[];
  /** Of T_mount_camera: rotation vector (rad) about the mount's axes, then position (m), row-major 6×6. */
  readonly pose_covariance: Float64Array;
  /** Of the intrinsics, row-major 9×9; rows of held ones are 0. */
  readonly intrinsics_covariance: Float64Array;
  readonly rms_px: number;
  readonly view_rms_px: readonly number[];
  readonly sigma_px: number;
}

const LEAST_VIEWS = 4;
/** Taken for the corners' deviation until the residuals tell, pixels. */
const ROUGH_SIGMA_PX = 0.2;

/**
 * Closed form by Park and Martin (1994) from every view's pose of the target.
 * @param T_camera_target  one each, as `calibrateIntrinsics` gives them
 * @throws CalibrationRefused for motions that leave the mounting open
 */
export function closedFormHandEye(
  mounting: Mounting,
  T_base_hand: readonly RigidTransform[],
  T_camera_target: readonly RigidTransform[],
): RigidTransform {
  requireMotion(T_base_hand);
  // A camera that stands sees as one on the hand would if the base moved about a fixed hand.
  return parkMartin(mounting === 'eye_in_hand' ? T_base_hand : T_base_hand.map(inverse), T_camera_target);
}

/**
 * Camera mounting, target mounting, intrinsics and encoder errors that make the squared reprojection errors of all views
 * least, from a closed-form start. What encoders and camera both leave open, as the first joint's zero, stays at what was
 * expected of it, and the covariance says so.
 * @throws CalibrationRefused for motions that leave the mounting open
 */
export function calibrateHandEye(
  views: readonly HandEyeView[],
  T_camera_target: readonly RigidTransform[],
  options: HandEyeOptions,
): HandEyeResult {
  const { mounting, held = [], priors = [], errors = EXACT_JOINTS, huber = Infinity } = options;
  const hands = views.map(({ posture }) => posture.T_base_hand);
  const X = closedFormHandEye(mounting, hands, T_camera_target);
  const Y = compose(inverse(alongKinematics(mounting, hands[0])), compose(X, T_camera_target[0]));
  const joints = views[0].posture.joints.length / 6;
  const free = Int32Array.from([...INTRINSIC_NAMES.keys()].filter((i) => !held.includes(INTRINSIC_NAMES[i])));
  const play = views.map(() => new Float64Array(joints));
  const start: HandEyeState = { intrinsics: options.start, X, Y, offsets: new Float64Array(joints), play };
  const problem = (sigma_px: number) => handEyeReprojection(views, { mounting, free, priors, errors, huber, sigma_px });
  let from = start;
  let sigma_px = options.sigma_px ?? ROUGH_SIGMA_PX;
  if (options.sigma_px === undefined) {
    const rough = minimise(problem(sigma_px), start);
    from = rough.state;
    sigma_px = Math.sqrt(sum(pointErrors(views, mounting, from)) / Math.max(1, rough.count - free.length - 12));
  }
  const { state, covariance } = minimise(problem(sigma_px), from);
  const n = Math.round(Math.sqrt(covariance.length));
  const pose_covariance = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) pose_covariance[6 * i + j] = covariance[(free.length + i) * n + free.length + j];
  }
  const intrinsics_covariance = new Float64Array(INTRINSICS * INTRINSICS);
  free.forEach((i, a) => {
    free.forEach((j, b) => {
      intrinsics_covariance[INTRINSICS * i + j] = covariance[a * n + b];
    });
  });
  const squares = pointErrors(views, mounting, state);
  return {
    T_mount_camera: state.X,
    T_other_target: state.Y,
    intrinsics: state.intrinsics,
    encoder_offset_rad: state.offsets,
    play: state.play,
    pose_covariance,
    intrinsics_covariance,
    rms_px: Math.sqrt(sum(squares) / squares.reduce((count, of) => count + of.length, 0)),
    view_rms_px: squares.map((of) => Math.sqrt(sum([of]) / of.length)),
    sigma_px,
  };
}

/** @throws CalibrationRefused for too few poses, and for those that turn about one axis or not at all */
export function requireMotion(T_base_hand: readonly RigidTransform[]): void {
  if (T_base_hand.length < LEAST_VIEWS) {
    throw new CalibrationRefused(
      'too_few_views',
      `${T_base_hand.length} views of the hand`,
      `at least ${LEAST_VIEWS}; take some fifteen, the hand turned about different axes`,
    );
  }
  const directions = turnDirections(T_base_hand);
  if (directions === 0) {
    throw new CalibrationRefused(
      'pure_translation',
      'the hand only shifted between views, which leaves the rotation of the camera open',
      'turn the hand by 20° or more about at least two axes between views',
    );
  }
  if (directions === 1) {
    throw new CalibrationRefused(
      'parallel_axes',
      'the hand turned about one axis alone, which leaves the position of the camera along it open',
      'turn the hand about a second axis too, by 20° or more',
    );
  }
}

function pointErrors(views: readonly HandEyeView[], mounting: Mounting, state: HandEyeState): Float64Array[] {
  return views.map((view, i) => squaredErrors(view, i, mounting, state));
}

function sum(values: readonly Float64Array[]): number {
  return values.reduce((all, of) => of.reduce((a, b) => a + b, all), 0);
}
