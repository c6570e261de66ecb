/**
 * Interpolating cubic spline with continuous second derivative over n coordinates, clamped at both ends to the slopes of
 * cubics through the four outermost points (de Boor, A Practical Guide to Splines, IV). Knots strictly increasing, at
 * least four.
 */
export class CubicSpline {
  readonly knots: Float64Array;
  /** Coordinates a point. */
  readonly n: number;
  /** Values and second derivatives at the knots, row a knot. */
  private readonly y: Float64Array;
  private readonly m: Float64Array;

  /** @param values  one row of n a knot */
  constructor(knots: Float64Array, values: Float64Array, n: number) {
    const k = knots.length;
    if (k < 4 || values.length !== k * n) {
      throw new RangeError(`CubicSpline: ${k} knots and ${values.length} values; needs 4 knots and ${n} values a knot`);
    }
    for (let i = 1; i < k; i++)
      if (!(knots[i] > knots[i - 1])) throw new RangeError(`CubicSpline: knot ${i} is not after the last`);
    this.knots = knots;
    this.n = n;
    this.y = values;
    this.m = new Float64Array(k * n);
    const c = new Float64Array(k);
    const d = new Float64Array(k);
    for (let j = 0; j < n; j++) {
      const h0 = knots[1] - knots[0];
      const hl = knots[k - 1] - knots[k - 2];
      const first = endSlope(knots, values, n, j, 0, 1);
      const last = endSlope(knots, values, n, j, k - 1, -1);
      c[0] = 0.5;
      d[0] = (3 / h0) * ((values[n + j] - values[j]) / h0 - first);
      for (let i = 1; i < k; i++) {
        const left = knots[i] - knots[i - 1];
        const right = i < k - 1 ? knots[i + 1] - knots[i] : 0;
        const slope_left = (values[i * n + j] - values[(i - 1) * n + j]) / left;
        const [lower, diagonal, rhs] =
          i < k - 1
            ? [left, 2 * (left + right), 6 * ((values[(i + 1) * n + j] - values[i * n + j]) / right - slope_left)]
            : [hl, 2 * hl, 6 * (last - slope_left)];
        const pivot = diagonal - lower * c[i - 1];
        c[i] = right / pivot;
        d[i] = (rhs - lower * d[i - 1]) / pivot;
      }
      this.m[(k - 1) * n + j] = d[k - 1];
      for (let i = k - 2; i >= 0; i--) this.m[i * n + j] = d[i] - c[i] * this.m[(i + 1) * n + j];
    }
  }

  get start(): number {
    return this.knots[0];
  }

  get end(): number {
    return this.knots[this.knots.length - 1];
  }

  /** Value and first three derivatives by the parameter at s, n each, into `out` (4·n). */
  evaluate(s: number, out: Float64Array): void {
    const { knots, n, y, m } = this;
    let low = 0;
    let high = knots.length - 1;
    while (high - low > 1) {
      const mid = (low + high) >> 1;
      if (knots[mid] <= s) low = mid;
      else high = mid;
    }
    const h = knots[high] - knots[low];
    const a = (knots[high] - s) / h;
    const b = (s - knots[low]) / h;
    for (let j = 0; j < n; j++) {
      const y0 = y[low * n + j];
      const y1 = y[high * n + j];
      const m0 = m[low * n + j];
      const m1 = m[high * n + j];
      out[j] = a * y0 + b * y1 + (((a * a * a - a) * m0 + (b * b * b - b) * m1) * h * h) / 6;
      out[n + j] = (y1 - y0) / h + (((3 * b * b - 1) * m1 - (3 * a * a - 1) * m0) * h) / 6;
      out[2 * n + j] = a * m0 + b * m1;
      out[3 * n + j] = (m1 - m0) / h;
    }
  }
}

/** Slope at an end of the cubic through the four outermost points there (Newton's divided differences). */
function endSlope(knots: Float64Array, values: Float64Array, n: number, j: number, at: number, step: 1 | -1): number {
  const x = [0, 1, 2, 3].map((i) => knots[at + i * step]);
  const f = [0, 1, 2, 3].map((i) => values[(at + i * step) * n + j]);
  for (let order = 1; order < 4; order++) {
    for (let i = 3; i >= order; i--) f[i] = (f[i] - f[i - 1]) / (x[i] - x[i - order]);
  }
  return f[1] + f[2] * (x[0] - x[1]) + f[3] * (x[0] - x[1]) * (x[0] - x[2]);
}
