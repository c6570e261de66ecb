import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';

/**
 * Contact of a box and a sphere: the box's point closest to the centre, or its nearest face when the centre is inside.
 */
export function boxSphere(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { R, p, size } = c;
  const A = 9 * a;
  const wx = p[3 * b] - p[3 * a];
  const wy = p[3 * b + 1] - p[3 * a + 1];
  const wz = p[3 * b + 2] - p[3 * a + 2];
  let square = 0;
  let nearest = 0;
  let room = Number.POSITIVE_INFINITY;
  let sign = 1;
  let nx = 0;
  let ny = 0;
  let nz = 0;
  for (let i = 0; i < 3; i++) {
    const d = R[A + i] * wx + R[A + 3 + i] * wy + R[A + 6 + i] * wz;
    const h = size[3 * a + i];
    const outside = d > h ? d - h : d < -h ? d + h : 0;
    square += outside * outside;
    nx += outside * R[A + i];
    ny += outside * R[A + 3 + i];
    nz += outside * R[A + 6 + i];
    if (h - Math.abs(d) < room) {
      room = h - Math.abs(d);
      nearest = i;
      sign = d < 0 ? -1 : 1;
    }
  }
  let distance = Math.sqrt(square);
  if (distance > 1e-12) {
    nx /= distance;
    ny /= distance;
    nz /= distance;
  } else {
    distance = -room;
    nx = sign * R[A + nearest];
    ny = sign * R[A + 3 + nearest];
    nz = sign * R[A + 6 + nearest];
  }
  ball(c, b, nx, ny, nz, distance - size[3 * b], margin, out);
}

/** Contact of a cylinder and a sphere. */
export function cylinderSphere(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { R, p, size } = c;
  const A = 9 * a;
  const wx = p[3 * b] - p[3 * a];
  const wy = p[3 * b + 1] - p[3 * a + 1];
  const wz = p[3 * b + 2] - p[3 * a + 2];
  const x = R[A + 2];
  const y = R[A + 5];
  const z = R[A + 8];
  const along = wx * x + wy * y + wz * z;
  const px = wx - along * x;
  const py = wy - along * y;
  const pz = wz - along * z;
  const across = Math.sqrt(px * px + py * py + pz * pz);
  const sign = along < 0 ? -1 : 1;
  const beyond = Math.abs(along) - size[3 * a + 1];
  const beside = across - size[3 * a];
  const radial = across > 1e-12 ? 1 / across : 0;
  let ka = 0;
  let kr = 0;
  let distance = 0;
  if (beyond > 0 && beside > 0) {
    distance = Math.sqrt(beyond * beyond + beside * beside);
    ka = (sign * beyond) / distance;
    kr = beside / distance;
  } else if (beyond > beside || radial === 0) {
    distance = beyond;
    ka = sign;
  } else {
    distance = beside;
    kr = 1;
  }
  kr *= radial;
  ball(c, b, ka * x + kr * px, ka * y + kr * py, ka * z + kr * pz, distance - size[3 * b], margin, out);
}

/** Contact of two spheres. */
export function sphereSphere(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { p, size } = c;
  const x = p[3 * b] - p[3 * a];
  const y = p[3 * b + 1] - p[3 * a + 1];
  const z = p[3 * b + 2] - p[3 * a + 2];
  const distance = Math.sqrt(x * x + y * y + z * z);
  const inverse = distance > 1e-12 ? 1 / distance : 0;
  const nz = inverse === 0 ? 1 : z * inverse;
  ball(c, b, x * inverse, y * inverse, nz, distance - size[3 * a] - size[3 * b], margin, out);
}

function ball(
  c: Colliders,
  b: number,
  nx: number,
  ny: number,
  nz: number,
  gap: number,
  margin: number,
  out: Manifold,
): void {
  if (gap > margin) return;
  const g = c.size[3 * b] + 0.5 * gap;
  out.normal[0] = nx;
  out.normal[1] = ny;
  out.normal[2] = nz;
  out.add(c.p[3 * b] - g * nx, c.p[3 * b + 1] - g * ny, c.p[3 * b + 2] - g * nz, gap, 0);
}
