import type { ArmMatches } from './arm_surface.ts';
import { addPriors, type IntrinsicPrior } from './calibrate_intrinsics.ts';
import { correctedHand, type HandPosture, type JointErrors, type Mounting } from './hand_eye_reprojection.ts';
import { createProjection, type Intrinsics, projectPoint, rayOfPixel } from './lens_model.ts';
import type { LeastSquaresProblem } from './levenberg_marquardt.ts';
import { compose, identity, moved, type RigidTransform } from './rigid_transform.ts';

/** What one depth picture says: pixels on the table, and, of a camera that stands, points of the arm. */
export interface DepthView {
  readonly posture: HandPosture;
  /** u, v, depth (m) of pixels on the table, three each. */
  readonly table: Float64Array;
  readonly arm: ArmMatches | null;
}

export interface RegistrationState {
  readonly intrinsics: Intrinsics;
  /** T_base_camera, or T_hand_camera of a camera on the hand. */
  readonly X: RigidTransform;
  readonly offsets: Float64Array;
  readonly play: readonly Float64Array[];
  /** The table in the base: height at the origin (m), and slopes along x and y. */
  readonly table: Float64Array;
}

export interface RegistrationOptions {
  readonly mounting: Mounting;
  readonly free: Int32Array;
  readonly priors: readonly (IntrinsicPrior | null)[];
  readonly errors: JointErrors;
  /** How well the table is known to lie at height 0 and level: standard deviations, m and rad. */
  readonly table_sigma: { readonly height_m: number; readonly tilt_rad: number };
  /** Standard deviation of a distance from the arm's surface and from the table at 1 m, m; they grow with z². */
  readonly arm_sigma_m: number;
  readonly table_sigma_m: number;
  readonly huber: number;
  /** What is known of intrinsics and joints beforehand is added elsewhere. Default false. */
  readonly known?: boolean;
}

/** Part of a depth's deviation that does not fall with the distance: its steps, m. */
const STEP_SIGMA_M = 0.0003;

/**
 * Distances of measured points from the surfaces they lie on, point to plane (Chen and Medioni, 1992). Unknowns: free
 * intrinsics, X (6), table (3), encoder offsets, then every view's play.
 */
export function depthRegistration(
  views: readonly DepthView[],
  options: RegistrationOptions,
): LeastSquaresProblem<RegistrationState> {
  const { mounting, free, priors, errors, table_sigma, arm_sigma_m, table_sigma_m, huber, known = false } = options;
  const k = free.length;
  const joints = views[0].posture.joints.length / 6;
  const common = k + 9 + joints;
  const width = common + joints;
  const columns = Int32Array.from({ length: width }, (_, i) => i);
  const row = new Float64Array(width);
  const projection = createProjection();
  const ray = new Float64Array(2);
  const c = new Float64Array(3);
  const W = new Float64Array(3);
  const inHand = mounting === 'eye_in_hand';
  const still = identity();

  /** Derivatives of n · W by the intrinsics and X into `row`; n in the base, `B` the camera's mount there. */
  function slopes(
    f: Intrinsics,
    X: RigidTransform,
    B: RigidTransform,
    z: number,
    n: ArrayLike<number>,
    w: number,
  ): void {
    const m0 = B[0] * n[0] + B[3] * n[1] + B[6] * n[2];
    const m1 = B[1] * n[0] + B[4] * n[1] + B[7] * n[2];
    const m2 = B[2] * n[0] + B[5] * n[1] + B[8] * n[2];
    const d0 = c[0] - X[9];
    const d1 = c[1] - X[10];
    const d2 = c[2] - X[11];
    row[k] = w * (d1 * m2 - d2 * m1);
    row[k + 1] = w * (d2 * m0 - d0 * m2);
    row[k + 2] = w * (d0 * m1 - d1 * m0);
    row[k + 3] = w * m0;
    row[k + 4] = w * m1;
    row[k + 5] = w * m2;
    // The pixel stays: slopes of the ray by the intrinsics are those of the pixel, turned round through its own.
    projectPoint(f, ray[0], ray[1], 1, projection);
    const { by_point: P, by_intrinsics: I } = projection;
    const determinant = P[0] * P[4] - P[1] * P[3];
    const nx = z * (X[0] * m0 + X[3] * m1 + X[6] * m2);
    const ny = z * (X[1] * m0 + X[4] * m1 + X[7] * m2);
    const a = (-w * (nx * P[4] - ny * P[3])) / determinant;
    const b = (-w * (ny * P[0] - nx * P[1])) / determinant;
    for (let i = 0; i < k; i++) row[i] = a * I[free[i]] + b * I[9 + free[i]];
  }

  /** Measured point of a pixel: in X's mount into `c`, in the base into `W`. */
  function place(f: Intrinsics, X: RigidTransform, B: RigidTransform, u: number, v: number, z: number): void {
    rayOfPixel(f, u, v, ray);
    for (let r = 0; r < 3; r++) c[r] = z * (X[3 * r] * ray[0] + X[3 * r + 1] * ray[1] + X[3 * r + 2]) + X[9 + r];
    for (let r = 0; r < 3; r++) W[r] = B[3 * r] * c[0] + B[3 * r + 1] * c[1] + B[3 * r + 2] * c[2] + B[9 + r];
  }

  return {
    unknowns: common + joints * views.length,
    evaluate({ intrinsics: f, X, offsets, play, table }, equations) {
      const up = Float64Array.of(-table[1], -table[2], 1);
      views.forEach((view, index) => {
        const B = inHand ? correctedHand(view.posture, offsets, play[index]) : still;
        const S = view.posture.joints;
        for (let j = 0; j < joints; j++) columns[common + j] = common + joints * index + j;
        for (let i = 0; i < view.table.length; i += 3) {
          const z = view.table[i + 2];
          const w = 1 / (table_sigma_m * z * z + STEP_SIGMA_M);
          place(f, X, B, view.table[i], view.table[i + 1], z);
          slopes(f, X, B, z, up, w);
          row[k + 6] = -w;
          row[k + 7] = -w * W[0];
          row[k + 8] = -w * W[1];
          for (let j = 0; j < joints; j++) {
            const s = 6 * j;
            const motion =
              up[0] * (S[s + 1] * W[2] - S[s + 2] * W[1] + S[s + 3]) +
              up[1] * (S[s + 2] * W[0] - S[s] * W[2] + S[s + 4]) +
              up[2] * (S[s] * W[1] - S[s + 1] * W[0] + S[s + 5]);
            row[k + 9 + j] = row[common + j] = inHand ? -w * motion : 0;
          }
          equations.add(columns, row, width, w * (W[2] - table[0] - table[1] * W[0] - table[2] * W[1]), huber);
        }
        row.fill(0, k + 6, k + 9);
        const { arm } = view;
        for (let i = 0; arm !== null && i < arm.count; i++) {
          const o = 9 * i;
          const n = arm.data.subarray(o + 3, o + 6);
          const z = arm.data[o + 2];
          const w = 1 / (arm_sigma_m * z * z + STEP_SIGMA_M);
          place(f, X, B, arm.data[o], arm.data[o + 1], z);
          slopes(f, X, B, z, n, w);
          let r = n[0] * (W[0] - arm.data[o + 6]) + n[1] * (W[1] - arm.data[o + 7]) + n[2] * (W[2] - arm.data[o + 8]);
          for (let j = 0; j < joints; j++) {
            const slope = arm.slopes[joints * i + j];
            r += slope * (offsets[j] + play[index][j]);
            row[k + 9 + j] = row[common + j] = w * slope;
          }
          equations.add(columns, row, width, w * r, huber);
        }
        for (let j = 0; j < joints && !known; j++) {
          equations.addPrior(columns[common + j], play[index][j], errors.play_sigma_rad);
        }
      });
      equations.addPrior(k + 6, table[0], table_sigma.height_m);
      equations.addPrior(k + 7, table[1], table_sigma.tilt_rad);
      equations.addPrior(k + 8, table[2], table_sigma.tilt_rad);
      if (known) return;
      addPriors(equations, free, priors, f);
      for (let j = 0; j < joints; j++) equations.addPrior(k + 9 + j, offsets[j], errors.offset_sigma_rad);
    },
    move({ intrinsics, X, offsets, play, table }, step) {
      const next = intrinsics.slice();
      free.forEach((i, a) => {
        next[i] += step[a];
      });
      return {
        intrinsics: next,
        X: moved(X, step, k),
        table: table.map((value, i) => value + step[k + 6 + i]),
        offsets: offsets.map((value, j) => value + step[k + 9 + j]),
        play: play.map((of, view) => of.map((value, j) => value + step[common + joints * view + j])),
      };
    },
  };
}

/** Where the camera is in the base in a view. */
export function cameraInBase(
  mounting: Mounting,
  state: RegistrationState,
  view: number,
  posture: HandPosture,
): RigidTransform {
  return mounting === 'eye_to_hand'
    ? state.X
    : compose(correctedHand(posture, state.offsets, state.play[view]), state.X);
}

/** Distances (m) of the measured points from the arm and from the table. */
export function distances(
  mounting: Mounting,
  state: RegistrationState,
  views: readonly DepthView[],
): { readonly arm: number[][]; readonly table: number[][] } {
  const arm: number[][] = [];
  const table: number[][] = [];
  const ray = new Float64Array(2);
  const { intrinsics, offsets, play, table: plane } = state;
  views.forEach((view, index) => {
    const T = cameraInBase(mounting, state, index, view.posture);
    const at = (u: number, v: number, z: number) => {
      rayOfPixel(intrinsics, u, v, ray);
      return [0, 1, 2].map((r) => z * (T[3 * r] * ray[0] + T[3 * r + 1] * ray[1] + T[3 * r + 2]) + T[9 + r]);
    };
    const onTable: number[] = [];
    for (let i = 0; i < view.table.length; i += 3) {
      const [x, y, z] = at(view.table[i], view.table[i + 1], view.table[i + 2]);
      onTable.push(z - plane[0] - plane[1] * x - plane[2] * y);
    }
    table.push(onTable);
    const onArm: number[] = [];
    const matches = view.arm;
    for (let i = 0; matches !== null && i < matches.count; i++) {
      const m = matches.data.subarray(9 * i, 9 * i + 9);
      const W = at(m[0], m[1], m[2]);
      let r = m[3] * (W[0] - m[6]) + m[4] * (W[1] - m[7]) + m[5] * (W[2] - m[8]);
      for (let j = 0; j < offsets.length; j++)
        r += matches.slopes[matches.joints * i + j] * (offsets[j] + play[index][j]);
      onArm.push(r);
    }
    arm.push(onArm);
  });
  return { arm, table };
}
