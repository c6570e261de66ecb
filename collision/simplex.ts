/** Squared height (m²) under which a tetrahedron counts as flat and cannot hold the origin. */
const FLAT = 1e-18;
const FACES = Uint8Array.of(0, 1, 2, 3, 0, 2, 3, 1, 0, 3, 1, 2, 1, 3, 2, 0);

/**
 * Up to four points of the difference of two convex bodies and the point of their hull closest to the origin, found by its
 * Voronoi regions (Ericson, Real-Time Collision Detection, 5.1). Allocates nothing.
 */
export class Simplex {
  /** Vertices, 3 each (m), and behind them the newest support point. */
  readonly s = new Float64Array(15);
  size = 0;
  /** Closest points to the origin of the simplex, and of the last triangle; numbers in arrays, so that none is boxed. */
  readonly v = new Float64Array(3);
  private readonly t = new Float64Array(3);
  private readonly kept = new Float64Array(9);
  /** Bits of the vertices that carry the triangle's closest point. */
  private bits = 0;

  /** True if the newest support point is already in the simplex. */
  repeats(): boolean {
    const { s } = this;
    const n = 3 * this.size;
    for (let k = 0; k < n; k += 3) if (s[k] === s[n] && s[k + 1] === s[n + 1] && s[k + 2] === s[n + 2]) return true;
    return false;
  }

  /** Shrinks the simplex to the face nearest the origin and sets v; true if it holds the origin. */
  reduce(): boolean {
    if (this.size === 1) {
      this.vertex();
      return false;
    }
    if (this.size === 2) {
      this.segment();
      return false;
    }
    if (this.size === 3) {
      this.triangle(0, 3, 6);
      this.take(0, 3, 6);
      return false;
    }
    return this.tetrahedron();
  }

  private vertex(): void {
    const { s, v } = this;
    this.size = 1;
    v[0] = s[0];
    v[1] = s[1];
    v[2] = s[2];
  }

  private segment(): void {
    const { s, v } = this;
    const ex = s[3] - s[0];
    const ey = s[4] - s[1];
    const ez = s[5] - s[2];
    const along = -(s[0] * ex + s[1] * ey + s[2] * ez);
    const length2 = ex * ex + ey * ey + ez * ez;
    if (along > 0 && along < length2) {
      const f = along / length2;
      v[0] = s[0] + f * ex;
      v[1] = s[1] + f * ey;
      v[2] = s[2] + f * ez;
      return;
    }
    if (along >= length2) s.copyWithin(0, 3, 6);
    this.vertex();
  }

  private tetrahedron(): boolean {
    const { s, t } = this;
    let best = Number.POSITIVE_INFINITY;
    let bx = 0;
    let by = 0;
    let bz = 0;
    let best_bits = 0;
    let best_face = 0;
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
      const inner_side = nx * (s[l] - s[i]) + ny * (s[l + 1] - s[i + 1]) + nz * (s[l + 2] - s[i + 2]);
      const flat = inner_side * inner_side <= FLAT * (nx * nx + ny * ny + nz * nz);
      if (!flat && origin_side * inner_side > 0) continue;
      outside = true;
      this.triangle(i, j, k);
      const d = t[0] * t[0] + t[1] * t[1] + t[2] * t[2];
      if (d >= best) continue;
      best = d;
      bx = t[0];
      by = t[1];
      bz = t[2];
      best_bits = this.bits;
      best_face = f;
    }
    if (!outside) return true;
    t[0] = bx;
    t[1] = by;
    t[2] = bz;
    this.bits = best_bits;
    this.take(3 * FACES[best_face], 3 * FACES[best_face + 1], 3 * FACES[best_face + 2]);
    return false;
  }

  /** Keeps of three vertices those named by `bits`, and makes the triangle's closest point v. */
  private take(i: number, j: number, k: number): void {
    const { s, kept, bits } = this;
    let n = 0;
    for (let m = 0; m < 3; m++) {
      if ((bits & (1 << m)) === 0) continue;
      const from = m === 0 ? i : m === 1 ? j : k;
      kept[n++] = s[from];
      kept[n++] = s[from + 1];
      kept[n++] = s[from + 2];
    }
    for (let m = 0; m < n; m++) s[m] = kept[m];
    this.size = n / 3;
    this.v.set(this.t);
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
      f = vb / sum;
      g = vc / sum;
    }
    t[0] = ax + f * ux + g * wx;
    t[1] = ay + f * uy + g * wy;
    t[2] = az + f * uz + g * wz;
  }
}
