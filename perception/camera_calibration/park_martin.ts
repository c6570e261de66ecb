import { compose, inverse, type RigidTransform, vectorFromRotation } from './rigid_transform.ts';
import { nearestRotation, symmetricEigen } from './symmetric_eigen.ts';

/** Rotations between views smaller than this say nothing of the rotation sought, rad. */
const LEAST_TURN_RAD = 0.01;

/**
 * X with A_i X = X B_i for pairs of motions, rotation first, over every pair of the poses given (Park and Martin, Robot
 * sensor calibration: solving AX = XB on the Euclidean group, 1994).
 * @param T_base_hand  hand in the base, one each
 * @param T_camera_target  target in a camera on the hand, one each
 * @returns T_hand_camera
 */
export function parkMartin(
  T_base_hand: readonly RigidTransform[],
  T_camera_target: readonly RigidTransform[],
): RigidTransform {
  const M = new Float64Array(9);
  const pairs: { readonly A: RigidTransform; readonly B: RigidTransform }[] = [];
  for (let i = 0; i < T_base_hand.length; i++) {
    for (let j = i + 1; j < T_base_hand.length; j++) {
      const A = compose(inverse(T_base_hand[j]), T_base_hand[i]);
      const B = compose(T_camera_target[j], inverse(T_camera_target[i]));
      pairs.push({ A, B });
      const a = vectorFromRotation(A);
      const b = vectorFromRotation(B);
      for (let r = 0; r < 3; r++) for (let k = 0; k < 3; k++) M[3 * r + k] += a[r] * b[k];
    }
  }
  const R = nearestRotation(M);
  // (R_A − I) t = R_X t_B − t_A, all pairs at once.
  const H = new Float64Array(9);
  const g = new Float64Array(3);
  for (const { A, B } of pairs) {
    for (let r = 0; r < 3; r++) {
      const row = [0, 1, 2].map((k) => A[3 * r + k] - (r === k ? 1 : 0));
      const right = R[3 * r] * B[9] + R[3 * r + 1] * B[10] + R[3 * r + 2] * B[11] - A[9 + r];
      for (let i = 0; i < 3; i++) {
        g[i] += row[i] * right;
        for (let k = 0; k < 3; k++) H[3 * i + k] += row[i] * row[k];
      }
    }
  }
  const X = new Float64Array(12);
  X.set(R);
  X.set(solveSymmetric(H, g), 9);
  return X;
}

/**
 * Directions of the axes about which the hand turned between views: how many of them there are, 0 to 3, where 0 is
 * translation alone and 1 a common axis; both leave X open.
 */
export function turnDirections(T_base_hand: readonly RigidTransform[]): number {
  const M = new Float64Array(9);
  let pairs = 0;
  for (let i = 0; i < T_base_hand.length; i++) {
    for (let j = i + 1; j < T_base_hand.length; j++) {
      const a = vectorFromRotation(compose(inverse(T_base_hand[j]), T_base_hand[i]));
      for (let r = 0; r < 3; r++) for (let k = 0; k < 3; k++) M[3 * r + k] += a[r] * a[k];
      pairs++;
    }
  }
  const { values } = symmetricEigen(M, 3);
  return values.filter((value) => value > pairs * LEAST_TURN_RAD ** 2).length;
}

function solveSymmetric(H: Float64Array, g: Float64Array): Float64Array {
  const { values, vectors } = symmetricEigen(H, 3);
  const x = new Float64Array(3);
  for (let c = 0; c < 3; c++) {
    if (!(values[c] > 1e-12 * values[0])) continue;
    let along = 0;
    for (let k = 0; k < 3; k++) along += vectors[3 * k + c] * g[k];
    for (let k = 0; k < 3; k++) x[k] += (vectors[3 * k + c] * along) / values[c];
  }
  return x;
}
