import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';

/** Ids of contacts of edges begin here. */
const EDGES = 10_000;

/**
 * One point midway between the supporting edges along axis i of box a and axis j of box b, where `code` is 3 i + j and
 * `gap` the separation across both (m).
 */
export function edgeOnEdge(c: Colliders, a: number, b: number, code: number, gap: number, out: Manifold): void {
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const i = Math.floor(code / 3);
  const j = code % 3;
  const ax = R[A + i];
  const ay = R[A + 3 + i];
  const az = R[A + 6 + i];
  const bx = R[B + j];
  const by = R[B + 3 + j];
  const bz = R[B + 6 + j];
  let px = p[3 * a];
  let py = p[3 * a + 1];
  let pz = p[3 * a + 2];
  let qx = p[3 * b];
  let qy = p[3 * b + 1];
  let qz = p[3 * b + 2];
  let nx = ay * bz - az * by;
  let ny = az * bx - ax * bz;
  let nz = ax * by - ay * bx;
  const scale =
    (nx * (qx - px) + ny * (qy - py) + nz * (qz - pz) < 0 ? -1 : 1) / Math.sqrt(nx * nx + ny * ny + nz * nz);
  nx *= scale;
  ny *= scale;
  nz *= scale;
  let corner = 0;
  for (let k = 0; k < 3; k++) {
    if (k !== i) {
      const side = R[A + k] * nx + R[A + 3 + k] * ny + R[A + 6 + k] * nz > 0;
      const h = side ? size[3 * a + k] : -size[3 * a + k];
      px += h * R[A + k];
      py += h * R[A + 3 + k];
      pz += h * R[A + 6 + k];
      if (side) corner += 1 << k;
    }
    if (k !== j) {
      const side = R[B + k] * nx + R[B + 3 + k] * ny + R[B + 6 + k] * nz < 0;
      const h = side ? size[3 * b + k] : -size[3 * b + k];
      qx += h * R[B + k];
      qy += h * R[B + 3 + k];
      qz += h * R[B + 6 + k];
      if (side) corner += 8 << k;
    }
  }
  const ab = ax * bx + ay * by + az * bz;
  const ex = qx - px;
  const ey = qy - py;
  const ez = qz - pz;
  const ea = ax * ex + ay * ey + az * ez;
  const eb = bx * ex + by * ey + bz * ez;
  const inverse = 1 / (1 - ab * ab);
  const s = (ea - ab * eb) * inverse;
  const t = (ab * ea - eb) * inverse;
  out.normal[0] = nx;
  out.normal[1] = ny;
  out.normal[2] = nz;
  out.add(
    0.5 * (px + s * ax + qx + t * bx),
    0.5 * (py + s * ay + qy + t * by),
    0.5 * (pz + s * az + qz + t * bz),
    gap,
    EDGES + 64 * code + corner,
  );
}
