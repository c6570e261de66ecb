import type { Colliders } from './colliders.ts';
import { CLIPPED, type Manifold } from './manifold.ts';
import { incidentFace, nextAxis, setFaceFrame } from './reference_face.ts';

/**
 * Face `axis` of box a as reference face, and the face of box b most opposed to it, clipped by its borders; up to four
 * of the corners left. `order` −1: the caller's a and b are swapped.
 */
export function faceOnFace(
  c: Colliders,
  a: number,
  b: number,
  axis: number,
  order: number,
  margin: number,
  out: Manifold,
): void {
  const { R, p, size } = c;
  const B = 9 * b;
  setFaceFrame(c, a, b, axis, out);
  const { frame: f } = out;
  const face = incidentFace(R, b, out);
  const incident = face >> 1;
  const side = face & 1 ? -size[3 * b + incident] : size[3 * b + incident];
  const iu = nextAxis(incident);
  const iv = nextAxis(iu);
  // In the reference frame: the incident face's centre c and half edges e and d.
  const ox = p[3 * b] - f[0] + side * R[B + incident];
  const oy = p[3 * b + 1] - f[1] + side * R[B + 3 + incident];
  const oz = p[3 * b + 2] - f[2] + side * R[B + 6 + incident];
  const hu = size[3 * b + iu];
  const hv = size[3 * b + iv];
  const ex = hu * R[B + iu];
  const ey = hu * R[B + 3 + iu];
  const ez = hu * R[B + 6 + iu];
  const dx = hv * R[B + iv];
  const dy = hv * R[B + 3 + iv];
  const dz = hv * R[B + 6 + iv];
  const cu = ox * f[3] + oy * f[4] + oz * f[5];
  const cv = ox * f[6] + oy * f[7] + oz * f[8];
  const cn = ox * f[9] + oy * f[10] + oz * f[11] - f[12];
  const eu = ex * f[3] + ey * f[4] + ez * f[5];
  const ev = ex * f[6] + ey * f[7] + ez * f[8];
  const en = ex * f[9] + ey * f[10] + ez * f[11];
  const du = dx * f[3] + dy * f[4] + dz * f[5];
  const dv = dx * f[6] + dy * f[7] + dz * f[8];
  const dn = dx * f[9] + dy * f[10] + dz * f[11];
  out.corners = 0;
  for (let k = 0; k < 4; k++) {
    const se = k === 1 || k === 2 ? -1 : 1;
    const sd = k < 2 ? 1 : -1;
    out.corner(cu + se * eu + sd * du, cv + se * ev + sd * dv, cn + se * en + sd * dn, k);
  }
  const u = nextAxis(axis);
  const v = nextAxis(u);
  const ru = size[3 * a + u];
  const rv = size[3 * a + v];
  const span_u = Math.abs(eu) + Math.abs(du);
  const span_v = Math.abs(ev) + Math.abs(dv);
  if (cu + span_u > ru) out.clip(1, 0, ru, CLIPPED);
  if (span_u - cu > ru) out.clip(-1, 0, ru, CLIPPED + 1);
  if (cv + span_v > rv) out.clip(0, 1, rv, CLIPPED + 2);
  if (span_v - cv > rv) out.clip(0, -1, rv, CLIPPED + 3);
  out.takeNormal(order);
  out.addPolygon(margin, 65_536 + 4096 * (8 * (order > 0 ? axis : 3 + axis) + face), false);
  out.reduce(R, 9 * a, u, v, false);
}
