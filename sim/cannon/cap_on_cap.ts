import type { Colliders } from './colliders.ts';
import { TILT } from './cylinder_support.ts';
import type { Manifold } from './manifold.ts';
import { clipByCap, OCTAGON_COS, OCTAGON_SIN } from './octagon.ts';
import { setCapFrame } from './reference_face.ts';

/**
 * The cap of cylinder a at the end `sign` (±1) of its axis as reference face, and the facing cap of b, as octagons; and
 * the deepest point of b's rim if it is tilted. `order` −1: the caller's a and b are swapped.
 */
export function capOnCap(
  c: Colliders,
  a: number,
  b: number,
  sign: number,
  order: number,
  margin: number,
  out: Manifold,
): void {
  const { R, p, size } = c;
  const B = 9 * b;
  const ra = size[3 * a];
  const rb = size[3 * b];
  setCapFrame(c, a, sign, out);
  const { frame: f } = out;
  const t = R[B + 2] * f[9] + R[B + 5] * f[10] + R[B + 8] * f[11];
  const end = t > 0 ? -size[3 * b + 1] : size[3 * b + 1];
  // Centre of b's cap from that of a's.
  const ex = p[3 * b] + end * R[B + 2] - f[0];
  const ey = p[3 * b + 1] + end * R[B + 5] - f[1];
  const ez = p[3 * b + 2] + end * R[B + 8] - f[2];
  out.corners = 0;
  for (let k = 0; k < 8; k++) {
    const u = rb * OCTAGON_COS[k];
    const v = rb * OCTAGON_SIN[k];
    const x = ex + u * R[B] + v * R[B + 1];
    const y = ey + u * R[B + 3] + v * R[B + 4];
    const z = ez + u * R[B + 6] + v * R[B + 7];
    out.corner(x * f[3] + y * f[4] + z * f[5], x * f[6] + y * f[7] + z * f[8], x * f[9] + y * f[10] + z * f[11], k);
  }
  clipByCap(size, a, out);
  out.takeNormal(order);
  const base = 4096 * (sign > 0 ? 1 : 2) * (order > 0 ? 1 : 3);
  out.addPolygon(margin, base, false);
  out.reduce(R, B, 0, 1, true);
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  if (sine < TILT) return;
  // The deepest point of the tilted rim.
  const m = rb / sine;
  const x = ex + m * (t * R[B + 2] - f[9]);
  const y = ey + m * (t * R[B + 5] - f[10]);
  const z = ez + m * (t * R[B + 8] - f[11]);
  const gap = x * f[9] + y * f[10] + z * f[11];
  if (gap > margin || x * x + y * y + z * z - gap * gap > ra * ra) return;
  const h = 0.5 * gap;
  out.add(f[0] + x - h * f[9], f[1] + y - h * f[10], f[2] + z - h * f[11], gap, base + 64 * 63);
}
