import type { Intrinsics } from './lens_model.ts';
import type { RigidTransform } from './rigid_transform.ts';
import { nearestRotation, symmetricEigen } from './symmetric_eigen.ts';

/**
 * Focal lengths and principal point (pixels) without skew or distortion from homographies of a plane in at least three
 * orientations (Zhang, A flexible new technique for camera calibration, PAMI 22, 2000, section 3.1 and appendix B); null
 * if the views do not determine them.
 */
export function closedFormIntrinsics(
  homographies: readonly Float64Array[],
  width: number,
  height: number,
): Intrinsics | null {
  // Pixels about the middle of the picture in units of its size, so that the equations are well scaled.
  const size = width + height;
  const M = new Float64Array(25);
  for (const H of homographies) {
    const scaled = H.slice();
    for (let k = 0; k < 3; k++) {
      scaled[k] = (H[k] - (width / 2) * H[6 + k]) / size;
      scaled[3 + k] = (H[3 + k] - (height / 2) * H[6 + k]) / size;
    }
    const first = length(scaled, 0);
    const v11 = constraint(scaled, 0, 0);
    const v22 = constraint(scaled, 1, 1);
    const v12 = constraint(scaled, 0, 1);
    const w = 1 / first ** 4;
    addOuter(M, v12, w);
    addOuter(
      M,
      v11.map((value, i) => value - v22[i]),
      w,
    );
  }
  const { vectors } = symmetricEigen(M, 5);
  // B11, B22, B13, B23, B33 of B = K⁻ᵀ K⁻¹ without skew.
  const [B11, B22, B13, B23, B33] = Array.from({ length: 5 }, (_, k) => vectors[5 * k + 4]);
  const cx = -B13 / B11;
  const cy = -B23 / B22;
  const lambda = B33 - (B13 * B13) / B11 - (B23 * B23) / B22;
  const fx2 = lambda / B11;
  const fy2 = lambda / B22;
  if (!(fx2 > 0) || !(fy2 > 0)) return null;
  return Float64Array.of(
    size * Math.sqrt(fx2),
    size * Math.sqrt(fy2),
    size * cx + width / 2,
    size * cy + height / 2,
    0,
    0,
    0,
    0,
    0,
  );
}

/** T_camera_board of a homography seen through known intrinsics, distortion left aside (Zhang, 2000, section 3.1). */
export function poseFromHomography(H: Float64Array, f: Intrinsics): RigidTransform {
  const columns = new Float64Array(9);
  for (let k = 0; k < 3; k++) {
    columns[k] = (H[k] - f[2] * H[6 + k]) / f[0];
    columns[3 + k] = (H[3 + k] - f[3] * H[6 + k]) / f[1];
    columns[6 + k] = H[6 + k];
  }
  const scale = Math.sign(columns[8]) / Math.sqrt(length(columns, 0) * length(columns, 1));
  const R = new Float64Array(9);
  for (let r = 0; r < 3; r++) {
    R[3 * r] = scale * columns[3 * r];
    R[3 * r + 1] = scale * columns[3 * r + 1];
  }
  R[2] = R[3] * R[7] - R[6] * R[4];
  R[5] = R[6] * R[1] - R[0] * R[7];
  R[8] = R[0] * R[4] - R[3] * R[1];
  const T = new Float64Array(12);
  T.set(nearestRotation(R));
  for (let r = 0; r < 3; r++) T[9 + r] = scale * columns[3 * r + 2];
  return T;
}

function length(M: Float64Array, column: number): number {
  return Math.hypot(M[column], M[3 + column], M[6 + column]);
}

/** v_ij of Zhang's equation 7 without the skew's entry: B11, B22, B13, B23, B33. */
function constraint(H: Float64Array, i: number, j: number): Float64Array {
  const [a, b, c] = [H[i], H[3 + i], H[6 + i]];
  const [x, y, z] = [H[j], H[3 + j], H[6 + j]];
  return Float64Array.of(a * x, b * y, a * z + c * x, b * z + c * y, c * z);
}

function addOuter(M: Float64Array, row: Float64Array, weight: number): void {
  for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) M[5 * i + j] += weight * row[i] * row[j];
}
