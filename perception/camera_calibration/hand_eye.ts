import { addPriors, type IntrinsicPrior, type TargetView } from './calibrate_intrinsics.ts';
import { createProjection, INTRINSIC_NAMES, INTRINSICS, type Intrinsics, projectPoint } from './lens_model.ts';
import { type LeastSquaresProblem, minimise } from './levenberg_marquardt.ts';
import { parkMartin, turnDirections } from './park_martin.ts';
import { CalibrationRefused } from './refusal.ts';
import { compose, identity, inverse, moved, type RigidTransform, rotationFromVector } from './rigid_transform.ts';

/** Where the hand was when a picture was taken, as the encoders say. */
export interface HandPosture {
  readonly T_base_hand: RigidTransform;
  /** Motion of the hand for each joint's speed: angular over linear at the base's origin, base axes, 6 a joint. */
  readonly joints: Float64Array;
}

export interface HandEyeView extends TargetView {
  readonly posture: HandPosture;
}

/** `eye_in_hand`: the camera is on the hand, the target stands. `eye_to_hand`: the camera stands, the target is on the hand. */
export type Mounting = 'eye_in_hand' | 'eye_to_hand';

export interface HandEyeOptions {
  readonly mounting: Mounting;
  /** Where the refinement starts, and what is known of the intrinsics beforehand, as in IntrinsicsOptions. */
  readonly start: Intrinsics;
  readonly held?: readonly (typeof INTRINSIC_NAMES)[number][];
  readonly priors?: readonly (IntrinsicPrior | null)[];
  /** Standard deviation of the encoders' constant errors, rad: they are sought too. 0, the default, for exact encoders. */
  readonly encoder_offset_sigma_rad?: number;
  /** Standard deviation of a corner's coordinates, pixels; estimated from the residuals by default. */
  readonly sigma_px?: number;
}

export interface HandEyeResult {
  /** T_hand_camera of an eye in the hand, T_base_camera of an eye to the hand. */
  readonly T_mount_camera: RigidTransform;
  /** T_base_target of an eye in the hand, T_hand_target of an eye to the hand. */
  readonly T_other_target: RigidTransform;
  readonly intrinsics: Intrinsics;
  /** How much more each encoder reads than its joint has turned, rad. */
  readonly encoder_offset_rad: Float64Array;
  /** Of T_mount_camera: rotation vector (rad) about the mount's axes, then position (m), row-major 6×6. */
  readonly pose_covariance: Float64Array;
  /** Of the intrinsics, row-major 9×9; rows of held ones are 0. */
  readonly intrinsics_covariance: Float64Array;
  readonly rms_px: number;
  readonly view_rms_px: readonly number[];
  readonly sigma_px: number;
}

interface State {
  readonly intrinsics: Intrinsics;
  readonly X: RigidTransform;
  readonly Y: RigidTransform;
  readonly offsets: Float64Array;
}

const LEAST_VIEWS = 4;
const DEFAULT_SIGMA_PX = 0.2;

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
 * Camera mounting, target mounting, intrinsics and encoder offsets that make the squared reprojection errors of all views
 * least, from a closed-form start. What encoders and camera both leave open, as the first joint's zero, stays at what was
 * expected of it, and the covariance says so.
 * @throws CalibrationRefused for motions that leave the mounting open
 */
export function calibrateHandEye(
  views: readonly HandEyeView[],
  T_camera_target: readonly RigidTransform[],
  options: HandEyeOptions,
): HandEyeResult {
  const { mounting, held = [] } = options;
  const hands = views.map(({ posture }) => posture.T_base_hand);
  const X = closedFormHandEye(mounting, hands, T_camera_target);
  const Y = compose(inverse(alongKinematics(mounting, hands[0])), compose(X, T_camera_target[0]));
  const joints = views[0].posture.joints.length / 6;
  const free = Int32Array.from([...INTRINSIC_NAMES.keys()].filter((i) => !held.includes(INTRINSIC_NAMES[i])));
  const start = { intrinsics: options.start, X, Y, offsets: new Float64Array(joints) };
  // Once to know the corners' deviation, which weighs them against what is known beforehand.
  const rough = options.sigma_px ?? DEFAULT_SIGMA_PX;
  const first = minimise(reprojection(views, free, options, rough), start);
  const measured =
    rough * Math.sqrt(dataCost(views, first.state, mounting, rough) / Math.max(1, first.count - free.length - 12));
  const sigma_px = options.sigma_px ?? measured;
  const problem = reprojection(views, free, options, sigma_px);
  const { state, covariance } = minimise(problem, first.state);
  const n = problem.unknowns;
  const block = (from: number, size: number) =>
    Float64Array.from(
      { length: size * size },
      (_, k) => covariance[(from + Math.floor(k / size)) * n + from + (k % size)],
    );
  const some = block(0, free.length);
  const whole = new Float64Array(INTRINSICS * INTRINSICS);
  free.forEach((i, a) => {
    free.forEach((j, b) => {
      whole[INTRINSICS * i + j] = some[a * free.length + b];
    });
  });
  const view_rms_px = views.map((view) => Math.sqrt((2 * squares(view, state, mounting)) / view.pixels.length));
  const points = views.reduce((sum, { pixels }) => sum + pixels.length / 2, 0);
  const all = views.reduce((sum, view) => sum + squares(view, state, mounting), 0);
  return {
    T_mount_camera: state.X,
    T_other_target: state.Y,
    intrinsics: state.intrinsics,
    encoder_offset_rad: state.offsets,
    pose_covariance: block(free.length, 6),
    intrinsics_covariance: whole,
    rms_px: Math.sqrt(all / points),
    view_rms_px,
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

/** The transform between X and Y: the target in the camera is X⁻¹ A Y. */
function alongKinematics(mounting: Mounting, T_base_hand: RigidTransform): RigidTransform {
  return mounting === 'eye_in_hand' ? inverse(T_base_hand) : T_base_hand;
}

/** The hand's pose with encoder offsets taken away, to first order, which is exact to a micrometre at a milliradian. */
export function correctedHand({ T_base_hand, joints }: HandPosture, offsets: ArrayLike<number>): RigidTransform {
  const twist = new Float64Array(6);
  for (let j = 0; j < offsets.length; j++) for (let k = 0; k < 6; k++) twist[k] -= offsets[j] * joints[6 * j + k];
  const E = identity();
  rotationFromVector(twist[0], twist[1], twist[2], E);
  E.set(twist.subarray(3), 9);
  return compose(E, T_base_hand);
}

/** Unknowns: free intrinsics, X (6), Y (6), encoder offsets. Residuals over `sigma_px`. */
function reprojection(
  views: readonly HandEyeView[],
  free: Int32Array,
  { mounting, priors = [], encoder_offset_sigma_rad = 0 }: HandEyeOptions,
  sigma_px: number,
): LeastSquaresProblem<State> {
  const k = free.length;
  const joints = encoder_offset_sigma_rad > 0 ? views[0].posture.joints.length / 6 : 0;
  const unknowns = k + 12 + joints;
  const columns = Int32Array.from({ length: unknowns }, (_, i) => i);
  const row = new Float64Array(unknowns);
  const projection = createProjection();
  const w = 1 / sigma_px;
  const toX = new Float64Array(3);
  const inHand = mounting === 'eye_in_hand';
  return {
    unknowns,
    evaluate({ intrinsics, X, Y, offsets }, equations) {
      for (const { points_m, pixels, posture } of views) {
        const hand = correctedHand(posture, offsets);
        const A = inHand ? inverse(hand) : hand;
        const AY = compose(A, Y);
        for (let i = 0; i < points_m.length / 2; i++) {
          const [px, py] = [points_m[2 * i], points_m[2 * i + 1]];
          // The point in the target's mount turned to its axes, in X's mount, and in the base, which joints move.
          const y = [Y[0] * px + Y[1] * py, Y[3] * px + Y[4] * py, Y[6] * px + Y[7] * py];
          const m = [0, 1, 2].map((r) => AY[3 * r] * px + AY[3 * r + 1] * py + AY[9 + r]);
          const base = inHand ? y.map((value, r) => value + Y[9 + r]) : m;
          for (let r = 0; r < 3; r++) toX[r] = m[r] - X[9 + r];
          const c = [0, 1, 2].map((r) => X[r] * toX[0] + X[3 + r] * toX[1] + X[6 + r] * toX[2]);
          projectPoint(intrinsics, c[0], c[1], c[2], projection);
          for (let axis = 0; axis < 2; axis++) {
            for (let a = 0; a < k; a++) row[a] = w * projection.by_intrinsics[9 * axis + free[a]];
            // Slope by the point in X's mount, then by X, by Y and by the joints.
            const P = projection.by_point;
            const s = [0, 1, 2].map(
              (r) => w * (P[3 * axis] * X[3 * r] + P[3 * axis + 1] * X[3 * r + 1] + P[3 * axis + 2] * X[3 * r + 2]),
            );
            row[k] = -(s[2] * toX[1] - s[1] * toX[2]);
            row[k + 1] = -(s[0] * toX[2] - s[2] * toX[0]);
            row[k + 2] = -(s[1] * toX[0] - s[0] * toX[1]);
            for (let r = 0; r < 3; r++) row[k + 3 + r] = -s[r];
            const g = [0, 1, 2].map((r) => s[0] * A[r] + s[1] * A[3 + r] + s[2] * A[6 + r]);
            row[k + 6] = g[2] * y[1] - g[1] * y[2];
            row[k + 7] = g[0] * y[2] - g[2] * y[0];
            row[k + 8] = g[1] * y[0] - g[0] * y[1];
            for (let r = 0; r < 3; r++) row[k + 9 + r] = g[r];
            // A camera on the hand sees the world move against it; the target on the hand moves with it.
            const t = inHand ? g : s;
            const sign = inHand ? 1 : -1;
            for (let j = 0; j < joints; j++) {
              const S = posture.joints.subarray(6 * j, 6 * j + 6);
              const motion =
                t[0] * (S[1] * base[2] - S[2] * base[1] + S[3]) +
                t[1] * (S[2] * base[0] - S[0] * base[2] + S[4]) +
                t[2] * (S[0] * base[1] - S[1] * base[0] + S[5]);
              row[k + 12 + j] = sign * motion;
            }
            const seen = axis === 0 ? projection.u : projection.v;
            equations.add(columns, row, unknowns, w * (seen - pixels[2 * i + axis]));
          }
        }
      }
      addPriors(equations, free, priors, intrinsics);
      for (let j = 0; j < joints; j++) equations.addPrior(k + 12 + j, offsets[j], encoder_offset_sigma_rad);
    },
    move({ intrinsics, X, Y, offsets }, step) {
      const next = intrinsics.slice();
      free.forEach((i, a) => {
        next[i] += step[a];
      });
      return {
        intrinsics: next,
        X: moved(X, step, k),
        Y: moved(Y, step, k + 6),
        offsets: offsets.map((value, j) => (j < joints ? value + step[k + 12 + j] : value)),
      };
    },
  };
}

/** Sum of squared distances between seen and projected points of a view, pixels². */
function squares(
  { points_m, pixels, posture }: HandEyeView,
  { intrinsics, X, Y, offsets }: State,
  mounting: Mounting,
): number {
  const T = compose(inverse(X), compose(alongKinematics(mounting, correctedHand(posture, offsets)), Y));
  const projection = createProjection();
  let sum = 0;
  for (let i = 0; i < points_m.length / 2; i++) {
    const c = [0, 1, 2].map((r) => T[3 * r] * points_m[2 * i] + T[3 * r + 1] * points_m[2 * i + 1] + T[9 + r]);
    projectPoint(intrinsics, c[0], c[1], c[2], projection);
    sum += (projection.u - pixels[2 * i]) ** 2 + (projection.v - pixels[2 * i + 1]) ** 2;
  }
  return sum;
}

function dataCost(views: readonly HandEyeView[], state: State, mounting: Mounting, sigma_px: number): number {
  return views.reduce((sum, view) => sum + squares(view, state, mounting), 0) / (sigma_px * sigma_px);
}
