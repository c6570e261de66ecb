import type { RobotData } from './data.ts';

/**
 * L Lᵀ = data.M + diag(diagonal), after crba: writes data.L and L_inv_diagonal. The diagonal term (nq, or null) carries
 * armature and implicit damping. Throws when the sum is not positive definite (a massless moving link).
 */
export function choleskyFactor(data: RobotData, diagonal: Float64Array | null): void {
  const { M, L, L_inv_diagonal } = data;
  const n = L_inv_diagonal.length;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      let sum = M[row + j];
      for (let k = 0; k < j; k++) sum -= L[row + k] * L[j * n + k];
      L[row + j] = sum * L_inv_diagonal[j];
    }
    let pivot = M[row + i] + (diagonal === null ? 0 : diagonal[i]);
    for (let k = 0; k < i; k++) pivot -= L[row + k] * L[row + k];
    if (!(pivot > 0)) throw new RangeError(`mass matrix not positive definite at ${data.model.joint_names[i]}`);
    const root = Math.sqrt(pivot);
    L[row + i] = root;
    L_inv_diagonal[i] = 1 / root;
  }
}

/** x = (L Lᵀ)⁻¹ b, after choleskyFactor; nq numbers from each offset; `x` may be `b`. */
export function choleskySolve(
  data: RobotData,
  b: Float64Array,
  bOffset: number,
  x: Float64Array,
  xOffset: number,
): void {
  const { L, L_inv_diagonal } = data;
  const n = L_inv_diagonal.length;
  for (let i = 0; i < n; i++) {
    let sum = b[bOffset + i];
    for (let k = 0; k < i; k++) sum -= L[i * n + k] * x[xOffset + k];
    x[xOffset + i] = sum * L_inv_diagonal[i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[xOffset + i];
    for (let k = i + 1; k < n; k++) sum -= L[k * n + i] * x[xOffset + k];
    x[xOffset + i] = sum * L_inv_diagonal[i];
  }
}
