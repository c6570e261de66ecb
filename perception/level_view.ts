import {
  AS_PUT_UP,
  backSubstitute,
  CAMERA_ERRORS,
  cameraCovariance,
  congruent,
  factorise,
  rayShifts,
} from './geometry/index.ts';
import type { PixelView } from './regions.ts';

/** Pixels that may be of the table lie this near to its plane, for what the camera is thought to be (m). */
const REACH_M = 0.025;
/** Widths of the weight over the rounds, in deviations of a height, and at least; what is farther from the plane does not count. */
const WIDTHS = [4.5, 3.5, 3, 3];
const LEAST_WIDTHS_M = [0.0045, 0.0035, 0.003, 0.003];
/** Floors lie on a table and nothing lies under it: above it the weight is narrower by this factor. */
const ABOVE = 0.7;
/** The table is the lowest level of at least this share of the most frequent one, as floors and trays lie on it. */
const LEVEL_SHARE = 0.25;
const BIN_M = 0.001;
const SMOOTH = 2;
const SAMPLES = 500;
const LEAST = 60;
/** What a table and depths without bias leave: deviation of the height, and of the height's change per metre (m). */
const FLAT_M = 0.0003;
const SLOPE = 0.0008;
/** A table is only believed where it takes this share of what could be it. */
const LEAST_SHARE = 0.5;
const UP = Float64Array.of(0, 0, 1);
const AS_PUT_UP_COVARIANCE = cameraCovariance(AS_PUT_UP);
const POSE = 6;
/** Coefficients of a plane: height, and its change along x and y. */
const PLANE = 3;

/**
 * Turns and lifts the camera so that the table's plane, as depth shows it, is where it has to be, z = 0: the Kalman update
 * of the camera's pose by the plane's three coefficients, its other errors considered (Schmidt, 1966). What a wrong principal
 * point does to the plane is taken up by the pose, which has the same effect on it.
 * @param P  covariance of the camera's nine errors before, row-major 9×9; by default the view's own
 * @param into  whose arrays are used again, of a view that nobody looks at any more
 * @returns the view with that camera and the covariance after; with its own camera and P where too little table is seen
 */
export function levelView(
  view: PixelView,
  P = view.camera_covariance ?? AS_PUT_UP_COVARIANCE,
  into: Pick<PixelView, 'z' | 'rates'> | null = null,
): PixelView {
  const plane = fitPlane(view);
  if (plane === null) return { ...view, camera_covariance: P };
  const { theta, H, R } = plane;
  const gain = gainOf(P, H, R);
  const error = new Float64Array(POSE);
  for (let i = 0; i < POSE; i++) for (let j = 0; j < PLANE; j++) error[i] += gain[i * PLANE + j] * theta[j];
  const camera = view.camera.moved(error);
  const usable = into !== null && into.z.length === view.z.length && into.z !== view.z;
  const z = usable ? into.z : new Float32Array(view.z.length);
  const rates = usable ? into.rates : new Float32Array(z.length);
  const [, , , , , , , , zx, zy, zz, base] = camera.T;
  const { rays, depth } = view;
  for (let i = 0; i < z.length; i++) {
    rates[i] = zx * rays[2 * i] + zy * rays[2 * i + 1] + zz;
    z[i] = depth[i] > 0 ? base + depth[i] * rates[i] : Number.NaN;
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
function fitPlane(view: PixelView): PlaneFit | null {
  const { camera, rays, depth, z } = view;
  const every = Math.max(1, Math.floor(z.length / SAMPLES));
  const columns = PLANE + 1 + CAMERA_ERRORS;
  const at = new Float64Array(2);
  const row = new Float64Array(columns);
  const shifts = new Float64Array(CAMERA_ERRORS);
  const theta = new Float64Array(PLANE);
  const N = new Float64Array(PLANE * columns);
  let [mx, my] = [0, 0];
  const sigma = heightNoise(view, every);
  for (let round = 0; round < WIDTHS.length; round++) {
    const width = Math.max(LEAST_WIDTHS_M[round], WIDTHS[round] * sigma);
    N.fill(0);
    let [n, near, sx, sy] = [0, 0, 0, 0];
    const last = round === WIDTHS.length - 1;
    const used = last ? columns : PLANE + 1;
    if (round < 2) theta[0] += lowestLevel(view, every, theta, mx, my);
    for (let i = every >> 1; i < z.length; i += every) {
      if (!(Math.abs(z[i]) < REACH_M)) continue;
      near++;
      camera.onPlane(rays[2 * i], rays[2 * i + 1], z[i], at);
      const over = z[i] - theta[0] - theta[1] * (at[0] - mx) - theta[2] * (at[1] - my);
      const a = over / (over > 0 ? ABOVE * width : width);
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
      for (let r = 0; r < PLANE; r++) for (let c = 0; c < used; c++) N[r * columns + c] += w * row[r] * row[c];
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

/** Median deviation of a height by depth noise near the table (m), from second differences along rows. */
function heightNoise({ depth, z, rates, width }: PixelView, every: number): number {
  const values = new Float64Array(Math.ceil(z.length / every) + 1);
  let n = 0;
  for (let i = every >> 1; i + 1 < z.length; i += every) {
    if (!(Math.abs(z[i]) < REACH_M) || i % width === 0 || i % width === width - 1) continue;
    const [a, b, c] = [depth[i - 1], depth[i], depth[i + 1]];
    if (a > 0 && c > 0) values[n++] = Math.abs((a - 2 * b + c) * rates[i]);
  }
  return n === 0 ? 0 : values.subarray(0, n).sort()[n >> 1] / (0.6745 * Math.sqrt(6));
}

/** Lowest frequent height over a plane (m), by a histogram. */
function lowestLevel(
  { camera, rays, z }: PixelView,
  every: number,
  theta: Float64Array,
  mx: number,
  my: number,
): number {
  const bins = Math.ceil((2 * REACH_M) / BIN_M) + 2 * SMOOTH;
  const counts = new Float64Array(bins);
  const at = new Float64Array(2);
  for (let i = every >> 1; i < z.length; i += every) {
    if (!(Math.abs(z[i]) < REACH_M)) continue;
    camera.onPlane(rays[2 * i], rays[2 * i + 1], z[i], at);
    const over = z[i] - theta[0] - theta[1] * (at[0] - mx) - theta[2] * (at[1] - my);
    const bin = Math.floor((over + REACH_M) / BIN_M);
    for (let k = -SMOOTH; k <= SMOOTH; k++) {
      const b = bin + SMOOTH + k;
      if (b >= 0 && b < bins) counts[b] += 1 + SMOOTH - Math.abs(k);
    }
  }
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  for (let b = 1; b < bins - 1; b++) {
    if (counts[b] >= LEVEL_SHARE * most && counts[b] >= counts[b - 1] && counts[b] > counts[b + 1]) {
      return (b - SMOOTH + 0.5) * BIN_M - REACH_M;
    }
  }
  return 0;
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
