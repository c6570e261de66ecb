import type { Colliders } from './colliders.ts';
import { CAP_COSINE, TILT } from './cylinder_support.ts';
import { CLIPPED, type Manifold } from './manifold.ts';
import { OCTAGON_COS, OCTAGON_SIN } from './octagon.ts';
import { nextAxis, setFaceFrame } from './reference_face.ts';

/** Ids of the two ends of the generator nearest to the face, and of the deepest point of a tilted rim. */
const GENERATOR = 200;

/**
 * Contact of cylinder b with face `axis` of box a as reference face: of its cap or of its side, clipped by the face.
 */
export function cylinderOnFace(c: Colliders, a: number, b: number, axis: number, margin: number, out: Manifold): void {
  const { R } = c;
  const B = 9 * b;
  const base = 1024 * (axis + 1) + (setFaceFrame(c, a, b, axis, out) < 0 ? 4096 : 0);
  const { frame: f } = out;
  out.takeNormal(1);
  const cosine = R[B + 2] * f[9] + R[B + 5] * f[10] + R[B + 8] * f[11];
  if (Math.abs(cosine) > CAP_COSINE) capOnFace(c, a, b, axis, margin, base, out);
  else sideOnFace(c, a, b, axis, margin, base, out);
}

/** Points of the rim fixed to the cylinder, or clipped by the face; and the deepest point of a rim that is tilted. */
function capOnFace(
  c: Colliders,
  a: number,
  b: number,
  axis: number,
  margin: number,
  base: number,
  out: Manifold,
): void {
  const { R, p, size } = c;
  const { frame: f } = out;
  const B = 9 * b;
  const u = nextAxis(axis);
  const hu = size[3 * a + u];
  const hv = size[3 * a + nextAxis(u)];
  const r = size[3 * b];
  const l = size[3 * b + 1];
  const xx = R[B + 2];
  const xy = R[B + 5];
  const xz = R[B + 8];
  const t = xx * f[9] + xy * f[10] + xz * f[11];
  const end = t > 0 ? -1 : 1;
  // Centre of the cap from that of the box; in the reference frame, with the cap's two radii along its axes.
  const cx = p[3 * b] - f[0] + end * l * xx;
  const cy = p[3 * b + 1] - f[1] + end * l * xy;
  const cz = p[3 * b + 2] - f[2] + end * l * xz;
  const cu = cx * f[3] + cy * f[4] + cz * f[5];
  const cv = cx * f[6] + cy * f[7] + cz * f[8];
  const cn = cx * f[9] + cy * f[10] + cz * f[11] - f[12];
  const au = r * (R[B] * f[3] + R[B + 3] * f[4] + R[B + 6] * f[5]);
  const av = r * (R[B] * f[6] + R[B + 3] * f[7] + R[B + 6] * f[8]);
  const an = r * (R[B] * f[9] + R[B + 3] * f[10] + R[B + 6] * f[11]);
  const bu = r * (R[B + 1] * f[3] + R[B + 4] * f[4] + R[B + 7] * f[5]);
  const bv = r * (R[B + 1] * f[6] + R[B + 4] * f[7] + R[B + 7] * f[8]);
  const bn = r * (R[B + 1] * f[9] + R[B + 4] * f[10] + R[B + 7] * f[11]);
  const inside = Math.abs(cu) + r <= hu && Math.abs(cv) + r <= hv;
  out.corners = 0;
  // Every second corner of the octagon is what would be left of it unclipped.
  for (let k = 0; k < 8; k += inside ? 2 : 1) {
    const x = OCTAGON_COS[k];
    const y = OCTAGON_SIN[k];
    out.corner(cu + x * au + y * bu, cv + x * av + y * bv, cn + x * an + y * bn, k);
  }
  if (!inside) {
    out.clip(1, 0, hu, CLIPPED);
    out.clip(-1, 0, hu, CLIPPED + 1);
    out.clip(0, 1, hv, CLIPPED + 2);
    out.clip(0, -1, hv, CLIPPED + 3);
  }
  out.addPolygon(margin, base, true);
  out.reduce(R, B, 0, 1, true);
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  if (sine < TILT) return;
  const inverse = 1 / sine;
  const qx = cx + r * ((t * xx - f[9]) * inverse);
  const qy = cy + r * ((t * xy - f[10]) * inverse);
  const qz = cz + r * ((t * xz - f[11]) * inverse);
  const gap = qx * f[9] + qy * f[10] + qz * f[11] - f[12];
  if (gap > margin) return;
  if (Math.abs(qx * f[3] + qy * f[4] + qz * f[5]) > hu || Math.abs(qx * f[6] + qy * f[7] + qz * f[8]) > hv) return;
  const g = 0.5 * gap;
  const id = base + GENERATOR + (end > 0 ? 1 : 0);
  out.add(f[0] + qx - g * f[9], f[1] + qy - g * f[10], f[2] + qz - g * f[11], gap, id);
}

/** The two ends of the generator nearest to the face, from its − to its + end, clipped by the face. */
function sideOnFace(
  c: Colliders,
  a: number,
  b: number,
  axis: number,
  margin: number,
  base: number,
  out: Manifold,
): void {
  const { R, p, size } = c;
  const { frame: f } = out;
  const B = 9 * b;
  const u = nextAxis(axis);
  const hu = size[3 * a + u];
  const hv = size[3 * a + nextAxis(u)];
  const r = size[3 * b];
  const xx = R[B + 2];
  const xy = R[B + 5];
  const xz = R[B + 8];
  const t = xx * f[9] + xy * f[10] + xz * f[11];
  const inverse = 1 / Math.sqrt(Math.max(0, 1 - t * t));
  // Its middle, from the centre of the box.
  const gx = p[3 * b] - f[0] + r * ((t * xx - f[9]) * inverse);
  const gy = p[3 * b + 1] - f[1] + r * ((t * xy - f[10]) * inverse);
  const gz = p[3 * b + 2] - f[2] + r * ((t * xz - f[11]) * inverse);
  const gu = gx * f[3] + gy * f[4] + gz * f[5];
  const gv = gx * f[6] + gy * f[7] + gz * f[8];
  const xu = xx * f[3] + xy * f[4] + xz * f[5];
  const xv = xx * f[6] + xy * f[7] + xz * f[8];
  let low = -size[3 * b + 1];
  let high = size[3 * b + 1];
  let low_id = 0;
  let high_id = 0;
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
      high_id = 1 + plane;
    } else if (rate < 0 && limit > low) {
      low = limit;
      low_id = 1 + plane;
    }
  }
  if (low > high) return;
  for (let k = 0; k < 2; k++) {
    const s = k === 0 ? low : high;
    const qx = gx + s * xx;
    const qy = gy + s * xy;
    const qz = gz + s * xz;
    const gap = qx * f[9] + qy * f[10] + qz * f[11] - f[12];
    if (gap > margin) continue;
    const g = 0.5 * gap;
    const id = base + GENERATOR + k + 2 * (k === 0 ? low_id : high_id);
    out.add(f[0] + qx - g * f[9], f[1] + qy - g * f[10], f[2] + qz - g * f[11], gap, id);
  }
}
