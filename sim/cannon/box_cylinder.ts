import type { Colliders } from './colliders.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';

/** Codes of separating axes beyond the box's three faces. */
const CAP = 3;
const SIDE_EDGE = 4;
const SIDE_CORNER = 7;
const RIM_EDGE = 8;

/** From here on a cylinder's axis counts as along a face normal (its cap touches) or along an edge. */
const CAP_COSINE = 0.7;
const PARALLEL = 0.9998;
/** A cap tilted less than this (sine) rests on fixed points of its rim alone. */
const TILT = 0.02;
/** Sine below which a cap or a generator lies flat as a whole. */
const FLAT = 1e-3;
/** Ids of the two ends of the generator nearest to the box. */
const GENERATOR = 200;
const BISECTIONS = 16;

export const OCTAGON_COS = Float64Array.from({ length: 8 }, (_, k) => Math.cos((k * Math.PI) / 4));
export const OCTAGON_SIN = Float64Array.from({ length: 8 }, (_, k) => Math.sin((k * Math.PI) / 4));
export const OCTAGON_NORMAL_COS = Float64Array.from({ length: 8 }, (_, k) => Math.cos(((k + 0.5) * Math.PI) / 4));
export const OCTAGON_NORMAL_SIN = Float64Array.from({ length: 8 }, (_, k) => Math.sin(((k + 0.5) * Math.PI) / 4));
export const OCTAGON_INRADIUS = Math.cos(Math.PI / 8);

/**
 * Contact of a box and a cylinder. Separating axes: the box's faces; the cylinder's axis; across a box edge and the axis;
 * from the box corner nearest to the axis; from a box edge to the rim. A cap on a face touches in points of its rim fixed
 * to the cylinder (and the deepest point of the rim if tilted), the side on a face in the two ends of a generator, the
 * side on a parallel edge in the two ends of their overlap. As a polygon a cap is the octagon inscribed in its rim.
 */
export function boxCylinder(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const wx = p[3 * b] - p[3 * a];
  const wy = p[3 * b + 1] - p[3 * a + 1];
  const wz = p[3 * b + 2] - p[3 * a + 2];
  // In the box's frame: centre d and axis x of the cylinder.
  const d0 = R[A] * wx + R[A + 3] * wy + R[A + 6] * wz;
  const d1 = R[A + 1] * wx + R[A + 4] * wy + R[A + 7] * wz;
  const d2 = R[A + 2] * wx + R[A + 5] * wy + R[A + 8] * wz;
  const x0 = R[A] * R[B + 2] + R[A + 3] * R[B + 5] + R[A + 6] * R[B + 8];
  const x1 = R[A + 1] * R[B + 2] + R[A + 4] * R[B + 5] + R[A + 7] * R[B + 8];
  const x2 = R[A + 2] * R[B + 2] + R[A + 5] * R[B + 5] + R[A + 8] * R[B + 8];
  const h0 = size[3 * a];
  const h1 = size[3 * a + 1];
  const h2 = size[3 * a + 2];
  const r = size[3 * b];
  const l = size[3 * b + 1];

  let best = Number.NEGATIVE_INFINITY;
  let code = -1;
  for (let i = 0; i < 3; i++) {
    const t = i === 0 ? x0 : i === 1 ? x1 : x2;
    const s =
      Math.abs(i === 0 ? d0 : i === 1 ? d1 : d2) -
      size[3 * a + i] -
      r * Math.sqrt(Math.max(0, 1 - t * t)) -
      l * Math.abs(t);
    if (s > margin) return;
    if (s > best) {
      best = s;
      code = i;
    }
  }
  const along = d0 * x0 + d1 * x1 + d2 * x2;
  const cap = Math.abs(along) - l - h0 * Math.abs(x0) - h1 * Math.abs(x1) - h2 * Math.abs(x2);
  if (cap > margin) return;
  if (cap > best + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(best)) {
    best = cap;
    code = CAP;
  }

  let n0 = 0;
  let n1 = 0;
  let n2 = 0;
  let deepest = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
  for (let i = 0; i < 3; i++) {
    const e0 = i === 0 ? 0 : i === 1 ? -x2 : x1;
    const e1 = i === 0 ? x2 : i === 1 ? 0 : -x0;
    const e2 = i === 0 ? -x1 : i === 1 ? x0 : 0;
    const length2 = e0 * e0 + e1 * e1 + e2 * e2;
    if (length2 < 1 - PARALLEL * PARALLEL) continue;
    const inverse = 1 / Math.sqrt(length2);
    const toward = e0 * d0 + e1 * d1 + e2 * d2;
    const s = (Math.abs(toward) - h0 * Math.abs(e0) - h1 * Math.abs(e1) - h2 * Math.abs(e2)) * inverse - r;
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      code = SIDE_EDGE + i;
      const scale = toward < 0 ? -inverse : inverse;
      n0 = scale * e0;
      n1 = scale * e1;
      n2 = scale * e2;
    }
  }
  // The corner whose distance from the cylinder's axis is least.
  let least = Number.POSITIVE_INFINITY;
  let v0 = 0;
  let v1 = 0;
  let v2 = 0;
  for (let k = 0; k < 8; k++) {
    const q0 = d0 - (k & 1 ? h0 : -h0);
    const q1 = d1 - (k & 2 ? h1 : -h1);
    const q2 = d2 - (k & 4 ? h2 : -h2);
    const t = q0 * x0 + q1 * x1 + q2 * x2;
    const square = q0 * q0 + q1 * q1 + q2 * q2 - t * t;
    if (square < least) {
      least = square;
      v0 = q0 - t * x0;
      v1 = q1 - t * x1;
      v2 = q2 - t * x2;
    }
  }
  if (least > 1e-12) {
    const inverse = 1 / Math.sqrt(least);
    v0 *= inverse;
    v1 *= inverse;
    v2 *= inverse;
    const s = v0 * d0 + v1 * d1 + v2 * d2 - h0 * Math.abs(v0) - h1 * Math.abs(v1) - h2 * Math.abs(v2) - r;
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      code = SIDE_CORNER;
      n0 = v0;
      n1 = v1;
      n2 = v2;
    }
  }
  if (Math.max(Math.abs(x0), Math.abs(x1), Math.abs(x2)) < 0.999) {
    for (let i = 0; i < 3; i++) {
      const s = rimEdge(i, d0, d1, d2, x0, x1, x2, h0, h1, h2, r, l, out.normal);
      if (s > margin) return;
      if (s > deepest) {
        deepest = s;
        code = RIM_EDGE;
        n0 = out.normal[0];
        n1 = out.normal[1];
        n2 = out.normal[2];
      }
    }
  }

  if (code < CAP) {
    faceCylinder(c, a, b, code, margin, out);
    if (out.count === 0 && best < 0) supportPoint(c, a, b, best, 299, out);
    return;
  }
  if (code === CAP) {
    capBox(c, a, b, along < 0 ? -1 : 1, margin, out);
    if (out.count === 0 && best < 0) supportPoint(c, a, b, best, 298, out);
    return;
  }
  out.normal[0] = R[A] * n0 + R[A + 1] * n1 + R[A + 2] * n2;
  out.normal[1] = R[A + 3] * n0 + R[A + 4] * n1 + R[A + 5] * n2;
  out.normal[2] = R[A + 6] * n0 + R[A + 7] * n1 + R[A + 8] * n2;
  // The box's supporting corner, and which it is.
  const e0 = n0 > 0 ? h0 : -h0;
  const e1 = n1 > 0 ? h1 : -h1;
  const e2 = n2 > 0 ? h2 : -h2;
  const corner = (n0 > 0 ? 1 : 0) + (n1 > 0 ? 2 : 0) + (n2 > 0 ? 4 : 0);
  if (code === RIM_EDGE) {
    supportPoint(c, a, b, deepest, n0 * x0 + n1 * x1 + n2 * x2 > 0 ? 301 : 300, out);
    return;
  }
  const edge = Math.abs(x0) > PARALLEL ? 0 : Math.abs(x1) > PARALLEL ? 1 : Math.abs(x2) > PARALLEL ? 2 : -1;
  if (code === SIDE_CORNER && edge >= 0) {
    const centre = edge === 0 ? d0 : edge === 1 ? d1 : d2;
    const half = edge === 0 ? h0 : edge === 1 ? h1 : h2;
    const low = Math.max(-half, centre - l);
    const high = Math.min(half, centre + l);
    if (low > high) return;
    for (let end = 0; end < 2; end++) {
      const value = end === 0 ? low : high;
      const q0 = edge === 0 ? value : e0;
      const q1 = edge === 1 ? value : e1;
      const q2 = edge === 2 ? value : e2;
      const t = (q0 - d0) * x0 + (q1 - d1) * x1 + (q2 - d2) * x2;
      const gap = n0 * (d0 + t * x0 - q0) + n1 * (d1 + t * x1 - q1) + n2 * (d2 + t * x2 - q2) - r;
      if (gap > margin) continue;
      addLocal(c, a, q0 + 0.5 * gap * n0, q1 + 0.5 * gap * n1, q2 + 0.5 * gap * n2, gap, 400 + 8 * edge + end, out);
    }
    return;
  }
  let q0 = e0;
  let q1 = e1;
  let q2 = e2;
  if (code < SIDE_CORNER) {
    // Closest point of the edge to the cylinder's axis.
    const i = code - SIDE_EDGE;
    const slope = i === 0 ? x0 : i === 1 ? x1 : x2;
    const half = i === 0 ? h0 : i === 1 ? h1 : h2;
    if (i === 0) q0 = 0;
    else if (i === 1) q1 = 0;
    else q2 = 0;
    const f0 = q0 - d0;
    const f1 = q1 - d1;
    const f2 = q2 - d2;
    const fx = f0 * x0 + f1 * x1 + f2 * x2;
    let value = (slope * fx - (i === 0 ? f0 : i === 1 ? f1 : f2)) / (1 - slope * slope);
    value = Math.min(Math.max(value, -half), half);
    if (i === 0) q0 = value;
    else if (i === 1) q1 = value;
    else q2 = value;
  }
  const half = 0.5 * deepest;
  addLocal(c, a, q0 + half * n0, q1 + half * n1, q2 + half * n2, deepest, 500 + 8 * code + corner, out);
}

/**
 * Adds the point of cylinder b farthest against the normal, moved midway; where a whole generator or cap is, its point
 * nearest to the centre of collider a.
 */
export function supportPoint(c: Colliders, a: number, b: number, gap: number, id: number, out: Manifold): void {
  const { R, p, size } = c;
  const B = 9 * b;
  const [nx, ny, nz] = out.normal;
  const xx = R[B + 2];
  const xy = R[B + 5];
  const xz = R[B + 8];
  const r = size[3 * b];
  const l = size[3 * b + 1];
  const dx = p[3 * a] - p[3 * b];
  const dy = p[3 * a + 1] - p[3 * b + 1];
  const dz = p[3 * a + 2] - p[3 * b + 2];
  const along = dx * xx + dy * xy + dz * xz;
  const t = xx * nx + xy * ny + xz * nz;
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  const axial = Math.abs(t) < FLAT ? Math.min(Math.max(along, -l), l) : t > 0 ? -l : l;
  let qx = t * xx - nx;
  let qy = t * xy - ny;
  let qz = t * xz - nz;
  let scale = r / sine;
  if (sine < FLAT) {
    qx = dx - along * xx;
    qy = dy - along * xy;
    qz = dz - along * xz;
    scale = Math.min(1, r / Math.max(1e-12, Math.sqrt(qx * qx + qy * qy + qz * qz)));
  }
  const g = 0.5 * gap;
  out.add(
    p[3 * b] + axial * xx + scale * qx - g * nx,
    p[3 * b + 1] + axial * xy + scale * qy - g * ny,
    p[3 * b + 2] + axial * xz + scale * qz - g * nz,
    gap,
    id,
  );
}

/** Adds a point given in the frame of collider a. */
function addLocal(c: Colliders, a: number, x: number, y: number, z: number, gap: number, id: number, out: Manifold) {
  const { R, p } = c;
  const A = 9 * a;
  out.add(
    p[3 * a] + R[A] * x + R[A + 1] * y + R[A + 2] * z,
    p[3 * a + 1] + R[A + 3] * x + R[A + 4] * y + R[A + 5] * z,
    p[3 * a + 2] + R[A + 6] * x + R[A + 7] * y + R[A + 8] * z,
    gap,
    id,
  );
}

/**
 * Greatest separation over the directions between the two faces of the box that meet in its edge along axis i, on the
 * cylinder's side, by bisection of its derivative; −Infinity if it is at an end. Writes the direction (box frame).
 */
function rimEdge(
  i: number,
  d0: number,
  d1: number,
  d2: number,
  x0: number,
  x1: number,
  x2: number,
  h0: number,
  h1: number,
  h2: number,
  r: number,
  l: number,
  direction: Float64Array,
): number {
  // Components in the plane across the edge.
  let du = i === 0 ? d1 : i === 1 ? d2 : d0;
  let dv = i === 0 ? d2 : i === 1 ? d0 : d1;
  let xu = i === 0 ? x1 : i === 1 ? x2 : x0;
  let xv = i === 0 ? x2 : i === 1 ? x0 : x1;
  const hu = i === 0 ? h1 : i === 1 ? h2 : h0;
  const hv = i === 0 ? h2 : i === 1 ? h0 : h1;
  const su = du < 0 ? -1 : 1;
  const sv = dv < 0 ? -1 : 1;
  du = su * du - hu;
  dv = sv * dv - hv;
  xu *= su;
  xv *= sv;
  let lu = 1;
  let lv = 0;
  let ru = 0;
  let rv = 1;
  if (slope(lu, lv, du, dv, xu, xv, r, l) <= 0 || slope(ru, rv, du, dv, xu, xv, r, l) >= 0) {
    return Number.NEGATIVE_INFINITY;
  }
  let u = 0;
  let v = 0;
  for (let k = 0; k < BISECTIONS; k++) {
    u = lu + ru;
    v = lv + rv;
    const inverse = 1 / Math.sqrt(u * u + v * v);
    u *= inverse;
    v *= inverse;
    if (slope(u, v, du, dv, xu, xv, r, l) > 0) {
      lu = u;
      lv = v;
    } else {
      ru = u;
      rv = v;
    }
  }
  const t = u * xu + v * xv;
  direction[i] = 0;
  direction[i === 2 ? 0 : i + 1] = su * u;
  direction[i === 0 ? 2 : i - 1] = sv * v;
  return u * du + v * dv - r * Math.sqrt(Math.max(0, 1 - t * t)) - l * Math.abs(t);
}

/** Derivative of the separation when the direction (u, v) turns from u to v. */
function slope(u: number, v: number, du: number, dv: number, xu: number, xv: number, r: number, l: number): number {
  const t = u * xu + v * xv;
  const turn = u * xv - v * xu;
  return u * dv - v * du + (r * t * turn) / Math.sqrt(Math.max(1e-12, 1 - t * t)) - (t < 0 ? -l : l) * turn;
}

/** Contact with face `axis` of the box: cap or side of the cylinder, clipped by the face. */
function faceCylinder(c: Colliders, a: number, b: number, axis: number, margin: number, out: Manifold): void {
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const pax = p[3 * a];
  const pay = p[3 * a + 1];
  const paz = p[3 * a + 2];
  const dx = p[3 * b] - pax;
  const dy = p[3 * b + 1] - pay;
  const dz = p[3 * b + 2] - paz;
  let nx = R[A + axis];
  let ny = R[A + 3 + axis];
  let nz = R[A + 6 + axis];
  let base = 1024 * (axis + 1);
  if (nx * dx + ny * dy + nz * dz < 0) {
    nx = -nx;
    ny = -ny;
    nz = -nz;
    base += 1024 * 4;
  }
  const u = axis === 2 ? 0 : axis + 1;
  const v = u === 2 ? 0 : u + 1;
  const ux = R[A + u];
  const uy = R[A + 3 + u];
  const uz = R[A + 6 + u];
  const vx = R[A + v];
  const vy = R[A + 3 + v];
  const vz = R[A + 6 + v];
  const hn = size[3 * a + axis];
  const hu = size[3 * a + u];
  const hv = size[3 * a + v];
  const r = size[3 * b];
  const l = size[3 * b + 1];
  const xx = R[B + 2];
  const xy = R[B + 5];
  const xz = R[B + 8];
  const t = xx * nx + xy * ny + xz * nz;
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  const end = t > 0 ? -1 : 1;
  out.normal[0] = nx;
  out.normal[1] = ny;
  out.normal[2] = nz;

  // Radial direction towards the face; of no use, and not used, when the cap lies flat.
  const inverse = sine > 1e-9 ? 1 / sine : 0;
  const mx = (t * xx - nx) * inverse;
  const my = (t * xy - ny) * inverse;
  const mz = (t * xz - nz) * inverse;

  if (Math.abs(t) > CAP_COSINE) {
    const cx = dx + end * l * xx;
    const cy = dy + end * l * xy;
    const cz = dz + end * l * xz;
    const cu = cx * ux + cy * uy + cz * uz;
    const cv = cx * vx + cy * vy + cz * vz;
    const cn = cx * nx + cy * ny + cz * nz - hn;
    const au = r * (R[B] * ux + R[B + 3] * uy + R[B + 6] * uz);
    const av = r * (R[B] * vx + R[B + 3] * vy + R[B + 6] * vz);
    const an = r * (R[B] * nx + R[B + 3] * ny + R[B + 6] * nz);
    const bu = r * (R[B + 1] * ux + R[B + 4] * uy + R[B + 7] * uz);
    const bv = r * (R[B + 1] * vx + R[B + 4] * vy + R[B + 7] * vz);
    const bn = r * (R[B + 1] * nx + R[B + 4] * ny + R[B + 7] * nz);
    const inside = Math.abs(cu) + r <= hu && Math.abs(cv) + r <= hv;
    out.corners = 0;
    // Every second corner of the octagon is what would be left of it unclipped.
    for (let k = 0; k < 8; k += inside ? 2 : 1) {
      const x = OCTAGON_COS[k];
      const y = OCTAGON_SIN[k];
      out.corner(cu + x * au + y * bu, cv + x * av + y * bv, cn + x * an + y * bn, k);
    }
    if (!inside) {
      out.clip(1, 0, hu, 16);
      out.clip(-1, 0, hu, 17);
      out.clip(0, 1, hv, 18);
      out.clip(0, -1, hv, 19);
    }
    const { polygon } = out;
    for (let k = 0; k < out.corners; k++) {
      const gap = polygon[3 * k + 2];
      if (gap > margin) continue;
      const x = polygon[3 * k];
      const y = polygon[3 * k + 1];
      const h = hn + 0.5 * gap;
      // The corner that leaves by octagon edge k is rim point k, clipped neighbours or not.
      const label = out.labels[k];
      const id = label < 16 && !clipped(out, k) ? label : 64 + out.cornerId(k);
      out.add(
        pax + x * ux + y * vx + h * nx,
        pay + x * uy + y * vy + h * ny,
        paz + x * uz + y * vz + h * nz,
        gap,
        base + id,
      );
    }
    out.reduce(R, B, 0, 1, true);
    if (sine < TILT) return;
    const qx = cx + r * mx;
    const qy = cy + r * my;
    const qz = cz + r * mz;
    const gap = qx * nx + qy * ny + qz * nz - hn;
    if (gap > margin) return;
    if (Math.abs(qx * ux + qy * uy + qz * uz) > hu || Math.abs(qx * vx + qy * vy + qz * vz) > hv) return;
    const g = 0.5 * gap;
    out.add(pax + qx - g * nx, pay + qy - g * ny, paz + qz - g * nz, gap, base + GENERATOR + (end > 0 ? 1 : 0));
    return;
  }

  // The generator nearest to the face, from its − to its + end, clipped to the face.
  const gx = dx + r * mx;
  const gy = dy + r * my;
  const gz = dz + r * mz;
  const gu = gx * ux + gy * uy + gz * uz;
  const gv = gx * vx + gy * vy + gz * vz;
  const xu = xx * ux + xy * uy + xz * uz;
  const xv = xx * vx + xy * vy + xz * vz;
  let low = -l;
  let high = l;
  let lowId = 0;
  let highId = 0;
  for (let plane = 0; plane < 4; plane++) {
    const sign = plane & 1 ? -1 : 1;
    const at = sign * (plane < 2 ? gu : gv);
    const rate = sign * (plane < 2 ? xu : xv);
    const room = (plane < 2 ? hu : hv) - at;
    if (Math.abs(rate) < 1e-9) {
      if (room < 0) return;
      continue;
    }
    const limit = room / rate;
    if (rate > 0 && limit < high) {
      high = limit;
      highId = 1 + plane;
    } else if (rate < 0 && limit > low) {
      low = limit;
      lowId = 1 + plane;
    }
  }
  if (low > high) return;
  for (let k = 0; k < 2; k++) {
    const s = k === 0 ? low : high;
    const qx = gx + s * xx;
    const qy = gy + s * xy;
    const qz = gz + s * xz;
    const gap = qx * nx + qy * ny + qz * nz - hn;
    if (gap > margin) continue;
    const g = 0.5 * gap;
    const id = base + GENERATOR + k + 2 * (k === 0 ? lowId : highId);
    out.add(pax + qx - g * nx, pay + qy - g * ny, paz + qz - g * nz, gap, id);
  }
}

/** Whether the edge before corner k came from clipping. */
function clipped(out: Manifold, k: number): boolean {
  return out.labels[k === 0 ? out.corners - 1 : k - 1] >= 16;
}

/** Contact of the cylinder's cap with the face of the box most opposed to it; `sign` of the axis from box to cylinder. */
function capBox(c: Colliders, a: number, b: number, sign: number, margin: number, out: Manifold): void {
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const nx = sign * R[B + 2];
  const ny = sign * R[B + 5];
  const nz = sign * R[B + 8];
  let incident = 0;
  let most = 0;
  for (let k = 0; k < 3; k++) {
    const t = R[A + k] * nx + R[A + 3 + k] * ny + R[A + 6 + k] * nz;
    if (Math.abs(t) > Math.abs(most)) {
      most = t;
      incident = k;
    }
  }
  const r = size[3 * b];
  const l = size[3 * b + 1];
  // Cap centre, and the box's face relative to it in the cylinder's axes.
  const cx = p[3 * b] - l * nx;
  const cy = p[3 * b + 1] - l * ny;
  const cz = p[3 * b + 2] - l * nz;
  const side = most > 0 ? size[3 * a + incident] : -size[3 * a + incident];
  const fx = p[3 * a] + side * R[A + incident] - cx;
  const fy = p[3 * a + 1] + side * R[A + 3 + incident] - cy;
  const fz = p[3 * a + 2] + side * R[A + 6 + incident] - cz;
  const iu = incident === 2 ? 0 : incident + 1;
  const iv = iu === 2 ? 0 : iu + 1;
  out.corners = 0;
  for (let k = 0; k < 4; k++) {
    const hu = k === 0 || k === 3 ? size[3 * a + iu] : -size[3 * a + iu];
    const hv = k < 2 ? size[3 * a + iv] : -size[3 * a + iv];
    const x = fx + hu * R[A + iu] + hv * R[A + iv];
    const y = fy + hu * R[A + 3 + iu] + hv * R[A + 3 + iv];
    const z = fz + hu * R[A + 6 + iu] + hv * R[A + 6 + iv];
    out.corner(
      x * R[B] + y * R[B + 3] + z * R[B + 6],
      x * R[B + 1] + y * R[B + 4] + z * R[B + 7],
      -(x * nx + y * ny + z * nz),
      k,
    );
  }
  for (let k = 0; k < 8; k++) out.clip(OCTAGON_NORMAL_COS[k], OCTAGON_NORMAL_SIN[k], r * OCTAGON_INRADIUS, 16 + k);
  out.normal[0] = nx;
  out.normal[1] = ny;
  out.normal[2] = nz;
  const base = 65_536 + 4096 * (2 * incident + (most > 0 ? 1 : 0) + (sign > 0 ? 8 : 0));
  const { polygon } = out;
  for (let k = 0; k < out.corners; k++) {
    const gap = polygon[3 * k + 2];
    if (gap > margin) continue;
    const x = polygon[3 * k];
    const y = polygon[3 * k + 1];
    const h = 0.5 * gap;
    out.add(
      cx + x * R[B] + y * R[B + 1] - h * nx,
      cy + x * R[B + 3] + y * R[B + 4] - h * ny,
      cz + x * R[B + 6] + y * R[B + 7] - h * nz,
      gap,
      base + out.cornerId(k),
    );
  }
  out.reduce(R, B, 0, 1, true);
}
