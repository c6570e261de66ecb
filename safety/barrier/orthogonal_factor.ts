/** The squared part of a unit normal outside the span of the others below which it counts as inside, by rounding. */
const DEPENDENT = 1e-18;

/**
 * The orthogonal factorisation N = J [R; 0] of a changing set of at most n normals in n dimensions, by Givens rotations:
 * normals are added at the end and taken out anywhere (Goldfarb and Idnani 1983, section 4, with the unit matrix for the
 * Hessian). Allocates nothing after construction.
 */
export class OrthogonalFactor {
  readonly n: number;
  /** Normals held. */
  count = 0;
  /** Columns of an orthogonal matrix, row by row; the first `count` span the normals. */
  readonly J: Float64Array;
  /** Upper triangular, row by row. */
  readonly R: Float64Array;
  /** A normal in the frame of J, from `project`; `outside` is the squared length of its part outside the span. */
  readonly d: Float64Array;
  readonly outside = new Float64Array(1);

  constructor(n: number) {
    this.n = n;
    this.J = new Float64Array(n * n);
    this.R = new Float64Array(n * n);
    this.d = new Float64Array(n);
    this.clear();
  }

  clear(): void {
    const { n, J } = this;
    this.count = 0;
    J.fill(0);
    for (let i = 0; i < n; i++) J[(n + 1) * i] = 1;
  }

  /** Whether the normal last projected lies in the span of those held. */
  get dependent(): boolean {
    return this.outside[0] <= DEPENDENT;
  }

  /** Takes the normal of n numbers from `at` into `d` and `outside`. */
  project(normals: Float64Array, at: number): void {
    const { n, J, d, count, outside } = this;
    let rest = 0;
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += J[n * i + j] * normals[at + i];
      d[j] = sum;
      if (j >= count) rest += sum * sum;
    }
    outside[0] = rest;
  }

  /** Into `r`, the normal last projected as a combination of those held. */
  combine(r: Float64Array): void {
    const { n, R, d, count } = this;
    for (let i = count - 1; i >= 0; i--) {
      let sum = d[i];
      for (let j = i + 1; j < count; j++) sum -= R[n * i + j] * r[j];
      r[i] = sum / R[(n + 1) * i];
    }
  }

  /** Into `y`, the point nearest the origin whose products with the normals held are `b`; into `u`, it as their combination. */
  nearest(b: Float64Array, y: Float64Array, u: Float64Array): void {
    const { n, J, R, d, count } = this;
    for (let i = 0; i < count; i++) {
      let sum = b[i];
      for (let j = 0; j < i; j++) sum -= R[n * j + i] * d[j];
      d[i] = sum / R[(n + 1) * i];
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += J[n * i + j] * d[j];
      y[i] = sum;
    }
    this.combine(u);
  }

  /** Adds the normal last projected. */
  add(): void {
    const { n, J, R, d, count } = this;
    for (let j = n - 1; j > count; j--) {
      const size = Math.sqrt(d[j - 1] * d[j - 1] + d[j] * d[j]);
      if (d[j] === 0) continue;
      const c = d[j - 1] / size;
      const s = d[j] / size;
      d[j - 1] = size;
      d[j] = 0;
      rotate(J, n, j - 1, c, s);
    }
    for (let i = 0; i <= count; i++) R[n * i + count] = d[i];
    this.count = count + 1;
  }

  /** Takes out the normal at `index`; those after it move up. */
  remove(index: number): void {
    const { n, J, R, count } = this;
    for (let j = index + 1; j < count; j++) for (let i = 0; i <= j; i++) R[n * i + j - 1] = R[n * i + j];
    for (let k = index; k < count - 1; k++) {
      const a = R[n * k + k];
      const b = R[n * (k + 1) + k];
      const size = Math.sqrt(a * a + b * b);
      const c = a / size;
      const s = b / size;
      for (let j = k; j < count - 1; j++) {
        const high = R[n * k + j];
        const low = R[n * (k + 1) + j];
        R[n * k + j] = c * high + s * low;
        R[n * (k + 1) + j] = c * low - s * high;
      }
      R[n * (k + 1) + k] = 0;
      rotate(J, n, k, c, s);
    }
    this.count = count - 1;
  }
}

/** Turns columns k and k + 1. */
function rotate(J: Float64Array, n: number, k: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const left = J[n * i + k];
    const right = J[n * i + k + 1];
    J[n * i + k] = c * left + s * right;
    J[n * i + k + 1] = c * right - s * left;
  }
}
