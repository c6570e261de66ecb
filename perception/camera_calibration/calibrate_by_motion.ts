import type { ArmSurface } from './arm_surface.ts';
import type { CameraEstimate } from './camera_estimate.ts';
import { type DepthView, depthRegistration, distances, type RegistrationState } from './depth_registration.ts';
import { type Expected, intrinsicPriors, jointErrorsOf } from './expected.ts';
import { requireMotion } from './hand_eye.ts';
import type { Mounting } from './hand_eye_reprojection.ts';
import { INTRINSICS } from './lens_model.ts';
import { minimise } from './levenberg_marquardt.ts';
import { ArmMatcher } from './match_arm.ts';
import { type MotionShot, matchDepth, spreads, TABLE_SIGMA } from './match_depth.ts';
import { CalibrationRefused } from './refusal.ts';
import type { RigidTransform } from './rigid_transform.ts';

export interface MotionOptions extends Expected {
  readonly mounting: Mounting;
  /** Where the camera is taken to be at first; a centimetre and a degree off will do. */
  readonly start: RigidTransform;
  /** Needed for a camera that stands, which sees the arm. */
  readonly surface: ArmSurface | null;
  /** How well the table is known to lie at height 0 and level, standard deviations; by default 1 mm and 1 mrad. */
  readonly table_sigma?: { readonly height_m: number; readonly tilt_rad: number };
}

/** How far a measured depth may be from where arm and table are expected, from one search to the next, m. */
const GATES_M = [0.025, 0.01, 0.008] as const;
const LEAST_VIEWS = 6;
const LEAST_POINTS = 200;
const HUBER = 2.5;
const FIRST_SIGMA_M = 0.002;
const ITERATIONS = 4;
/** A fit that leaves more than this of the arm's and the table's distances is none, m. */
const MOST_RMS_M = 0.008;

/**
 * A camera's intrinsics and mounting without a target, from its depth while the arm moves. A camera that stands sees the
 * arm, whose surface and joints are known, and the table; a camera on the hand sees the table from many sides. Matching
 * and least squares take turns.
 * @throws CalibrationRefused for views that do not determine them, or that do not fit together
 */
export function calibrateByMotion(shots: readonly MotionShot[], options: MotionOptions): CameraEstimate {
  const { mounting, surface, intrinsics, table_sigma = TABLE_SIGMA } = options;
  const errors = jointErrorsOf(options);
  if (shots.length < LEAST_VIEWS) {
    throw new CalibrationRefused(
      'too_few_views',
      `${shots.length} depth pictures`,
      `at least ${LEAST_VIEWS}; take some twenty-five`,
    );
  }
  requireMotion(shots.map(({ hand }) => hand.T_base_hand));
  const joints = shots[0].hand.joints.length / 6;
  let state: RegistrationState = {
    intrinsics,
    X: options.start,
    offsets: new Float64Array(joints),
    play: shots.map(() => new Float64Array(joints)),
    table: new Float64Array(3),
  };
  const matcher = surface === null ? null : new ArmMatcher(surface, options.width, options.height);
  const priors = intrinsicPriors(options);
  const free = Int32Array.from({ length: INTRINSICS }, (_, i) => i);
  let sigma = { arm: FIRST_SIGMA_M, table: FIRST_SIGMA_M };
  let views: DepthView[] = [];
  let covariance: Float64Array = new Float64Array(0);
  for (const gate_m of GATES_M) {
    views = shots.map((shot, i) => matchDepth(shot, i, state, matcher, gate_m, mounting));
    requirePoints(views, mounting);
    const problem = depthRegistration(views, {
      ...{ mounting, free, priors, errors, table_sigma, huber: HUBER },
      arm_sigma_m: sigma.arm,
      table_sigma_m: sigma.table,
    });
    const fit = minimise(problem, state, ITERATIONS);
    state = fit.state;
    covariance = fit.covariance;
    sigma = spreads(views, state, mounting);
  }
  return summarise(state, covariance, views, mounting);
}

function requirePoints(views: readonly DepthView[], mounting: Mounting): void {
  const enough = views.filter(
    ({ arm, table }) => (mounting === 'eye_to_hand' ? (arm?.count ?? 0) : table.length / 3) >= LEAST_POINTS,
  );
  if (enough.length >= LEAST_VIEWS) return;
  const what = mounting === 'eye_to_hand' ? 'the arm' : 'the table';
  throw new CalibrationRefused(
    'too_few_views',
    `${enough.length} of ${views.length} depth pictures show ${what} where it is expected`,
    `at least ${LEAST_VIEWS}: check that the camera is within 1 cm and 1° of where it is taken to be and sees ${what}`,
  );
}

function summarise(
  state: RegistrationState,
  covariance: Float64Array,
  views: readonly DepthView[],
  mounting: Mounting,
): CameraEstimate {
  const n = Math.round(Math.sqrt(covariance.length));
  const block = (from: number, size: number) =>
    Float64Array.from(
      { length: size * size },
      (_, i) => covariance[(from + Math.floor(i / size)) * n + from + (i % size)],
    );
  const { arm, table } = distances(mounting, state, views);
  const each = views.map((_, i) => Math.sqrt(mean([...arm[i], ...table[i]].map((d) => d * d))));
  const rms = Math.sqrt(mean([...arm, ...table].flat().map((d) => d * d)));
  if (!(rms < MOST_RMS_M)) {
    throw new CalibrationRefused(
      'does_not_fit',
      `depth is ${(1000 * rms).toFixed(1)} mm from arm and table`,
      `at most ${1000 * MOST_RMS_M} mm: check the robot's model and that nothing but arm and table is in view`,
    );
  }
  return {
    intrinsics: state.intrinsics,
    intrinsics_covariance: block(0, INTRINSICS),
    T_mount_camera: state.X,
    pose_covariance: block(INTRINSICS, 6),
    encoder_offset_rad: state.offsets,
    residuals: { kind: 'metres', rms, views: each },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
