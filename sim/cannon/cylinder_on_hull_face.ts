import type { Colliders } from './colliders.ts';
import { CAP_COSINE, TILT } from './cylinder_support.ts';
import type { Hull } from './hull.ts';
import { clipByLines, faceLines, setHullFrame } from './hull_frame.ts';
import type { Manifold } from './manifold.ts';
import { OCTAGON_COS, OCTAGON_SIN } from './octagon.ts';

/** Ids of the two ends of the generator nearest to the face, and of the deepest point of a tilted rim. */
const GENERATOR = 1600;

/** Lines around the face: nu nv limit, 3 each; and the middle of the cap or generator in the reference frame (m). */
const lines = new Float64Array(24);
const middle = new Float64Array(3);

/** Contact of cylinder i with a face of hull j as reference face: of its cap or of its side. The normal is from i to j. */
export function cylinderOnHullFace(
  c: Colliders,
  i: number,
  j: number,
  hull: Hull,
  face: number,
  margin: number,
  out: Manifold,
): void {
  const { R } = c;
  const C = 9 * i;
  setHullFrame(c, j, hull, face, out);
  const count = faceLines(hull, face, lines);
  const { frame: f } = out;
  out.takeNormal(-1);
  const cosine = R[C + 2] * f[9] + R[C + 5] * f[10] + R[C + 8] * f[11];
  if (Math.abs(cosine) > CAP_COSINE) capOnFace(c, i, count, 2048 * face, margin, out);
  else sideOnFace(c, i, count, 2048 * face, margin, out);
}

/** Points of the rim fixed to the cylinder, or clipped by the face; and the deepest point of a rim that is tilted. */
function capOnFace(c: Colliders, i: number, count: number, base: number, margin: number, out: Manifold): void {
  const { R, size } = c;
  const { frame: f } = out;
  const C = 9 * i;
  const r = size[3 * i];
  const t = R[C + 2] * f[9] + R[C + 5] * f[10] + R[C + 8] * f[11];
  const end = t > 0 ? -1 : 1;
  placeMiddle(c, i, end * size[3 * i + 1], 0, out);
  const cu = middle[0];
  const cv = middle[1];
  const cn = middle[2];
  const au = r * (R[C] * f[3] + R[C + 3] * f[4] + R[C + 6] * f[5]);
  const av = r * (R[C] * f[6] + R[C + 3] * f[7] + R[C + 6] * f[8]);
  const an = r * (R[C] * f[9] + R[C + 3] * f[10] + R[C + 6] * f[11]);
  const bu = r * (R[C + 1] * f[3] + R[C + 4] * f[4] + R[C + 7] * f[5]);
  const bv = r * (R[C + 1] * f[6] + R[C + 4] * f[7] + R[C + 7] * f[8]);
  const bn = r * (R[C + 1] * f[9] + R[C + 4] * f[10] + R[C + 7] * f[11]);
  let inside = true;
  for (let k = 0; k < 3 * count; k += 3) if (lines[k] * cu + lines[k + 1] * cv + r > lines[k + 2]) inside = false;
  out.corners = 0;
  // Every second corner of the octagon is what would be left of it unclipped.
  for (let k = 0; k < 8; k += inside ? 2 : 1) {
    const x = OCTAGON_COS[k];
    const y = OCTAGON_SIN[k];
    out.corner(cu + x * au + y * bu, cv + x * av + y * bv, cn + x * an + y * bn, k);
  }
  if (!inside) clipByLines(lines, count, out);
  out.addPolygon(margin, base, true);
  out.reduce(R, C, 0, 1, true);
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  if (sine < TILT) return;
  placeMiddle(c, i, end * size[3 * i + 1], r / sine, out);
  if (middle[2] <= margin && isInside(count)) addMiddle(base + GENERATOR + 64 + (end > 0 ? 1 : 0), out);
}

/** The two ends of the generator nearest to the face, from the − to the + end of the axis, clipped by the face. */
function sideOnFace(c: Colliders, i: number, count: number, base: number, margin: number, out: Manifold): void {
  const { R, size } = c;
  const { frame: f } = out;
  const C = 9 * i;
  const t = R[C + 2] * f[9] + R[C + 5] * f[10] + R[C + 8] * f[11];
  const reach = size[3 * i] / Math.sqrt(Math.max(1e-12, 1 - t * t));
  placeMiddle(c, i, 0, reach, out);
  const xu = R[C + 2] * f[3] + R[C + 5] * f[4] + R[C + 8] * f[5];
  const xv = R[C + 2] * f[6] + R[C + 5] * f[7] + R[C + 8] * f[8];
  let low = -size[3 * i + 1];
  let high = size[3 * i + 1];
  let low_id = 0;
  let high_id = 0;
  for (let k = 0; k < count; k++) {
    const rate = lines[3 * k] * xu + lines[3 * k + 1] * xv;
    const room = lines[3 * k + 2] - lines[3 * k] * middle[0] - lines[3 * k + 1] * middle[1];
    if (Math.abs(rate) < 1e-9) {
      if (room < 0) return;
      continue;
    }
    const limit = room / rate;
    if (rate > 0 && limit < high) {
      high = limit;
      high_id = 1 + k;
    } else if (rate < 0 && limit > low) {
      low = limit;
      low_id = 1 + k;
    }
  }
  if (low > high) return;
  for (let k = 0; k < 2; k++) {
    placeMiddle(c, i, k === 0 ? low : high, reach, out);
    if (middle[2] <= margin) addMiddle(base + GENERATOR + k + 2 * (k === 0 ? low_id : high_id), out);
  }
}

/** Point `along` the axis (m) and `reach` times the axis' normal nearest to the face: u, v and height, into `middle`. */
function placeMiddle(c: Colliders, i: number, along: number, reach: number, out: Manifold): void {
  const { R, p } = c;
  const { frame: f } = out;
  const C = 9 * i;
  const xx = R[C + 2];
  const xy = R[C + 5];
  const xz = R[C + 8];
  const t = xx * f[9] + xy * f[10] + xz * f[11];
  const x = p[3 * i] - f[0] + along * xx + reach * (t * xx - f[9]);
  const y = p[3 * i + 1] - f[1] + along * xy + reach * (t * xy - f[10]);
  const z = p[3 * i + 2] - f[2] + along * xz + reach * (t * xz - f[11]);
  middle[0] = x * f[3] + y * f[4] + z * f[5];
  middle[1] = x * f[6] + y * f[7] + z * f[8];
  middle[2] = x * f[9] + y * f[10] + z * f[11] - f[12];
}

function isInside(count: number): boolean {
  for (let k = 0; k < 3 * count; k += 3) {
    if (lines[k] * middle[0] + lines[k + 1] * middle[1] > lines[k + 2]) return false;
  }
  return true;
}

/** Adds the point in `middle`, midway to the face. */
function addMiddle(id: number, out: Manifold): void {
  const { frame: f } = out;
  const u = middle[0];
  const v = middle[1];
  const gap = middle[2];
  const h = f[12] + 0.5 * gap;
  out.add(
    f[0] + u * f[3] + v * f[6] + h * f[9],
    f[1] + u * f[4] + v * f[7] + h * f[10],
    f[2] + u * f[5] + v * f[8] + h * f[11],
    gap,
    id,
  );
}
