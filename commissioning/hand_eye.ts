import { InputError, type Pose, type Vector3 } from '../contracts/index.ts';
import {
  composePoses,
  invertPose,
  matrixFromQuaternion,
  quaternionFromMatrix,
  rotate,
  rotationLog,
} from '../dynamics/index.ts';
import { inverse3, polarRotation } from './matrix3.ts';

/** Where the tool was, and where a camera on the hand saw a target that did not move. */
export interface HandEyePair {
  readonly T_base_tool: Pose;
  readonly T_camera_target: Pose;
}

export interface HandEyeEstimate {
  readonly T_tool_camera: Pose;
  /** Half widths of the 95 % intervals of its position, tool axes, m. */
  readonly position_interval_m: Vector3;
  /** Root mean square by which the motions of tool and camera disagree with it. */
  readonly residual_rad: number;
  readonly residual_m: number;
  /** Greatest sine of an angle between two axes of rotation, 0 for parallel ones. */
  readonly axes_apart: number;
}

/** Turns smaller than this say nothing (rad), and axes nearer to parallel than this leave the solution open (sine). */
const LEAST_TURN_RAD = 0.1;
const LEAST_AXES_APART = 0.2;
const TWO_SIGMA = 1.96;

interface Motion {
  readonly A: Pose;
  readonly B: Pose;
  /** Rotation vectors of A and B, rad. */
  readonly alpha: Vector3;
  readonly beta: Vector3;
}

/**
 * The camera's place on the hand from poses in which it looked at the same target: least squares of A X = X B over the motions
 * between all pairs of poses (Park and Martin, "Robot sensor calibration: solving AX = XB on the Euclidean group", IEEE
 * Transactions on Robotics and Automation 10, 1994), with the cross products of rotation vectors as further equations, so
 * that two axes are enough. Throws InputError where the tool did not turn about two axes.
 */
export function handEye(pairs: readonly HandEyePair[]): HandEyeEstimate {
  const motions = motionsOf(pairs);
  const axes_apart = mostApart(motions);
  if (motions.length < 2 || axes_apart < LEAST_AXES_APART) {
    const what = `hand-eye motions of ${pairs.length} poses, ${motions.length} turns, axes apart by sine ${axes_apart.toFixed(2)}`;
    throw new InputError(what, `must be at least 3 poses turned about two axes, apart by ${LEAST_AXES_APART}`);
  }
  const R = rotationOf(motions);
  const { t, interval } = translationOf(motions, R);
  const X = { position: t, orientation: quaternionFromMatrix(R) };
  return { T_tool_camera: X, position_interval_m: interval, ...residuals(motions, X), axes_apart };
}

function motionsOf(pairs: readonly HandEyePair[]): Motion[] {
  const motions: Motion[] = [];
  for (let i = 0; i < pairs.length; i++) {
    for (let j = i + 1; j < pairs.length; j++) {
      const A = composePoses(invertPose(pairs[j].T_base_tool), pairs[i].T_base_tool);
      const B = composePoses(pairs[j].T_camera_target, invertPose(pairs[i].T_camera_target));
      const motion = { A, B, alpha: log(A), beta: log(B) };
      if (Math.hypot(...motion.alpha) > LEAST_TURN_RAD) motions.push(motion);
    }
  }
  return motions;
}

function mostApart(motions: readonly Motion[]): number {
  let most = 0;
  for (const a of motions) {
    for (const b of motions) {
      const sine = Math.hypot(...cross(a.alpha, b.alpha)) / (Math.hypot(...a.alpha) * Math.hypot(...b.alpha));
      most = Math.max(most, sine);
    }
  }
  return most;
}

/** Equation 18: (MᵀM)^(−1/2) Mᵀ with M = Σ β αᵀ, which is the rotation nearest to Mᵀ. */
function rotationOf(motions: readonly Motion[]): Float64Array {
  const Mt = new Float64Array(9);
  const add = (alpha: Vector3, beta: Vector3) => {
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) Mt[3 * i + j] += alpha[i] * beta[j];
  };
  for (const [k, { alpha, beta }] of motions.entries()) {
    add(alpha, beta);
    for (const other of motions.slice(k + 1)) add(cross(alpha, other.alpha), cross(beta, other.beta));
  }
  return polarRotation(Mt);
}

/** Equation 21: (R_A − I) t_X = R_X t_B − t_A of all motions by least squares. */
function translationOf(motions: readonly Motion[], R: Float64Array): { t: Vector3; interval: Vector3 } {
  const N = new Float64Array(9);
  const b = new Float64Array(3);
  const rows = motions.flatMap(({ A, B }) => {
    const RA = matrixFromQuaternion(A.orientation);
    const moved = rotate(R, B.position);
    return [0, 1, 2].map((i) => ({
      c: [0, 1, 2].map((j) => RA[3 * i + j] - (i === j ? 1 : 0)),
      d: moved[i] - A.position[i],
    }));
  });
  for (const { c, d } of rows) {
    for (let i = 0; i < 3; i++) {
      b[i] += c[i] * d;
      for (let j = 0; j < 3; j++) N[3 * i + j] += c[i] * c[j];
    }
  }
  const inverse = inverse3(N);
  const t = rotate(inverse, b);
  const squares = rows.reduce((sum, { c, d }) => sum + (d - c[0] * t[0] - c[1] * t[1] - c[2] * t[2]) ** 2, 0);
  // Pairs of poses share their poses: only so many rows as there are poses count as independent.
  const poses = 0.5 * (1 + Math.sqrt(1 + 8 * motions.length));
  const variance = (squares / rows.length) * (motions.length / Math.max(1, poses - 1));
  const half = (i: number) => TWO_SIGMA * Math.sqrt(variance * inverse[4 * i]);
  return { t, interval: [half(0), half(1), half(2)] };
}

function residuals(motions: readonly Motion[], X: Pose): { residual_rad: number; residual_m: number } {
  let turn = 0;
  let shift = 0;
  for (const { A, B } of motions) {
    const rest = composePoses(invertPose(composePoses(A, X)), composePoses(X, B));
    turn += Math.hypot(...log(rest)) ** 2;
    shift += Math.hypot(...rest.position) ** 2;
  }
  return { residual_rad: Math.sqrt(turn / motions.length), residual_m: Math.sqrt(shift / motions.length) };
}

function log({ orientation }: Pose): Vector3 {
  const out: [number, number, number] = [0, 0, 0];
  rotationLog(matrixFromQuaternion(orientation), 0, out);
  return out;
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
