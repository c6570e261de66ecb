import { backSubstitute, CAMERA_ERRORS, congruent, factorise, rayShifts } from './geometry/index.ts';
import type { PixelView } from './regions.ts';

/** Pixels that may be of the table lie this near to its plane, for what the camera is thought to be (m). */
const REACH_M = 0.025;
/** Widths of the weight over the rounds: what is farther from the plane than this does not count (m). */
const WIDTHS_M = [0.02, 0.01, 0.006, 0.005];
const SAMPLES = 1500;
const LEAST = 60;
/** What a table and depths without bias leave: deviation of the height, and of the height's change per metre (m). */
const FLAT_M = 0.0003;
const SLOPE = 0.0008;
/** A table is only believed where it takes this share of what could be it. */
const LEAST_SHARE = 0.5;
const UP = Float64Array.of(0, 0, 1);
const POSE = 6;
/** Coefficients of a plane: height, and its change along x and y. */
const PLANE = 3;

/**
 * Turns and lifts the camera so that the table's plane, as depth shows it, is where it has to be, z = 0: the Kalman update
 * of the camera's pose by the plane's three coefficients, its other errors considered (Schmidt, 1966). What a wrong principal
 * point does to the plane is taken up by the pose, which has the same effect on it.
 * @param P  covariance of the camera's nine errors before, row-major 9×9
 * @returns the view with that camera and the covariance after; with its own camera and P where too little table is seen
 */
export function levelView(view: PixelView, P: Float64Array): PixelView {
  const plane = fitPlane(view);
  if (plane === null) return { ...view, camera_covariance: P };
  const { theta, H, R } = plane;
  const gain = gainOf(P, H, R);
  const error = new Float64Array(POSE);
  for (let i = 0; i < POSE; i++) for (let j = 0; j < PLANE; j++) error[i] += gain[i * PLANE + j] * theta[j];
  const camera = view.camera.moved(error);
  const z = new Float32Array(view.z.length);
  const rates = new Float32Array(z.length);
  const { T } = camera;
  const { rays, depth } = view;
  for (let i = 0; i < z.length; i++) {
    rates[i] = T[8] * rays[2 * i] + T[9] * rays[2 * i + 1] + T[10];
    z[i] = depth[i] > 0 ? T[11] + depth[i] * rates[i] : Number.NaN;
  }
  return { ...view, camera, rates, z, camera_covariance: posterior(P, gain, H, R) };
}

interface PlaneFit {
  readonly theta: Float64Array;
  /** How the coefficients move with the camera's errors, row-major 3×9. */
  readonly H: Float64Array;
  readonly R: Float64Array;
}

/** Plane through the heights near z = 0 by least squares with Tukey's weights (Beaton and Tukey, 1974). */
function fitPlane({ camera, rays, depth, z }: PixelView): PlaneFit | null {
  const every = Math.max(1, Math.floor(z.length / SAMPLES));
  const columns = PLANE + 1 + CAMERA_ERRORS;
  const at = new Float64Array(2);
  const row = new Float64Array(columns);
  const shifts = new Float64Array(CAMERA_ERRORS);
  const theta = new Float64Array(PLANE);
  const N = new Float64Array(PLANE * columns);
  let [mx, my] = [Number.NaN, Number.NaN];
  for (const width of WIDTHS_M) {
    N.fill(0);
    let [n, near, sx, sy] = [0, 0, 0, 0];
    const last = width === WIDTHS_M[WIDTHS_M.length - 1];
    for (let i = every >> 1; i < z.length; i += every) {
      if (!(Math.abs(z[i]) < REACH_M)) continue;
      near++;
      camera.onPlane(rays[2 * i], rays[2 * i + 1], z[i], at);
      if (Number.isNaN(mx)) [mx, my] = at;
      const a = (z[i] - theta[0] - theta[1] * (at[0] - mx) - theta[2] * (at[1] - my)) / width;
      if (Math.abs(a) >= 1) continue;
      const w = (1 - a * a) ** 2;
      n++;
      sx += at[0];
      sy += at[1];
      row[0] = 1;
      row[1] = at[0] - mx;
      row[2] = at[1] - my;
      row[3] = z[i];
      if (last) {
        rayShifts(camera, rays[2 * i], rays[2 * i + 1], depth[i], UP, shifts);
        row.set(shifts, PLANE + 1);
      }
      for (let r = 0; r < PLANE; r++) for (let c = 0; c < columns; c++) N[r * columns + c] += w * row[r] * row[c];
    }
    if (n < LEAST || n < LEAST_SHARE * near) return null;
    if (!last) {
      // about the middle of what is left, where height and slopes do not depend on each other
      const [nx, ny] = [sx / n, sy / n];
      solveRows(N, columns);
      theta[0] = N[PLANE] + N[columns + PLANE] * (nx - mx) + N[2 * columns + PLANE] * (ny - my);
      theta[1] = N[columns + PLANE];
      theta[2] = N[2 * columns + PLANE];
      [mx, my] = [nx, ny];
    }
  }
  solveRows(N, columns);
  const H = new Float64Array(PLANE * CAMERA_ERRORS);
  for (let r = 0; r < PLANE; r++) {
    theta[r] = N[r * columns + PLANE];
    for (let k = 0; k < CAMERA_ERRORS; k++) H[r * CAMERA_ERRORS + k] = N[r * columns + PLANE + 1 + k];
  }
  return { theta, H, R: Float64Array.of(FLAT_M ** 2, 0, 0, 0, SLOPE ** 2, 0, 0, 0, SLOPE ** 2) };
}

/** Solves the normal equations of a plane in place: the first three columns are the matrix, the others right sides. */
function solveRows(N: Float64Array, columns: number): void {
  const A = new Float64Array(PLANE * PLANE);
  const L = new Float64Array(PLANE * PLANE);
  const b = new Float64Array(PLANE);
  const x = new Float64Array(PLANE);
  for (let r = 0; r < PLANE; r++) for (let c = 0; c < PLANE; c++) A[r * PLANE + c] = N[r * columns + c];
  for (let r = 0; r < PLANE; r++) A[r * (PLANE + 1)] += 1e-9;
  factorise(A, PLANE, L);
  for (let c = PLANE; c < columns; c++) {
    for (let r = 0; r < PLANE; r++) b[r] = N[r * columns + c];
    backSubstitute(L, PLANE, b, x);
    for (let r = 0; r < PLANE; r++) N[r * columns + c] = x[r];
  }
}

/** Of the pose by the plane, as if the pose alone were uncertain: −P Hᵀ (H P Hᵀ + R)⁻¹, row-major 6×3. */
function gainOf(P: Float64Array, H: Float64Array, R: Float64Array): Float64Array {
  const PH = new Float64Array(POSE * PLANE);
  const S = R.slice();
  for (let i = 0; i < POSE; i++) {
    for (let r = 0; r < PLANE; r++) {
      for (let k = 0; k < POSE; k++) PH[i * PLANE + r] += P[i * CAMERA_ERRORS + k] * H[r * CAMERA_ERRORS + k];
    }
  }
  for (let r = 0; r < PLANE; r++) {
    for (let c = 0; c < PLANE; c++) {
      for (let k = 0; k < POSE; k++) S[r * PLANE + c] += H[r * CAMERA_ERRORS + k] * PH[k * PLANE + c];
    }
  }
  const L = new Float64Array(PLANE * PLANE);
  factorise(S, PLANE, L);
  const gain = new Float64Array(POSE * PLANE);
  const x = new Float64Array(PLANE);
  for (let i = 0; i < POSE; i++) {
    backSubstitute(L, PLANE, PH.subarray(i * PLANE, i * PLANE + PLANE), x);
    for (let r = 0; r < PLANE; r++) gain[i * PLANE + r] = -x[r];
  }
  return gain;
}

/** Joseph's form, which holds for any gain: (I + K H) P (I + K H)ᵀ + K R Kᵀ. */
function posterior(P: Float64Array, gain: Float64Array, H: Float64Array, R: Float64Array): Float64Array {
  const n = CAMERA_ERRORS;
  const A = new Float64Array(n * n);
  const K = new Float64Array(n * PLANE);
  K.set(gain);
  for (let i = 0; i < n; i++) {
    A[i * n + i] = 1;
    for (let j = 0; j < n; j++) for (let r = 0; r < PLANE; r++) A[i * n + j] += K[i * PLANE + r] * H[r * n + j];
  }
  const after = congruent(A, P, n, n);
  const noise = congruent(K, R, n, PLANE);
  return after.map((value, k) => value + noise[k]);
}
