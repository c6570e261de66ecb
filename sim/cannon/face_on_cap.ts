import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';
import { clipByCap } from './octagon.ts';
import { incidentFace, nextAxis, setCapFrame } from './reference_face.ts';

/**
 * The cap of cylinder b at the end `end` (±1) of its axis as reference face, and the face of box a most opposed to it,
 * clipped by the octagon in the cap; up to four of the corners left.
 */
export function faceOnCap(c: Colliders, a: number, b: number, end: number, margin: number, out: Manifold): void {
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  setCapFrame(c, b, end, out);
  const { frame: f } = out;
  const face = incidentFace(R, a, out);
  const incident = face >> 1;
  const side = face & 1 ? -size[3 * a + incident] : size[3 * a + incident];
  // The face's centre from that of the cap.
  const fx = p[3 * a] + side * R[A + incident] - f[0];
  const fy = p[3 * a + 1] + side * R[A + 3 + incident] - f[1];
  const fz = p[3 * a + 2] + side * R[A + 6 + incident] - f[2];
  const iu = nextAxis(incident);
  const iv = nextAxis(iu);
  out.corners = 0;
  for (let k = 0; k < 4; k++) {
    const hu = k === 0 || k === 3 ? size[3 * a + iu] : -size[3 * a + iu];
    const hv = k < 2 ? size[3 * a + iv] : -size[3 * a + iv];
    const x = fx + hu * R[A + iu] + hv * R[A + iv];
    const y = fy + hu * R[A + 3 + iu] + hv * R[A + 3 + iv];
    const z = fz + hu * R[A + 6 + iu] + hv * R[A + 6 + iv];
    out.corner(x * f[3] + y * f[4] + z * f[5], x * f[6] + y * f[7] + z * f[8], x * f[9] + y * f[10] + z * f[11], k);
  }
  clipByCap(size, b, out);
  out.takeNormal(-1);
  out.addPolygon(margin, 65_536 + 4096 * (face + (end > 0 ? 0 : 8)), false);
  out.reduce(R, B, 0, 1, true);
}
