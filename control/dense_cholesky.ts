/** Solves A x = b for symmetric positive definite A of a fixed small size by Cholesky's method; allocates nothing after construction. */
export class DenseCholesky {
  readonly size: number;
  /** Written by factor: least of the squared diagonal of the factor; near 0 for a matrix near singular. */
  readonly least_pivot = new Float64Array(1);
  private readonly L: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.L = new Float64Array(size * size);
  }

  /**
   * Factors A + damping·I, A row-major size×size. False where a pivot is not above `least` times its diagonal entry: the
   * matrix is not positive definite within rounding, and `solve` must not be called.
   */
  factor(A: Float64Array, damping = 0, least = 1e-14): boolean {
    const { L, size: n, least_pivot } = this;
    least_pivot[0] = Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = A[i * n + j];
        if (i === j) sum += damping;
        const diagonal = sum;
        for (let k = 0; k < j; k++) sum -= L[i * n + k] * L[j * n + k];
        if (i !== j) L[i * n + j] = sum / L[j * n + j];
        else if (sum > least * diagonal) {
          L[i * n + i] = Math.sqrt(sum);
          if (sum < least_pivot[0]) least_pivot[0] = sum;
        } else return false;
      }
    }
    return true;
  }

  /** x = A⁻¹ b, `size` numbers from each offset; `x` may be `b`. */
  solve(b: Float64Array, bOffset: number, x: Float64Array, xOffset: number): void {
    const { L, size: n } = this;
    for (let i = 0; i < n; i++) {
      let sum = b[bOffset + i];
      for (let k = 0; k < i; k++) sum -= L[i * n + k] * x[xOffset + k];
      x[xOffset + i] = sum / L[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[xOffset + i];
      for (let k = i + 1; k < n; k++) sum -= L[k * n + i] * x[xOffset + k];
      x[xOffset + i] = sum / L[i * n + i];
    }
  }
}
