/**
 * A curve q(s) of pieces that are quadratic in s, continuous with its first derivative: straight legs of a polyline and
 * parabolic arcs round its corners (Kunz and Stilman 2012 take circular ones). s is the arc length on the legs.
 */
export class QuadraticPath {
  /** Coordinates a point. */
  readonly n: number;
  readonly pieces: number;
  /** Where the pieces begin, and the end: pieces + 1. */
  readonly s: Float64Array;
  /** Value, first and second derivative by s where a piece begins: row of n a piece. */
  readonly q: Float64Array;
  readonly dq: Float64Array;
  readonly ddq: Float64Array;
  readonly start: Float64Array;
  readonly end: Float64Array;

  /**
   * @param points  corners of the polyline, row of n a point, no two in a row equal; two rows at least
   * @param blend_rad  for every point how far before and after it the arc begins and ends; 0 at the ends. The arcs of the
   *   two ends of a leg may not overlap; a corner without an arc is allowed where the leg goes straight on.
   */
  constructor(points: Float64Array, n: number, blend_rad: Float64Array) {
    const count = points.length / n;
    const most = 2 * count;
    this.n = n;
    const s = new Float64Array(most + 1);
    const q = new Float64Array(most * n);
    const dq = new Float64Array(most * n);
    const ddq = new Float64Array(most * n);
    let pieces = 0;
    for (let i = 1; i < count; i++) {
      const length = legLength(points, n, i);
      const from = blend_rad[i - 1];
      const straight = length - from - blend_rad[i];
      if (straight > 1e-12 * length) {
        for (let j = 0; j < n; j++) {
          const u = (points[i * n + j] - points[(i - 1) * n + j]) / length;
          q[pieces * n + j] = points[(i - 1) * n + j] + from * u;
          dq[pieces * n + j] = u;
        }
        s[pieces + 1] = s[pieces] + straight;
        pieces++;
      }
      const d = blend_rad[i];
      if (d > 0) {
        const next = legLength(points, n, i + 1);
        for (let j = 0; j < n; j++) {
          const u = (points[i * n + j] - points[(i - 1) * n + j]) / length;
          const v = (points[(i + 1) * n + j] - points[i * n + j]) / next;
          q[pieces * n + j] = points[i * n + j] - d * u;
          dq[pieces * n + j] = u;
          ddq[pieces * n + j] = (v - u) / (2 * d);
        }
        s[pieces + 1] = s[pieces] + 2 * d;
        pieces++;
      }
    }
    this.pieces = pieces;
    this.s = s.subarray(0, pieces + 1);
    this.q = q.subarray(0, pieces * n);
    this.dq = dq.subarray(0, pieces * n);
    this.ddq = ddq.subarray(0, pieces * n);
    this.start = points.slice(0, n);
    this.end = points.slice((count - 1) * n);
  }

  /** Length in s (rad). */
  get length(): number {
    return this.s[this.pieces];
  }

  /** Value of piece i at `ds` from its beginning, into `out` at `at`. */
  write(i: number, ds: number, out: Float64Array, at: number): void {
    const { n, q, dq, ddq } = this;
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      out[at + j] = q[k] + ds * (dq[k] + (ds / 2) * ddq[k]);
    }
  }
}

/** Length of the leg that ends at point i (rad). */
export function legLength(points: Float64Array, n: number, i: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) {
    const d = points[i * n + j] - points[(i - 1) * n + j];
    sum += d * d;
  }
  return Math.sqrt(sum);
}
