import type { CameraModel } from './camera_model.ts';
import { AS_PUT_UP, backSubstitute, CAMERA_ERRORS, cameraCovariance, congruent, factorise } from './geometry/index.ts';
import type { PixelView } from './regions.ts';
import { PLANE, TablePlane } from './table_plane.ts';

const AS_PUT_UP_COVARIANCE = cameraCovariance(AS_PUT_UP);
const POSE = 6;
let tables: TablePlane | null = null;

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
  tables ??= new TablePlane();
  if (!tables.fit(view)) return { ...view, camera_covariance: P };
  const { theta, H, R } = tables;
  const gain = gainOf(P, H, R);
  const error = new Float64Array(POSE);
  for (let i = 0; i < POSE; i++) for (let j = 0; j < PLANE; j++) error[i] += gain[i * PLANE + j] * theta[j];
  const camera = view.camera.moved(error);
  const usable = into !== null && into.z.length === view.z.length && into.z !== view.z;
  const z = usable ? into.z : new Float32Array(view.z.length);
  const rates = usable ? into.rates : new Float32Array(z.length);
  lift(view, camera, rates, z);
  return { ...view, camera, rates, z, camera_covariance: posterior(P, gain, H, R) };
}

/** Writes what the camera's geometry says of every pixel. */
function lift({ rays, depth }: PixelView, { T }: CameraModel, rates: Float32Array, z: Float32Array): void {
  const [, , , , , , , , zx, zy, zz, base] = T;
  for (let i = 0, k = 0; i < z.length; i++, k += 2) {
    const rate = zx * rays[k] + zy * rays[k + 1] + zz;
    const d = depth[i];
    rates[i] = rate;
    z[i] = d > 0 ? base + d * rate : Number.NaN;
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
