/** Cholesky's factor of a symmetric positive definite A; a vanishing pivot leaves its unknown at 0. */
export function factorise(A: Float64Array, n: number, L: Float64Array): void {
  L.set(A);
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) L[j * n + j] -= L[j * n + k] * L[j * n + k];
    const pivot = L[j * n + j];
    const d = pivot > 1e-300 ? Math.sqrt(pivot) : Number.POSITIVE_INFINITY;
    L[j * n + j] = d;
    for (let i = j + 1; i < n; i++) {
      for (let k = 0; k < j; k++) L[i * n + j] -= L[i * n + k] * L[j * n + k];
      L[i * n + j] /= d;
    }
  }
}

/** Solves L Lᵀ x = b. */
export function backSubstitute(L: Float64Array, n: number, b: Float64Array, x: Float64Array): void {
  x.set(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= L[i * n + k] * x[k];
    x[i] /= L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= L[k * n + i] * x[k];
    x[i] /= L[i * n + i];
  }
}

/** M C Mᵀ for M of m×n, all row-major. */
export function congruent(M: Float64Array, C: Float64Array, m: number, n: number): Float64Array {
  const MC = times(M, C, m, n, n);
  const out = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += MC[i * n + k] * M[j * n + k];
      out[i * m + j] = sum;
    }
  }
  return out;
}

/** A B for A of m×n and B of n×k, all row-major. */
export function times(A: Float64Array, B: Float64Array, m: number, n: number, k: number): Float64Array {
  const out = new Float64Array(m * k);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const a = A[i * n + j];
      if (a !== 0) for (let c = 0; c < k; c++) out[i * k + c] += a * B[j * k + c];
    }
  }
  return out;
}
