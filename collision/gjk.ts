import { BOX, type ConvexSet, CYLINDER, HULL } from './convex.ts';

const MAX_ITERATIONS = 48;
const RELATIVE_TOLERANCE = 1e-11;
/** Squared distance (m²) under which two cores count as touching. */
const TOUCHING = 1e-20;
/** Squared height (m²) under which a tetrahedron counts as flat and cannot hold the origin. */
const FLAT = 1e-18;
const FACES = Uint8Array.of(0, 1, 2, 3, 0, 2, 3, 1, 0, 3, 1, 2, 1, 3, 2, 0);

/**
 * Distance between convex bodies after Gilbert, Johnson and Keerthi (1988), with the closest point of the simplex found by
 * its Voronoi regions (Ericson, Real-Time Collision Detection, 5.1). Works in the frame of the second body. Owns its
 * scratch; allocates nothing.
 */
export class Gjk {
  /** Vertices of the simplex (points of A − B), 3 each, and behind them the newest support point. */
  private readonly s = new Float64Array(15);
  private readonly kept = new Float64Array(9);
  private size = 0;
  /** Closest points to the origin of the simplex, and of the last triangle; numbers in arrays, so that none is boxed. */
  private readonly v = new Float64Array(3);
  private readonly t = new Float64Array(3);
  /** Bits of the vertices that carry the triangle's closest point. */
  private bits = 0;
  /** Direction in which a farthest vertex is asked for. */
  private readonly d = new Float64Array(3);
  private readonly no_axis = new Float64Array(3);
  /** Margin (m), and the squared distance of the cores the last run ended with. */
  private readonly numbers = new Float64Array(2);

  /** Distance (≥ 0, m) at which `closer` counts two bodies as touching. */
  get margin_m(): number {
    return this.numbers[MARGIN];
  }

  set margin_m(value: number) {
    this.numbers[MARGIN] = value;
  }

  /** Distance between body i of `a` and body j of `b` (m); 0 when they touch or overlap. */
  distance(a: ConvexSet, i: number, b: ConvexSet, j: number): number {
    this.no_axis.fill(0);
    if (this.run(a, i, b, j, false, this.no_axis, 0)) return 0;
    return Math.max(0, Math.sqrt(this.numbers[SEPARATION2]) - a.rounding[i] - b.rounding[j]);
  }

  /**
   * True if the distance is at most the margin. `axis` keeps a direction per pair at `at` (3 numbers, zeros at first):
   * bodies that stay apart are told apart by their last separating axis in one step.
   */
  closer(a: ConvexSet, i: number, b: ConvexSet, j: number, axis: Float64Array, at: number): boolean {
    return this.run(a, i, b, j, true, axis, at);
  }

  /** Bounded: whether the cores are within the margin and both roundings. Else runs to the distance; true on overlap. */
  private run(
    a: ConvexSet,
    i: number,
    b: ConvexSet,
    j: number,
    bounded: boolean,
    axis: Float64Array,
    at: number,
  ): boolean {
    const limit = this.numbers[MARGIN] + a.rounding[i] + b.rounding[j];
    const limit2 = bounded ? limit * limit : -1;
    const { s, v } = this;
    const pa = a.pose;
    const pb = b.pose;
    const oa = 12 * i;
    const ob = 12 * j;
    const a0 = pa[oa];
    const a1 = pa[oa + 1];
    const a2 = pa[oa + 2];
    const a3 = pa[oa + 3];
    const a4 = pa[oa + 4];
    const a5 = pa[oa + 5];
    const a6 = pa[oa + 6];
    const a7 = pa[oa + 7];
    const a8 = pa[oa + 8];
    const b0 = pb[ob];
    const b1 = pb[ob + 1];
    const b2 = pb[ob + 2];
    const b3 = pb[ob + 3];
    const b4 = pb[ob + 4];
    const b5 = pb[ob + 5];
    const b6 = pb[ob + 6];
    const b7 = pb[ob + 7];
    const b8 = pb[ob + 8];
    const dx = pa[oa + 9] - pb[ob + 9];
    const dy = pa[oa + 10] - pb[ob + 10];
    const dz = pa[oa + 11] - pb[ob + 11];
    const px = b0 * dx + b3 * dy + b6 * dz;
    const py = b1 * dx + b4 * dy + b7 * dz;
    const pz = b2 * dx + b5 * dy + b8 * dz;
    const m0 = b0 * a0 + b3 * a3 + b6 * a6;
    const m1 = b0 * a1 + b3 * a4 + b6 * a7;
    const m2 = b0 * a2 + b3 * a5 + b6 * a8;
    const m3 = b1 * a0 + b4 * a3 + b7 * a6;
    const m4 = b1 * a1 + b4 * a4 + b7 * a7;
    const m5 = b1 * a2 + b4 * a5 + b7 * a8;
    const m6 = b2 * a0 + b5 * a3 + b8 * a6;
    const m7 = b2 * a1 + b5 * a4 + b8 * a7;
    const m8 = b2 * a2 + b5 * a5 + b8 * a8;
    const kind_a = a.kind[i];
    const kind_b = b.kind[j];
    const hull_a = a.vertices[i];
    const hull_b = b.vertices[j];
    const map_a = a.maps[i];
    const map_b = b.maps[j];
    const ax = a.half[3 * i];
    const ay = a.half[3 * i + 1];
    const az = a.half[3 * i + 2];
    const bx = b.half[3 * j];
    const by = b.half[3 * j + 1];
    const bz = b.half[3 * j + 2];

    let vx = axis[at];
    let vy = axis[at + 1];
    let vz = axis[at + 2];
    if (vx === 0 && vy === 0 && vz === 0) {
      vx = px;
      vy = py;
      vz = pz;
      if (vx * vx + vy * vy + vz * vz < 1e-12) vx = 1;
    }
    this.size = 0;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      // support of A towards −v, in B's frame
      const ux = -(m0 * vx + m3 * vy + m6 * vz);
      const uy = -(m1 * vx + m4 * vy + m7 * vz);
      const uz = -(m2 * vx + m5 * vy + m8 * vz);
      let sx = 0;
      let sy = 0;
      let sz = 0;
      if (kind_a === BOX) {
        sx = ux > 0 ? ax : -ax;
        sy = uy > 0 ? ay : -ay;
        sz = uz > 0 ? az : -az;
      } else if (kind_a === CYLINDER) {
        const r = Math.sqrt(ux * ux + uy * uy);
        if (r > 1e-12) {
          sx = (ax * ux) / r;
          sy = (ax * uy) / r;
        }
        sz = uz > 0 ? az : -az;
      } else if (kind_a === HULL) {
        this.d[0] = ux;
        this.d[1] = uy;
        this.d[2] = uz;
        const k = map_a === null ? farthest(hull_a, this.d) : map_a.farthest(this.d, 0);
        sx = hull_a[k];
        sy = hull_a[k + 1];
        sz = hull_a[k + 2];
      }
      let wx = m0 * sx + m1 * sy + m2 * sz + px;
      let wy = m3 * sx + m4 * sy + m5 * sz + py;
      let wz = m6 * sx + m7 * sy + m8 * sz + pz;
      if (kind_b === BOX) {
        wx -= vx > 0 ? bx : -bx;
        wy -= vy > 0 ? by : -by;
        wz -= vz > 0 ? bz : -bz;
      } else if (kind_b === CYLINDER) {
        const r = Math.sqrt(vx * vx + vy * vy);
        if (r > 1e-12) {
          wx -= (bx * vx) / r;
          wy -= (bx * vy) / r;
        }
        wz -= vz > 0 ? bz : -bz;
      } else if (kind_b === HULL) {
        this.d[0] = vx;
        this.d[1] = vy;
        this.d[2] = vz;
        const k = map_b === null ? farthest(hull_b, this.d) : map_b.farthest(this.d, 0);
        wx -= hull_b[k];
        wy -= hull_b[k + 1];
        wz -= hull_b[k + 2];
      }
      const next = 3 * this.size;
      s[next] = wx;
      s[next + 1] = wy;
      s[next + 2] = wz;
      const vw = vx * wx + vy * wy + vz * wz;
      const vv = vx * vx + vy * vy + vz * vz;
      if (bounded && vw > 0 && vw * vw > limit2 * vv) {
        axis[at] = vx;
        axis[at + 1] = vy;
        axis[at + 2] = vz;
        return false;
      }
      if (this.size > 0 && (vv - vw <= RELATIVE_TOLERANCE * vv || this.repeats())) {
        this.numbers[SEPARATION2] = vv;
        return vv <= limit2;
      }
      this.size++;
      if (this.reduce()) return true;
      vx = v[0];
      vy = v[1];
      vz = v[2];
      const now2 = vx * vx + vy * vy + vz * vz;
      if (now2 <= TOUCHING || now2 <= limit2) return true;
    }
    const separation2 = vx * vx + vy * vy + vz * vz;
    this.numbers[SEPARATION2] = separation2;
    return separation2 <= limit2;
  }

  /** True if the newest support point is already in the simplex. */
  private repeats(): boolean {
    const { s } = this;
    const n = 3 * this.size;
    for (let k = 0; k < n; k += 3) if (s[k] === s[n] && s[k + 1] === s[n + 1] && s[k + 2] === s[n + 2]) return true;
    return false;
  }

  /** Shrinks the simplex to the face nearest the origin and sets v; true if it holds the origin. */
  private reduce(): boolean {
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

/** Where the vertex farthest along a direction begins. */
function farthest(vertices: Float64Array, direction: Float64Array): number {
  const x = direction[0];
  const y = direction[1];
  const z = direction[2];
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < vertices.length; i += 3) {
    const along = vertices[i] * x + vertices[i + 1] * y + vertices[i + 2] * z;
    if (along > most) {
      most = along;
      best = i;
    }
  }
  return best;
}

const MARGIN = 0;
const SEPARATION2 = 1;
