import type { ConvexSet } from './convex.ts';
import { supportPoint } from './support.ts';

const MAX_ITERATIONS = 64;
const RELATIVE_TOLERANCE = 1e-12;
/** Squared distance (m²) under which two cores count as overlapping. */
const TOUCHING = 1e-20;
/** Share of a plane's distance that is no rounding. */
const PARTED = 1e-6;
/** Squared relative height under which a tetrahedron counts as flat and cannot hold the origin. */
const FLAT = 1e-22;
const FACES = Uint8Array.of(0, 1, 2, 3, 0, 2, 3, 1, 0, 3, 1, 2, 1, 3, 2, 0);

export const APART = 0;
export const BEYOND = 1;
export const OVERLAP = 2;

/**
 * Closest points of the cores of two convex bodies (their balls left out) after Gilbert, Johnson and Keerthi (1988): as
 * Gjk, but every vertex of the simplex remembers the point of A it came from, so that the weights of the closest point
 * give the pair of points. Frame world. Owns its scratch; allocates nothing.
 */
export class ClosestPoints {
  /** The simplex: points of A − B, and the points of A they come from, 3 each; behind them the newest. */
  readonly s = new Float64Array(15);
  readonly a = new Float64Array(15);
  size = 0;
  /** Closest point of A − B to the origin: from the point on B to the point on A, 3 (m). */
  readonly v = new Float64Array(3);
  readonly point_a = new Float64Array(3);
  /** How far apart the cores may be to be measured (m); a number in an array, so that none is boxed. */
  readonly reach = new Float64Array(1);
  /** Direction of the support point sought next. */
  readonly d = new Float64Array(3);
  private readonly best_v = new Float64Array(3);
  private readonly weight = new Float64Array(4);
  private readonly kept = new Float64Array(24);
  private readonly b = new Float64Array(3);
  /** Weights and closest point of the last triangle. */
  private readonly t = new Float64Array(6);

  /**
   * APART: v and point_a are written. BEYOND: the cores are further apart than the reach. OVERLAP: they share a point;
   * the simplex holds the origin.
   */
  run(A: ConvexSet, i: number, B: ConvexSet, j: number): number {
    const { s, v, d } = this;
    const reach2 = this.reach[0] * this.reach[0];
    let vx = A.pose[12 * i + 9] - B.pose[12 * j + 9];
    let vy = A.pose[12 * i + 10] - B.pose[12 * j + 10];
    let vz = A.pose[12 * i + 11] - B.pose[12 * j + 11];
    if (vx * vx + vy * vy + vz * vz < 1e-12) vx = 1;
    this.size = 0;
    let before = Number.POSITIVE_INFINITY;
    let least_gap = Number.POSITIVE_INFINITY;
    let parted = false;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      const next = 3 * this.size;
      d[0] = -vx;
      d[1] = -vy;
      d[2] = -vz;
      this.difference(A, i, B, j, next);
      const vw = vx * s[next] + vy * s[next + 1] + vz * s[next + 2];
      const vv = vx * vx + vy * vy + vz * vz;
      if (vw > 0 && vw * vw > reach2 * vv) return BEYOND;
      if (vw > PARTED * vv) parted = true;
      if (this.size > 0) {
        // a sliver of a simplex can throw v off at the very end: what was best is kept
        if (vv - vw < least_gap) {
          least_gap = vv - vw;
          this.note();
        }
        if (least_gap <= RELATIVE_TOLERANCE * vv || vv >= before || this.repeats()) break;
        before = vv;
      }
      this.size++;
      if (this.reduce()) {
        // A plane parts them already: the simplex is a sliver, of which rounding tells inside from outside.
        if (parted) break;
        return OVERLAP;
      }
      vx = v[0];
      vy = v[1];
      vz = v[2];
      if (vx * vx + vy * vy + vz * vz <= TOUCHING) return OVERLAP;
    }
    for (let k = 0; k < 3; k++) v[k] = this.best_v[k];
    return APART;
  }

  /** Keeps v and the point on A. */
  private note(): void {
    const { point_a, best_v, weight, size, a, v } = this;
    for (let k = 0; k < 3; k++) {
      best_v[k] = v[k];
      point_a[k] = 0;
      for (let m = 0; m < size; m++) point_a[k] += weight[m] * a[3 * m + k];
    }
  }

  /** Writes the point of A − B farthest along d, and the point of A it comes from, as vertex at `at`. */
  difference(A: ConvexSet, i: number, B: ConvexSet, j: number, at: number): void {
    const { s, a, b, d } = this;
    supportPoint(A, i, d, 1, a, at);
    supportPoint(B, j, d, -1, b, 0);
    s[at] = a[at] - b[0];
    s[at + 1] = a[at + 1] - b[1];
    s[at + 2] = a[at + 2] - b[2];
  }

  private repeats(): boolean {
    const { s } = this;
    const n = 3 * this.size;
    for (let k = 0; k < n; k += 3) if (s[k] === s[n] && s[k + 1] === s[n + 1] && s[k + 2] === s[n + 2]) return true;
    return false;
  }

  /** Shrinks the simplex to the face nearest the origin and sets v; true if it holds the origin. */
  private reduce(): boolean {
    const { t, size } = this;
    if (size === 4) return this.tetrahedron();
    if (size === 3) {
      this.triangle(0, 3, 6);
      this.keep(0, 1, 2);
    } else if (size === 2) {
      this.segment();
      this.keep(0, 1, -1);
    } else {
      t[0] = 1;
      this.keep(0, -1, -1);
    }
    return false;
  }

  private segment(): void {
    const { s, t } = this;
    const ex = s[3] - s[0];
    const ey = s[4] - s[1];
    const ez = s[5] - s[2];
    const along = -(s[0] * ex + s[1] * ey + s[2] * ez);
    const length2 = ex * ex + ey * ey + ez * ez;
    t[1] = along <= 0 ? 0 : along >= length2 ? 1 : along / length2;
    t[0] = 1 - t[1];
  }

  private tetrahedron(): boolean {
    const { s, t } = this;
    let best = Number.POSITIVE_INFINITY;
    let best_face = -1;
    for (let f = 0; f < 16; f += 4) {
      const i = 3 * FACES[f];
      const j = 3 * FACES[f + 1];
      const k = 3 * FACES[f + 2];
      const l = 3 * FACES[f + 3];
      const ux = s[j] - s[i];
      const uy = s[j + 1] - s[i + 1];
      const uz = s[j + 2] - s[i + 2];
      const wx = s[k] - s[i];
      const wy = s[k + 1] - s[i + 1];
      const wz = s[k + 2] - s[i + 2];
      const nx = uy * wz - uz * wy;
      const ny = uz * wx - ux * wz;
      const nz = ux * wy - uy * wx;
      const origin_side = -(nx * s[i] + ny * s[i + 1] + nz * s[i + 2]);
      const hx = s[l] - s[i];
      const hy = s[l + 1] - s[i + 1];
      const hz = s[l + 2] - s[i + 2];
      const inner_side = nx * hx + ny * hy + nz * hz;
      const flat = inner_side * inner_side <= FLAT * (nx * nx + ny * ny + nz * nz) * (hx * hx + hy * hy + hz * hz);
      if (!flat && origin_side * inner_side > 0) continue;
      this.triangle(i, j, k);
      const d = t[3] * t[3] + t[4] * t[4] + t[5] * t[5];
      if (d >= best) continue;
      best = d;
      best_face = f;
    }
    if (best_face < 0) return true;
    this.triangle(3 * FACES[best_face], 3 * FACES[best_face + 1], 3 * FACES[best_face + 2]);
    this.keep(FACES[best_face], FACES[best_face + 1], FACES[best_face + 2]);
    return false;
  }

  /** Keeps of up to three vertices those with weight (in t), and sets v. */
  private keep(i: number, j: number, k: number): void {
    const { s, a, t, kept, weight, v } = this;
    let n = 0;
    for (let m = 0; m < 3; m++) {
      const from = 3 * (m === 0 ? i : m === 1 ? j : k);
      if (from < 0 || t[m] === 0) continue;
      weight[n] = t[m];
      for (let c = 0; c < 3; c++) {
        kept[3 * n + c] = s[from + c];
        kept[12 + 3 * n + c] = a[from + c];
      }
      n++;
    }
    v.fill(0);
    for (let m = 0; m < n; m++) {
      for (let c = 0; c < 3; c++) {
        s[3 * m + c] = kept[3 * m + c];
        a[3 * m + c] = kept[12 + 3 * m + c];
        v[c] += weight[m] * s[3 * m + c];
      }
    }
    this.size = n;
  }

  /** Weights of the triangle's closest point to the origin, and the point (Ericson, Real-Time Collision Detection, 5.1.5). */
  private triangle(i: number, j: number, k: number): void {
    const { s, t } = this;
    const ax = s[i];
    const ay = s[i + 1];
    const az = s[i + 2];
    const bx = s[j];
    const by = s[j + 1];
    const bz = s[j + 2];
    const cx = s[k];
    const cy = s[k + 1];
    const cz = s[k + 2];
    const ux = bx - ax;
    const uy = by - ay;
    const uz = bz - az;
    const wx = cx - ax;
    const wy = cy - ay;
    const wz = cz - az;
    const d1 = -(ux * ax + uy * ay + uz * az);
    const d2 = -(wx * ax + wy * ay + wz * az);
    const d3 = -(ux * bx + uy * by + uz * bz);
    const d4 = -(wx * bx + wy * by + wz * bz);
    const d5 = -(ux * cx + uy * cy + uz * cz);
    const d6 = -(wx * cx + wy * cy + wz * cz);
    const va = d3 * d6 - d5 * d4;
    const vb = d5 * d2 - d1 * d6;
    const vc = d1 * d4 - d3 * d2;
    let f = 0;
    let g = 0;
    let e = 0;
    if (d1 <= 0 && d2 <= 0) e = 1;
    else if (d3 >= 0 && d4 <= d3) f = 1;
    else if (vc <= 0 && d1 >= 0 && d3 <= 0) {
      f = d1 / (d1 - d3);
      e = 1 - f;
    } else if (d6 >= 0 && d5 <= d6) g = 1;
    else if (vb <= 0 && d2 >= 0 && d6 <= 0) {
      g = d2 / (d2 - d6);
      e = 1 - g;
    } else if (va <= 0 && d4 >= d3 && d5 >= d6) {
      g = (d4 - d3) / (d4 - d3 + (d5 - d6));
      f = 1 - g;
    } else {
      const sum = va + vb + vc;
      f = sum > 0 ? vb / sum : 0;
      g = sum > 0 ? vc / sum : 0;
      e = 1 - f - g;
    }
    t[0] = e;
    t[1] = f;
    t[2] = g;
    t[3] = ax + f * ux + g * wx;
    t[4] = ay + f * uy + g * wy;
    t[5] = az + f * uz + g * wz;
  }
}
