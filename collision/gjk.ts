import { BOX, type ConvexSet, CYLINDER, HULL } from './convex.ts';
import { PARTED, Simplex } from './simplex.ts';

const MAX_ITERATIONS = 48;
const RELATIVE_TOLERANCE = 1e-11;
/** Squared distance (m²) under which two cores count as touching. */
const TOUCHING2 = 1e-20;
/** Where the bounds of a distance are so near to each other that a separating plane is not looked for further. */
const NARROW = 0.9;

/** What `judge` finds: no contact throughout the motion, none now, or contact now. */
export const STAYS_FREE = 0;
export const FREE_NOW = 1;
export const TOUCHES = 2;

/**
 * Distance between convex bodies after Gilbert, Johnson and Keerthi (1988), in the frame of the second body. Owns its
 * scratch; allocates nothing.
 */
export class Gjk {
  /**
   * Motion of body A seen from body B, for `judge`: velocity of a point of A (its reference point) and angular velocity
   * per unit of time, axes of the world; radius about the reference point that holds A (m); how long the motion lasts
   * before and after now; how far second-order terms move any point of A in that time (m).
   */
  readonly motion = new Float64Array(9);
  /** Pose of the first body in the frame of the second: rotation row-major 9 and position 3 (m); written by `relate`. */
  readonly relative = new Float64Array(12);
  private readonly simplex = new Simplex();
  /** Direction in which a farthest vertex is asked for. */
  private readonly d = new Float64Array(3);
  private readonly no_axis = new Float64Array(3);
  /** Margin, squared distance of the cores the last run ended with, and gap; an array, so that no number is boxed (m, m²). */
  readonly numbers = new Float64Array(3);

  /** Distance (≥ 0, m) at which `closer` and `judge` count two bodies as touching. */
  get margin_m(): number {
    return this.numbers[MARGIN];
  }

  set margin_m(value: number) {
    this.numbers[MARGIN] = value;
  }

  /** Distance between body i of `a` and body j of `b` (m); 0 when they touch or overlap. */
  distance(a: ConvexSet, i: number, b: ConvexSet, j: number): number {
    this.no_axis.fill(0);
    this.relate(a, i, b, j);
    if (this.run(a, i, b, j, DISTANCE, this.no_axis, 0) === TOUCHES) return 0;
    return Math.max(0, Math.sqrt(this.numbers[SEPARATION2]) - a.rounding[i] - b.rounding[j]);
  }

  /**
   * True if the distance is at most the margin. `axis` keeps a direction per pair at `at` (3 numbers, zeros at first):
   * bodies that stay apart are told apart by their last separating axis in one step.
   */
  closer(a: ConvexSet, i: number, b: ConvexSet, j: number, axis: Float64Array, at: number): boolean {
    this.relate(a, i, b, j);
    return this.run(a, i, b, j, CLOSER, axis, at) === TOUCHES;
  }

  /** As `closer`, after `relate` for the same bodies. */
  closerRelated(a: ConvexSet, i: number, b: ConvexSet, j: number, axis: Float64Array, at: number): boolean {
    return this.run(a, i, b, j, CLOSER, axis, at) === TOUCHES;
  }

  /**
   * After `relate`: TOUCHES if the distance is at most the margin; STAYS_FREE if a plane between the bodies is crossed by
   * no point of A during `motion` either; else FREE_NOW.
   */
  judge(a: ConvexSet, i: number, b: ConvexSet, j: number, axis: Float64Array, at: number): number {
    return this.run(a, i, b, j, JUDGE, axis, at);
  }

  /** Writes `relative` for body i of `a` and body j of `b`. */
  relate(a: ConvexSet, i: number, b: ConvexSet, j: number): void {
    const pa = a.pose;
    const pb = b.pose;
    const m = this.relative;
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
    const dx = pa[oa + 9] - pb[ob + 9];
    const dy = pa[oa + 10] - pb[ob + 10];
    const dz = pa[oa + 11] - pb[ob + 11];
    for (let k = 0; k < 3; k++) {
      const x = pb[ob + k];
      const y = pb[ob + 3 + k];
      const z = pb[ob + 6 + k];
      m[3 * k] = x * a0 + y * a3 + z * a6;
      m[3 * k + 1] = x * a1 + y * a4 + z * a7;
      m[3 * k + 2] = x * a2 + y * a5 + z * a8;
      m[9 + k] = x * dx + y * dy + z * dz;
    }
  }

  private run(a: ConvexSet, i: number, b: ConvexSet, j: number, mode: number, axis: Float64Array, at: number): number {
    const limit = this.numbers[MARGIN] + a.rounding[i] + b.rounding[j];
    const limit2 = mode === DISTANCE ? -1 : limit * limit;
    const { simplex, relative: m, d } = this;
    const { s, v } = simplex;
    const m0 = m[0];
    const m1 = m[1];
    const m2 = m[2];
    const m3 = m[3];
    const m4 = m[4];
    const m5 = m[5];
    const m6 = m[6];
    const m7 = m[7];
    const m8 = m[8];
    const px = m[9];
    const py = m[10];
    const pz = m[11];
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
      // from the nearest point of the box about B to the middle of A
      vx = px > bx ? px - bx : px < -bx ? px + bx : 0;
      vy = py > by ? py - by : py < -by ? py + by : 0;
      vz = pz > bz ? pz - bz : pz < -bz ? pz + bz : 0;
      if (vx === 0 && vy === 0 && vz === 0) {
        vx = px;
        vy = py;
        vz = pz;
      }
      if (vx * vx + vy * vy + vz * vz < 1e-12) vx = 1;
    }
    let apart = false;
    simplex.clear();
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
        d[0] = ux;
        d[1] = uy;
        d[2] = uz;
        const k = map_a === null ? farthest(hull_a, d) : map_a.farthest(d, 0);
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
        d[0] = vx;
        d[1] = vy;
        d[2] = vz;
        const k = map_b === null ? farthest(hull_b, d) : map_b.farthest(d, 0);
        wx -= hull_b[k];
        wy -= hull_b[k + 1];
        wz -= hull_b[k + 2];
      }
      const next = 3 * simplex.size;
      s[next] = wx;
      s[next + 1] = wy;
      s[next + 2] = wz;
      const vw = vx * wx + vy * wy + vz * wz;
      const vv = vx * vx + vy * vy + vz * vz;
      if (mode !== DISTANCE && vw > 0 && vw * vw > limit2 * vv) {
        axis[at] = vx;
        axis[at + 1] = vy;
        axis[at + 2] = vz;
        if (mode === CLOSER) return FREE_NOW;
        apart = true;
        d[0] = vx;
        d[1] = vy;
        d[2] = vz;
        const length = Math.sqrt(vv);
        this.numbers[GAP] = vw / length - limit;
        if (this.staysApart(b.pose, 12 * j)) return STAYS_FREE;
        if (simplex.size > 0 && vw > NARROW * vv) return FREE_NOW;
      }
      if (vw > PARTED * vv) simplex.parted = true;
      if (simplex.size > 0 && (vv - vw <= RELATIVE_TOLERANCE * vv || simplex.repeats())) {
        this.numbers[SEPARATION2] = vv;
        return apart || vv > limit2 ? FREE_NOW : TOUCHES;
      }
      simplex.size++;
      if (simplex.reduce()) return apart ? FREE_NOW : TOUCHES;
      vx = v[0];
      vy = v[1];
      vz = v[2];
      const now2 = vx * vx + vy * vy + vz * vz;
      if (now2 <= TOUCHING2 || now2 <= limit2) return apart ? FREE_NOW : TOUCHES;
    }
    const separation2 = vx * vx + vy * vy + vz * vz;
    this.numbers[SEPARATION2] = separation2;
    return apart || separation2 > limit2 ? FREE_NOW : TOUCHES;
  }

  /** Whether the plane across `d`, with `numbers[GAP]` between it and A, is crossed by no point of A during `motion`. */
  private staysApart(pose_b: Float64Array, ob: number): boolean {
    const { motion: M, d } = this;
    const gap = this.numbers[GAP] - M[8];
    if (gap <= 0) return false;
    const x = d[0];
    const y = d[1];
    const z = d[2];
    const scale = 1 / Math.sqrt(x * x + y * y + z * z);
    const nx = (pose_b[ob] * x + pose_b[ob + 1] * y + pose_b[ob + 2] * z) * scale;
    const ny = (pose_b[ob + 3] * x + pose_b[ob + 4] * y + pose_b[ob + 5] * z) * scale;
    const nz = (pose_b[ob + 6] * x + pose_b[ob + 7] * y + pose_b[ob + 8] * z) * scale;
    const across = nx * M[0] + ny * M[1] + nz * M[2];
    const cx = ny * M[5] - nz * M[4];
    const cy = nz * M[3] - nx * M[5];
    const cz = nx * M[4] - ny * M[3];
    const turning = Math.sqrt(cx * cx + cy * cy + cz * cz) * M[6];
    return ((across < 0 ? -across : across) + turning) * M[7] < gap;
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

/** Places in `numbers`. */
export const MARGIN = 0;
const SEPARATION2 = 1;
/** Of the plane found last to A (m). */
const GAP = 2;

const DISTANCE = 0;
const CLOSER = 1;
const JUDGE = 2;
