import { addPriors, type IntrinsicPrior, type TargetView } from './calibrate_intrinsics.ts';
import { createProjection, type Intrinsics, projectPoint } from './lens_model.ts';
import type { LeastSquaresProblem } from './levenberg_marquardt.ts';
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

/** How far encoders may be from their joints, as standard deviations, rad; 0 for not at all. */
export interface JointErrors {
  /** The same in all views: the encoder's zero. */
  readonly offset_sigma_rad: number;
  /** Another in every view: play of the gears, give of the links. */
  readonly play_sigma_rad: number;
}

export const EXACT_JOINTS: JointErrors = { offset_sigma_rad: 0, play_sigma_rad: 0 };

export interface HandEyeState {
  readonly intrinsics: Intrinsics;
  /** T_hand_camera or T_base_camera; T_base_target or T_hand_target. */
  readonly X: RigidTransform;
  readonly Y: RigidTransform;
  /** How much more each encoder reads than its joint has turned, rad; and what comes to it in every view. */
  readonly offsets: Float64Array;
  readonly play: readonly Float64Array[];
}

/** The transform between X and Y: the target in the camera is X⁻¹ A Y. */
export function alongKinematics(mounting: Mounting, T_base_hand: RigidTransform): RigidTransform {
  return mounting === 'eye_in_hand' ? inverse(T_base_hand) : T_base_hand;
}

/** The hand's pose with encoder errors taken away, to first order, which is exact to a micrometre at a milliradian. */
export function correctedHand(
  { T_base_hand, joints }: HandPosture,
  offsets: ArrayLike<number>,
  play?: ArrayLike<number>,
): RigidTransform {
  const twist = new Float64Array(6);
  for (let j = 0; j < offsets.length; j++) {
    const error = offsets[j] + (play === undefined ? 0 : play[j]);
    for (let k = 0; k < 6; k++) twist[k] -= error * joints[6 * j + k];
  }
  const E = identity();
  rotationFromVector(twist[0], twist[1], twist[2], E);
  E.set(twist.subarray(3), 9);
  return compose(E, T_base_hand);
}

export interface ReprojectionOptions {
  readonly mounting: Mounting;
  /** Indices of the intrinsics that are sought, and what is known of all of them. */
  readonly free: Int32Array;
  readonly priors: readonly (IntrinsicPrior | null)[];
  readonly errors: JointErrors;
  readonly sigma_px: number;
  /** Residuals over `sigma_px` beyond which they count linearly. */
  readonly huber: number;
}

/** Reprojection errors of all views. Unknowns: free intrinsics, X (6), Y (6), encoder offsets, then every view's play. */
export function handEyeReprojection(
  views: readonly HandEyeView[],
  { mounting, free, priors, errors, sigma_px, huber }: ReprojectionOptions,
): LeastSquaresProblem<HandEyeState> {
  const k = free.length;
  const all = views[0].posture.joints.length / 6;
  const shared = errors.offset_sigma_rad > 0 ? all : 0;
  const own = errors.play_sigma_rad > 0 ? all : 0;
  const common = k + 12 + shared;
  const width = common + own;
  const columns = Int32Array.from({ length: width }, (_, i) => i);
  const rows = [new Float64Array(width), new Float64Array(width)];
  const projection = createProjection();
  const inHand = mounting === 'eye_in_hand';
  const [y, base, d, s, g] = Array.from({ length: 5 }, () => new Float64Array(3));
  return {
    unknowns: common + own * views.length,
    evaluate({ intrinsics, X, Y, offsets, play }, equations) {
      views.forEach(({ points_m, pixels, posture }, view) => {
        const A = alongKinematics(mounting, correctedHand(posture, offsets, play[view]));
        const { joints } = posture;
        for (let j = 0; j < own; j++) columns[common + j] = common + own * view + j;
        for (let i = 0; i < points_m.length; i += 2) {
          for (let r = 0; r < 3; r++) y[r] = Y[3 * r] * points_m[i] + Y[3 * r + 1] * points_m[i + 1];
          for (let r = 0; r < 3; r++) {
            const at =
              A[3 * r] * (y[0] + Y[9]) + A[3 * r + 1] * (y[1] + Y[10]) + A[3 * r + 2] * (y[2] + Y[11]) + A[9 + r];
            d[r] = at - X[9 + r];
            base[r] = inHand ? y[r] + Y[9 + r] : at;
          }
          projectPoint(
            intrinsics,
            X[0] * d[0] + X[3] * d[1] + X[6] * d[2],
            X[1] * d[0] + X[4] * d[1] + X[7] * d[2],
            X[2] * d[0] + X[5] * d[1] + X[8] * d[2],
            projection,
          );
          const P = projection.by_point;
          for (let axis = 0; axis < 2; axis++) {
            const row = rows[axis];
            const o = 3 * axis;
            for (let a = 0; a < k; a++) row[a] = projection.by_intrinsics[9 * axis + free[a]] / sigma_px;
            // Slopes by the point in X's mount, and by the point in Y's.
            for (let r = 0; r < 3; r++)
              s[r] = (P[o] * X[3 * r] + P[o + 1] * X[3 * r + 1] + P[o + 2] * X[3 * r + 2]) / sigma_px;
            for (let r = 0; r < 3; r++) g[r] = s[0] * A[r] + s[1] * A[3 + r] + s[2] * A[6 + r];
            crossInto(s, d, row, k);
            for (let r = 0; r < 3; r++) row[k + 3 + r] = -s[r];
            crossInto(y, g, row, k + 6);
            for (let r = 0; r < 3; r++) row[k + 9 + r] = g[r];
            // A camera on the hand sees the world move against it; a target on the hand moves with it.
            const t = inHand ? g : s;
            const sign = inHand ? 1 : -1;
            for (let j = 0; j < all; j++) {
              const q = 6 * j;
              const motion =
                t[0] * (joints[q + 1] * base[2] - joints[q + 2] * base[1] + joints[q + 3]) +
                t[1] * (joints[q + 2] * base[0] - joints[q] * base[2] + joints[q + 4]) +
                t[2] * (joints[q] * base[1] - joints[q + 1] * base[0] + joints[q + 5]);
              if (shared > 0) row[k + 12 + j] = sign * motion;
              if (own > 0) row[common + j] = sign * motion;
            }
            const seen = axis === 0 ? projection.u : projection.v;
            equations.add(columns, row, width, (seen - pixels[i + axis]) / sigma_px, huber);
          }
        }
        for (let j = 0; j < own; j++) equations.addPrior(columns[common + j], play[view][j], errors.play_sigma_rad);
      });
      addPriors(equations, free, priors, intrinsics);
      for (let j = 0; j < shared; j++) equations.addPrior(k + 12 + j, offsets[j], errors.offset_sigma_rad);
    },
    move({ intrinsics, X, Y, offsets, play }, step) {
      const next = intrinsics.slice();
      free.forEach((i, a) => {
        next[i] += step[a];
      });
      return {
        intrinsics: next,
        X: moved(X, step, k),
        Y: moved(Y, step, k + 6),
        offsets: shared > 0 ? offsets.map((value, j) => value + step[k + 12 + j]) : offsets,
        play: own > 0 ? play.map((of, view) => of.map((value, j) => value + step[common + own * view + j])) : play,
      };
    },
  };
}

/** a × b into three entries of `out`. */
function crossInto(a: Float64Array, b: Float64Array, out: Float64Array, offset: number): void {
  out[offset] = a[1] * b[2] - a[2] * b[1];
  out[offset + 1] = a[2] * b[0] - a[0] * b[2];
  out[offset + 2] = a[0] * b[1] - a[1] * b[0];
}

/** Distances between seen and projected points of a view, squared, pixels². */
export function squaredErrors(view: HandEyeView, index: number, mounting: Mounting, state: HandEyeState): Float64Array {
  const { points_m, pixels, posture } = view;
  const { intrinsics, X, Y, offsets, play } = state;
  const A = alongKinematics(mounting, correctedHand(posture, offsets, play[index]));
  const T = compose(inverse(X), compose(A, Y));
  const projection = createProjection();
  const out = new Float64Array(points_m.length / 2);
  for (let i = 0; i < out.length; i++) {
    const [x, y] = [points_m[2 * i], points_m[2 * i + 1]];
    const at = (r: number) => T[3 * r] * x + T[3 * r + 1] * y + T[9 + r];
    projectPoint(intrinsics, at(0), at(1), at(2), projection);
    out[i] = (projection.u - pixels[2 * i]) ** 2 + (projection.v - pixels[2 * i + 1]) ** 2;
  }
  return out;
}
