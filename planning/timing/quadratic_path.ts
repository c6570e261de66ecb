/** The pieces of a curve, quadratic in s each; one at least. */
export interface QuadraticPieces {
  /** Coordinates a point. */
  readonly n: number;
  /** Where the pieces begin, from 0, and the end: pieces + 1. */
  readonly s: Float64Array;
  /** Value, first and second derivative by s where a piece begins: row of n a piece. */
  readonly q: Float64Array;
  readonly dq: Float64Array;
  readonly ddq: Float64Array;
  readonly end: Float64Array;
}

/**
 * A curve q(s) of pieces that are quadratic in s, continuous with its first derivative: straight legs of a polyline and
 * parabolic arcs round its corners (Kunz and Stilman 2012 take circular ones). s is the arc length on the legs.
 */
export class QuadraticPath {
  readonly n: number;
  readonly pieces: number;
  readonly s: Float64Array;
  readonly q: Float64Array;
  readonly dq: Float64Array;
  readonly ddq: Float64Array;
  readonly start: Float64Array;
  readonly end: Float64Array;

  constructor({ n, s, q, dq, ddq, end }: QuadraticPieces) {
    this.n = n;
    this.pieces = s.length - 1;
    this.s = s;
    this.q = q;
    this.dq = dq;
    this.ddq = ddq;
    this.start = q.slice(0, n);
    this.end = end;
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

  /** Piece at s, the later one at a joint. */
  pieceAt(s: number): number {
    let i = 0;
    while (i < this.pieces - 1 && this.s[i + 1] <= s) i++;
    return i;
  }

  /** What is left of the curve from s on, before its end. */
  after(s: number): QuadraticPath {
    const { n, end } = this;
    const i = this.pieceAt(s);
    const ds = s - this.s[i];
    const rest = {
      n,
      s: this.s.slice(i).map((x) => Math.max(0, x - s)),
      q: this.q.slice(i * n),
      dq: this.dq.slice(i * n),
      ddq: this.ddq.slice(i * n),
      end,
    };
    this.write(i, ds, rest.q, 0);
    for (let j = 0; j < n; j++) rest.dq[j] += ds * rest.ddq[j];
    return new QuadraticPath(rest);
  }

  /** The curve up to s, beyond its start. */
  before(s: number): QuadraticPath {
    const { n } = this;
    let pieces = 1;
    while (pieces < this.pieces && this.s[pieces] < s) pieces++;
    const end = new Float64Array(n);
    this.write(pieces - 1, s - this.s[pieces - 1], end, 0);
    return new QuadraticPath({
      n,
      s: Float64Array.of(...this.s.subarray(0, pieces), s),
      q: this.q.slice(0, pieces * n),
      dq: this.dq.slice(0, pieces * n),
      ddq: this.ddq.slice(0, pieces * n),
      end,
    });
  }

  /** Length from the start over which another curve is the same. */
  commonLength(other: QuadraticPath): number {
    let i = 0;
    while (i < Math.min(this.pieces, other.pieces) && beginsAlike(this, other, i)) {
      const [end, end_other] = [this.s[i + 1], other.s[i + 1]];
      if (Math.abs(end - end_other) > SAME) return Math.min(end, end_other);
      i++;
    }
    return Math.min(this.s[i], other.s[i]);
  }
}

/**
 * A polyline with parabolic arcs round its corners, s the arc length on the legs.
 * @param points  corners of the polyline, row of n a point, no two in a row equal; two rows at least
 * @param blend_rad  for every point how far before and after it the arc begins and ends; 0 at the ends. The arcs of the
 *   two ends of a leg may not overlap; a corner without an arc is allowed where the leg goes straight on.
 */
export function roundPolyline(points: Float64Array, n: number, blend_rad: Float64Array): QuadraticPath {
  const count = points.length / n;
  const most = 2 * count;
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
  q.set(points.subarray(0, n));
  return new QuadraticPath({
    n,
    s: s.slice(0, pieces + 1),
    q: q.slice(0, pieces * n),
    dq: dq.slice(0, pieces * n),
    ddq: ddq.slice(0, pieces * n),
    end: points.slice((count - 1) * n),
  });
}

function beginsAlike(a: QuadraticPath, b: QuadraticPath, piece: number): boolean {
  for (let k = piece * a.n; k < (piece + 1) * a.n; k++) {
    if (Math.abs(a.q[k] - b.q[k]) > SAME || Math.abs(a.dq[k] - b.dq[k]) > SAME) return false;
    if (Math.abs(a.ddq[k] - b.ddq[k]) > SAME * Math.max(1, Math.abs(a.ddq[k]))) return false;
  }
  return true;
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

/** Difference that rounding makes between equal curves. */
const SAME = 1e-10;
