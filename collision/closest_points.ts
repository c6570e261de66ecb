import type { ConvexSet } from './convex.ts';
import { PARTED, Simplex } from './simplex.ts';
import { supportPoint } from './support.ts';

const MAX_ITERATIONS = 64;
const RELATIVE_TOLERANCE = 1e-12;
/** Squared distance (m²) under which two cores count as overlapping. */
const TOUCHING = 1e-20;

export const APART = 0;
export const BEYOND = 1;
export const OVERLAP = 2;

/**
 * Closest points of the cores of two convex bodies (their balls left out) after Gilbert, Johnson and Keerthi (1988): as
 * Gjk, but every vertex of the simplex remembers the point of A it came from, and weighs it as it is weighed itself. Frame world. Owns its scratch; allocates nothing.
 */
export class ClosestPoints {
  /** Points of A − B, and the points of A they come from, 3 each; behind them the newest. */
  readonly simplex = new Simplex();
  readonly a = new Float64Array(15);
  /** Closest point of A − B to the origin: from the point on B to the point on A, 3 (m). */
  readonly v = new Float64Array(3);
  readonly point_a = new Float64Array(3);
  /** How far apart the cores may be to be measured (m); a number in an array, so that none is boxed. */
  readonly reach = new Float64Array(1);
  /** Direction of the support point sought next. */
  readonly d = new Float64Array(3);
  private readonly b = new Float64Array(3);

  /**
   * APART: v and point_a are written. BEYOND: the cores are further apart than the reach. OVERLAP: they share a point;
   * the simplex holds the origin.
   */
  run(A: ConvexSet, i: number, B: ConvexSet, j: number): number {
    const { simplex, a, d } = this;
    const { s, v } = simplex;
    const reach2 = this.reach[0] * this.reach[0];
    let vx = A.pose[12 * i + 9] - B.pose[12 * j + 9];
    let vy = A.pose[12 * i + 10] - B.pose[12 * j + 10];
    let vz = A.pose[12 * i + 11] - B.pose[12 * j + 11];
    if (vx * vx + vy * vy + vz * vz < 1e-12) vx = 1;
    simplex.clear();
    let before = Number.POSITIVE_INFINITY;
    let least_gap = Number.POSITIVE_INFINITY;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      const next = 3 * simplex.size;
      d[0] = -vx;
      d[1] = -vy;
      d[2] = -vz;
      this.difference(A, i, B, j, next);
      const vw = vx * s[next] + vy * s[next + 1] + vz * s[next + 2];
      const vv = vx * vx + vy * vy + vz * vz;
      if (vw > 0 && vw * vw > reach2 * vv) return BEYOND;
      if (vw > PARTED * vv) simplex.parted = true;
      if (simplex.size > 0) {
        // a sliver of a simplex can throw v off at the very end: what was best is kept
        if (vv - vw < least_gap) {
          least_gap = vv - vw;
          this.v.set(v);
          simplex.combine(a, this.point_a);
        }
        if (least_gap <= RELATIVE_TOLERANCE * vv || vv >= before || simplex.repeats()) break;
        before = vv;
      }
      simplex.size++;
      if (simplex.reduce()) return OVERLAP;
      simplex.keep(a);
      vx = v[0];
      vy = v[1];
      vz = v[2];
      if (vx * vx + vy * vy + vz * vz <= TOUCHING) return OVERLAP;
    }
    return APART;
  }

  /** Writes the point of A − B farthest along d, and the point of A it comes from, as vertex at `at`. */
  difference(A: ConvexSet, i: number, B: ConvexSet, j: number, at: number): void {
    const { simplex, a, b, d } = this;
    const { s } = simplex;
    supportPoint(A, i, d, 1, a, at);
    supportPoint(B, j, d, -1, b, 0);
    s[at] = a[at] - b[0];
    s[at + 1] = a[at + 1] - b[1];
    s[at + 2] = a[at + 2] - b[2];
  }
}
