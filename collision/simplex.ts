/** Squared relative height under which a tetrahedron counts as flat and cannot hold the origin. */
const FLAT = 1e-22;
/** Share of a plane's distance from the origin, by its squares, that is no rounding: such a plane parts two bodies. */
export const PARTED = 1e-6;
/** Faces of a tetrahedron, their vertices in order, and the vertex across each. */
const FACES = Uint8Array.of(0, 1, 2, 3, 0, 1, 3, 2, 0, 2, 3, 1, 1, 2, 3, 0);

/**
 * Up to four points of the difference of two convex bodies and the point of their hull closest to the origin, found by its
 * Voronoi regions (Ericson, Real-Time Collision Detection, 5.1). Allocates nothing.
 */
export class Simplex {
  /** Vertices, 3 each (m), and behind them the newest support point. */
  readonly s = new Float64Array(15);
  size = 0;
  /** Closest point to the origin of the simplex (m). */
  readonly v = new Float64Array(3);
  /** Where a plane is known to part the bodies no tetrahedron holds the origin: of a sliver rounding tells inside from out. */
  parted = false;
  /** Of the triangle judged last: closest point, and weights of its second and third vertex; an array, so that none is boxed. */
  private readonly t = new Float64Array(5);
  /** Where in FACES the face kept stands, and bits for those of its vertices that carry the closest point. */
  private face = 0;
  private bits = 0;

  /** To be called before the first vertex of two bodies. */
  clear(): void {
    this.size = 0;
    this.parted = false;
  }

  /** True if the newest support point is already in the simplex. */
  repeats(): boolean {
    const { s } = this;
    const n = 3 * this.size;
    for (let k = 0; k < n; k += 3) if (s[k] === s[n] && s[k + 1] === s[n + 1] && s[k + 2] === s[n + 2]) return true;
    return false;
  }

  /** Shrinks the simplex to the face nearest the origin and sets v; true if it holds the origin, and stays as it is. */
  reduce(): boolean {
    this.face = 0;
    if (this.size === 1) this.vertex();
    else if (this.size === 2) this.segment();
    else if (this.size === 3) this.triangle(0, 3, 6);
    else if (this.tetrahedron()) return true;
    const { t, v } = this;
    v[0] = t[0];
    v[1] = t[1];
    v[2] = t[2];
    this.size = this.keep(this.s);
    return false;
  }

  /** Of 3 numbers by vertex leaves those of the vertices that the last `reduce` kept, and returns how many these are. */
  keep(x: Float64Array): number {
    const { bits, face } = this;
    let n = 0;
    for (let m = 0; m < 3; m++) {
      if ((bits & (1 << m)) === 0) continue;
      // vertices of a face stand in order: none is overwritten before it is read
      const from = 3 * FACES[face + m];
      x[n++] = x[from];
      x[n++] = x[from + 1];
      x[n++] = x[from + 2];
    }
    return n / 3;
  }

  /** Sums 3 numbers by vertex kept, by the weights that make v of the vertices, into `out` (3). */
  combine(x: Float64Array, out: Float64Array): void {
    const { t, bits } = this;
    out[0] = out[1] = out[2] = 0;
    let n = 0;
    for (let m = 0; m < 3; m++) {
      if ((bits & (1 << m)) === 0) continue;
      const weight = m === 0 ? 1 - t[3] - t[4] : t[2 + m];
      out[0] += weight * x[n++];
      out[1] += weight * x[n++];
      out[2] += weight * x[n++];
    }
  }

  private vertex(): void {
    const { s, t } = this;
    this.bits = 1;
    t[0] = s[0];
    t[1] = s[1];
    t[2] = s[2];
    t[3] = t[4] = 0;
  }

  private segment(): void {
    const { s, t } = this;
    const ex = s[3] - s[0];
    const ey = s[4] - s[1];
    const ez = s[5] - s[2];
    const along = -(s[0] * ex + s[1] * ey + s[2] * ez);
    const length2 = ex * ex + ey * ey + ez * ez;
    const f = along <= 0 ? 0 : along >= length2 ? 1 : along / length2;
    this.bits = f === 0 ? 1 : f === 1 ? 2 : 3;
    t[0] = f === 1 ? s[3] : s[0] + f * ex;
    t[1] = f === 1 ? s[4] : s[1] + f * ey;
    t[2] = f === 1 ? s[5] : s[2] + f * ez;
    t[3] = f;
    t[4] = 0;
  }

  private tetrahedron(): boolean {
    const { s, t, parted } = this;
    let best = Number.POSITIVE_INFINITY;
    let bx = 0;
    let by = 0;
    let bz = 0;
    let bf = 0;
    let bg = 0;
    let best_bits = 0;
    let outside = false;
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
      if (!parted && origin_side * inner_side > 0) {
        const flat2 = FLAT * (nx * nx + ny * ny + nz * nz) * (hx * hx + hy * hy + hz * hz);
        if (inner_side * inner_side > flat2) continue;
      }
      outside = true;
      this.triangle(i, j, k);
      const d = t[0] * t[0] + t[1] * t[1] + t[2] * t[2];
      if (d >= best) continue;
      best = d;
      bx = t[0];
      by = t[1];
      bz = t[2];
      bf = t[3];
      bg = t[4];
      best_bits = this.bits;
      this.face = f;
    }
    if (!outside) return true;
    t[0] = bx;
    t[1] = by;
    t[2] = bz;
    t[3] = bf;
    t[4] = bg;
    this.bits = best_bits;
    return false;
  }

  /** Closest point to the origin of the triangle of vertices i, j, k, and which of them carry it. */
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
    // weights of the second and third vertex
    let f = 0;
    let g = 0;
    if (d1 <= 0 && d2 <= 0) this.bits = 1;
    else if (d3 >= 0 && d4 <= d3) {
      this.bits = 2;
      f = 1;
    } else if (vc <= 0 && d1 >= 0 && d3 <= 0) {
      this.bits = 3;
      f = d1 / (d1 - d3);
    } else if (d6 >= 0 && d5 <= d6) {
      this.bits = 4;
      g = 1;
    } else if (vb <= 0 && d2 >= 0 && d6 <= 0) {
      this.bits = 5;
      g = d2 / (d2 - d6);
    } else if (va <= 0 && d4 >= d3 && d5 >= d6) {
      this.bits = 6;
      g = (d4 - d3) / (d4 - d3 + (d5 - d6));
      f = 1 - g;
    } else {
      this.bits = 7;
      const sum = va + vb + vc;
      f = sum > 0 ? vb / sum : 0;
      g = sum > 0 ? vc / sum : 0;
    }
    t[0] = ax + f * ux + g * wx;
    t[1] = ay + f * uy + g * wy;
    t[2] = az + f * uz + g * wz;
    t[3] = f;
    t[4] = g;
  }
}
