/** Eigenvalues in falling order, and eigenvectors as the columns of a row-major n×n matrix. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const SWEEPS = 60;

/** Eigen-decomposition of a symmetric row-major n×n matrix by cyclic Jacobi rotations (Golub and Van Loan, 8.5). */
export function symmetricEigen(A: ArrayLike<number>, n: number): SymmetricEigen {
  const D = Float64Array.from(A);
  const V = new Float64Array(n * n);
  for (let i = 0; i < n; i++) V[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS && offDiagonal(D, n) > 0; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(D, V, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => D[b * n + b] - D[a * n + a]);
  return {
    values: Float64Array.from(order, (i) => D[i * n + i]),
    vectors: Float64Array.from({ length: n * n }, (_, k) => V[n * Math.floor(k / n) + order[k % n]]),
  };
}

/** Sum of squares beside the diagonal; 0 when it no longer counts beside the diagonal. */
function offDiagonal(D: Float64Array, n: number): number {
  let beside = 0;
  let along = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) along += D[i * n + j] ** 2;
      else beside += D[i * n + j] ** 2;
    }
  }
  return beside > 1e-32 * along ? beside : 0;
}

function rotate(D: Float64Array, V: Float64Array, n: number, p: number, q: number): void {
  const off = D[p * n + q];
  if (off === 0) return;
  const theta = (D[q * n + q] - D[p * n + p]) / (2 * off);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [a, b] = [D[k * n + p], D[k * n + q]];
    D[k * n + p] = c * a - s * b;
    D[k * n + q] = s * a + c * b;
  }
  for (let k = 0; k < n; k++) {
    const [a, b] = [D[p * n + k], D[q * n + k]];
    D[p * n + k] = c * a - s * b;
    D[q * n + k] = s * a + c * b;
    const [x, y] = [V[k * n + p], V[k * n + q]];
    V[k * n + p] = c * x - s * y;
    V[k * n + q] = s * x + c * y;
  }
}

/** The rotation nearest to a row-major 3×3 matrix M: M (MᵀM)^(−1/2), its determinant made 1 (Horn et al., 1988). */
export function nearestRotation(M: ArrayLike<number>): Float64Array {
  const MtM = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) MtM[3 * i + j] += M[3 * k + i] * M[3 * k + j];
  const { values, vectors } = symmetricEigen(MtM, 3);
  // Two left singular vectors by M, the third by their cross product: good to rank two.
  const U = new Float64Array(9);
  for (let c = 0; c < 2; c++) {
    const s = Math.sqrt(Math.max(values[c], 1e-300));
    for (let r = 0; r < 3; r++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += M[3 * r + k] * vectors[3 * k + c];
      U[3 * r + c] = sum / s;
    }
  }
  cross(U);
  const V = vectors.slice();
  cross(V);
  const R = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) R[3 * i + j] += U[3 * i + k] * V[3 * j + k];
  return R;
}

/** Makes the third column of a row-major 3×3 the cross product of the first two. */
function cross(A: Float64Array): void {
  A[2] = A[3] * A[7] - A[6] * A[4];
  A[5] = A[6] * A[1] - A[0] * A[7];
  A[8] = A[0] * A[4] - A[3] * A[1];
}
