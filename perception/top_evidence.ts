import type { CameraModel } from './camera_model.ts';
import { CAMERA_ERRORS, imageSlopes, rayShifts } from './geometry/camera_uncertainty.ts';
import { backSubstitute, congruent, factorise, type TopFit } from './geometry/index.ts';

/** A top face seen from above, read as a rectangle or as a circle. */
export interface SeenTop {
  readonly fit: TopFit;
  readonly round: boolean;
  /** Outline points x, y (m) in the plane of the top, without those where something higher hides it. */
  readonly outline: Float64Array;
  /** Share of the outline that something higher hides. */
  readonly hidden: number;
  /** Of the pixels that were taken for it, in the plane of the top (m²). */
  readonly area_m2: number;
  readonly height_m: number;
  /** Side of a pixel in the plane of the top (m). */
  readonly pixel_m: number;
}

/** Errors of outline points at neighbouring pixels go together; this many of them count as one observation. */
const CORRELATION = 3;
/** An outline is never known better than this share of a pixel, and says nothing of a side within so many of a corner. */
const LEAST_PX = 0.25;
const CORNER_PX = 2;
/** What may be of a size or a turn that no outline shows, standard deviations (m, rad). */
const UNSEEN = { size_m: 0.01, yaw_rad: 0.3 } as const;
/** Of a top's height by the mean of its depths (m). */
const HEIGHT_SIGMA_M = 0.001;
/** Things that stand are upright, but for this (rad). */
const UPRIGHT_RAD = 0.02;

/** Distance of an outline point from a fitted outline (m), and its change with x, y, yaw, and the two sizes. */
type Gap = (x: number, y: number, slopes: Float64Array) => number;
const PARAMETERS = 5;

/**
 * Share of the evidence that a top explains, 0..1: outline in view, points of it within a pixel of the fitted one, and how
 * far the pixels fill the fitted shape.
 */
export function explainedShare({ outline, hidden, area_m2, pixel_m, ...top }: SeenTop): number {
  const { gap, shape_m2 } = outlineOf(top);
  const slopes = new Float64Array(PARAMETERS);
  let near = 0;
  for (let k = 0; k < outline.length; k += 2) if (Math.abs(gap(outline[k], outline[k + 1], slopes)) < pixel_m) near++;
  const points = outline.length / 2;
  const filled = Math.min(area_m2, shape_m2) / Math.max(area_m2, shape_m2);
  return points === 0 ? 0 : (1 - hidden) * (near / points) * filled;
}

/**
 * Covariance of x, y, z, roll, pitch, yaw of what has this top and stands on a floor that is known, row-major 6×6: of the
 * outline's least squares, in which sides that are not seen leave size and place open, and of the camera's nine errors.
 * @param camera_covariance  row-major 9×9, as cameraCovariance gives it
 */
export function topCovariance(top: SeenTop, camera: CameraModel, camera_covariance: Float64Array): number[] {
  const [x, y, yaw] = [0, 1, 2];
  const own = outlineCovariance(top);
  const of_camera = cameraPart(top, camera, camera_covariance);
  const C = new Array<number>(36).fill(0);
  for (const i of [x, y]) for (const j of [x, y]) C[6 * i + j] = own[PARAMETERS * i + j] + of_camera[3 * i + j];
  // The middle is half-way between the floor and the top.
  for (const i of [x, y]) C[6 * i + 2] = C[12 + i] = of_camera[3 * i + 2] / 2;
  C[14] = (HEIGHT_SIGMA_M ** 2 + of_camera[8]) / 4;
  C[21] = C[28] = UPRIGHT_RAD ** 2;
  C[35] = own[PARAMETERS * yaw + yaw];
  for (const i of [x, y]) C[6 * i + 5] = C[30 + i] = own[PARAMETERS * i + yaw];
  return C;
}

/** Of x, y, yaw and both sizes, row-major 5×5. */
function outlineCovariance({ outline, pixel_m, ...top }: SeenTop): Float64Array {
  const { gap, isCorner } = outlineOf(top);
  const H = new Float64Array(PARAMETERS * PARAMETERS);
  const slopes = new Float64Array(PARAMETERS);
  let [sum, points] = [0, 0];
  for (let k = 0; k < outline.length; k += 2) {
    if (isCorner(outline[k], outline[k + 1], CORNER_PX * pixel_m)) continue;
    sum += gap(outline[k], outline[k + 1], slopes) ** 2;
    points++;
    for (let i = 0; i < PARAMETERS; i++)
      for (let j = 0; j < PARAMETERS; j++) H[PARAMETERS * i + j] += slopes[i] * slopes[j];
  }
  const variance = Math.max(sum / Math.max(1, points), (LEAST_PX * pixel_m) ** 2);
  for (let i = 0; i < H.length; i++) H[i] /= CORRELATION * variance;
  const [size, turn] = [1 / UNSEEN.size_m ** 2, 1 / UNSEEN.yaw_rad ** 2];
  for (const [k, prior] of [size, size, turn, size, size].entries()) H[(PARAMETERS + 1) * k] += prior;
  return inverse(H, PARAMETERS);
}

/** Of x, y, z of a point of the top by the camera's errors, row-major 3×3. */
function cameraPart(
  { fit, round, height_m: Z }: SeenTop,
  camera: CameraModel,
  camera_covariance: Float64Array,
): Float64Array {
  const { x: X, y: Y } = round ? fit.circle : fit.rectangle;
  const { T } = camera;
  const slopes = new Float64Array(2 * CAMERA_ERRORS);
  imageSlopes(camera, X, Y, Z, slopes);
  // A camera that moves by d sees as one that stands would see points moved by −d: pixels by world x, y.
  const by = (row: number, axis: number): number => {
    let sum = 0;
    for (let k = 0; k < 3; k++) sum -= slopes[CAMERA_ERRORS * row + k] * T[4 * axis + k];
    return sum;
  };
  const [a, b, c, d] = [by(0, 0), by(0, 1), by(1, 0), by(1, 1)];
  const det = a * d - b * c;
  const [dx, dy, dz] = [X - T[3], Y - T[7], Z - T[11]];
  const depth = T[2] * dx + T[6] * dy + T[10] * dz;
  const [u, v] = [0, 1].map((k) => (T[k] * dx + T[4 + k] * dy + T[8 + k] * dz) / depth);
  const shifts = new Float64Array(CAMERA_ERRORS);
  rayShifts(camera, u, v, depth, Float64Array.of(0, 0, 1), shifts);
  const J = new Float64Array(3 * CAMERA_ERRORS);
  for (let e = 0; e < CAMERA_ERRORS; e++) {
    const [pu, pv] = [slopes[e], slopes[CAMERA_ERRORS + e]];
    // The object is taken to be where the seen pixels are, by a camera that is off.
    J[e] = (d * pu - b * pv) / det;
    J[CAMERA_ERRORS + e] = (a * pv - c * pu) / det;
    J[2 * CAMERA_ERRORS + e] = -shifts[e];
  }
  return congruent(J, camera_covariance, 3, CAMERA_ERRORS);
}

function outlineOf({ fit, round }: Pick<SeenTop, 'fit' | 'round'>): {
  readonly gap: Gap;
  readonly isCorner: (x: number, y: number, near_m: number) => boolean;
  readonly shape_m2: number;
} {
  if (round) {
    const { x, y, radius } = fit.circle;
    const gap: Gap = (px, py, slopes) => {
      const r = Math.hypot(px - x, py - y);
      slopes.fill(0);
      slopes[0] = (x - px) / r;
      slopes[1] = (y - py) / r;
      slopes[3] = -0.5;
      return r - radius;
    };
    return { gap, isCorner: () => false, shape_m2: Math.PI * radius * radius };
  }
  const { x, y, angle_rad, length, width } = fit.rectangle;
  const [c, s] = [Math.cos(angle_rad), Math.sin(angle_rad)];
  const gap: Gap = (px, py, slopes) => {
    const p = c * (px - x) + s * (py - y);
    const q = c * (py - y) - s * (px - x);
    const a = Math.abs(p) - length / 2;
    const b = Math.abs(q) - width / 2;
    const across = Math.abs(a) < Math.abs(b) || (b < 0 && a > b);
    const side = Math.sign(across ? p : q);
    slopes.fill(0);
    slopes[0] = -side * (across ? c : -s);
    slopes[1] = -side * (across ? s : c);
    slopes[2] = side * (across ? q : -p);
    slopes[across ? 3 : 4] = -0.5;
    return across ? a : b;
  };
  const isCorner = (px: number, py: number, near_m: number): boolean => {
    const p = Math.abs(c * (px - x) + s * (py - y));
    const q = Math.abs(c * (py - y) - s * (px - x));
    return p > length / 2 - near_m && q > width / 2 - near_m;
  };
  return { gap, isCorner, shape_m2: length * width };
}

/** Inverse of a symmetric positive definite matrix, row-major. */
function inverse(A: Float64Array, n: number): Float64Array {
  const L = new Float64Array(n * n);
  factorise(A, n, L);
  const out = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    unit.fill(0);
    unit[k] = 1;
    backSubstitute(L, n, unit, out.subarray(n * k, n * k + n));
  }
  return out;
}
