import type { Colliders } from './colliders.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';

const EDGES = 10_000;

/**
 * Contact of two boxes: separating axes (Gottschalk, 1996), then the incident face clipped by the reference face, or the
 * closest points of two edges. Points with a gap of up to `margin` (m) are kept; none if the boxes are farther apart.
 */
export function boxBox(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const dx = p[3 * b] - p[3 * a];
  const dy = p[3 * b + 1] - p[3 * a + 1];
  const dz = p[3 * b + 2] - p[3 * a + 2];
  const ha0 = size[3 * a];
  const ha1 = size[3 * a + 1];
  const ha2 = size[3 * a + 2];
  const hb0 = size[3 * b];
  const hb1 = size[3 * b + 1];
  const hb2 = size[3 * b + 2];

  let best = Number.NEGATIVE_INFINITY;
  let axis = -1;
  for (let i = 0; i < 3; i++) {
    const x = R[A + i];
    const y = R[A + 3 + i];
    const z = R[A + 6 + i];
    const s =
      Math.abs(x * dx + y * dy + z * dz) -
      size[3 * a + i] -
      hb0 * Math.abs(x * R[B] + y * R[B + 3] + z * R[B + 6]) -
      hb1 * Math.abs(x * R[B + 1] + y * R[B + 4] + z * R[B + 7]) -
      hb2 * Math.abs(x * R[B + 2] + y * R[B + 5] + z * R[B + 8]);
    if (s > margin) return;
    if (s > best) {
      best = s;
      axis = i;
    }
  }
  for (let j = 0; j < 3; j++) {
    const x = R[B + j];
    const y = R[B + 3 + j];
    const z = R[B + 6 + j];
    const s =
      Math.abs(x * dx + y * dy + z * dz) -
      size[3 * b + j] -
      ha0 * Math.abs(x * R[A] + y * R[A + 3] + z * R[A + 6]) -
      ha1 * Math.abs(x * R[A + 1] + y * R[A + 4] + z * R[A + 7]) -
      ha2 * Math.abs(x * R[A + 2] + y * R[A + 5] + z * R[A + 8]);
    if (s > margin) return;
    if (s > best + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(best)) {
      best = s;
      axis = 3 + j;
    }
  }
  let edges = -1;
  let deepest = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
  for (let i = 0; i < 3; i++) {
    const ax = R[A + i];
    const ay = R[A + 3 + i];
    const az = R[A + 6 + i];
    for (let j = 0; j < 3; j++) {
      const nx = ay * R[B + 6 + j] - az * R[B + 3 + j];
      const ny = az * R[B + j] - ax * R[B + 6 + j];
      const nz = ax * R[B + 3 + j] - ay * R[B + j];
      const length2 = nx * nx + ny * ny + nz * nz;
      if (length2 < 1e-4) continue;
      const extent =
        Math.abs(nx * dx + ny * dy + nz * dz) -
        ha0 * Math.abs(nx * R[A] + ny * R[A + 3] + nz * R[A + 6]) -
        ha1 * Math.abs(nx * R[A + 1] + ny * R[A + 4] + nz * R[A + 7]) -
        ha2 * Math.abs(nx * R[A + 2] + ny * R[A + 5] + nz * R[A + 8]) -
        hb0 * Math.abs(nx * R[B] + ny * R[B + 3] + nz * R[B + 6]) -
        hb1 * Math.abs(nx * R[B + 1] + ny * R[B + 4] + nz * R[B + 7]) -
        hb2 * Math.abs(nx * R[B + 2] + ny * R[B + 5] + nz * R[B + 8]);
      const s = extent / Math.sqrt(length2);
      if (s > margin) return;
      if (s > deepest) {
        deepest = s;
        edges = 3 * i + j;
      }
    }
  }
  if (edges >= 0) edgeEdge(c, a, b, edges, deepest, out);
  else if (axis < 3) face(c, a, b, axis, 1, margin, axis, out);
  else face(c, b, a, axis - 3, -1, margin, axis, out);
}

/** One point midway between the supporting edges along axis i of a and j of b. */
function edgeEdge(c: Colliders, a: number, b: number, code: number, gap: number, out: Manifold): void {
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

/** The face of `b` most opposed to face `axis` of `a`, clipped by it. `sign` −1: the caller's a and b are swapped. */
function face(
  c: Colliders,
  a: number,
  b: number,
  axis: number,
  sign: number,
  margin: number,
  code: number,
  out: Manifold,
): void {
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
  if (nx * dx + ny * dy + nz * dz < 0) {
    nx = -nx;
    ny = -ny;
    nz = -nz;
  }
  let incident = 0;
  let most = 0;
  for (let k = 0; k < 3; k++) {
    const t = R[B + k] * nx + R[B + 3 + k] * ny + R[B + 6 + k] * nz;
    if (Math.abs(t) > Math.abs(most)) {
      most = t;
      incident = k;
    }
  }
  const side = most > 0 ? -size[3 * b + incident] : size[3 * b + incident];
  const iu = incident === 2 ? 0 : incident + 1;
  const iv = iu === 2 ? 0 : iu + 1;
  const u = axis === 2 ? 0 : axis + 1;
  const v = u === 2 ? 0 : u + 1;
  const ux = R[A + u];
  const uy = R[A + 3 + u];
  const uz = R[A + 6 + u];
  const vx = R[A + v];
  const vy = R[A + 3 + v];
  const vz = R[A + 6 + v];
  const ox = dx + side * R[B + incident];
  const oy = dy + side * R[B + 3 + incident];
  const oz = dz + side * R[B + 6 + incident];
  const hu = size[3 * b + iu];
  const hv = size[3 * b + iv];
  const ex = hu * R[B + iu];
  const ey = hu * R[B + 3 + iu];
  const ez = hu * R[B + 6 + iu];
  const fx = hv * R[B + iv];
  const fy = hv * R[B + 3 + iv];
  const fz = hv * R[B + 6 + iv];
  const cu = ox * ux + oy * uy + oz * uz;
  const cv = ox * vx + oy * vy + oz * vz;
  const cn = ox * nx + oy * ny + oz * nz - size[3 * a + axis];
  const eu = ex * ux + ey * uy + ez * uz;
  const ev = ex * vx + ey * vy + ez * vz;
  const en = ex * nx + ey * ny + ez * nz;
  const fu = fx * ux + fy * uy + fz * uz;
  const fv = fx * vx + fy * vy + fz * vz;
  const fn = fx * nx + fy * ny + fz * nz;
  out.corners = 0;
  out.corner(cu + eu + fu, cv + ev + fv, cn + en + fn, 0);
  out.corner(cu - eu + fu, cv - ev + fv, cn - en + fn, 1);
  out.corner(cu - eu - fu, cv - ev - fv, cn - en - fn, 2);
  out.corner(cu + eu - fu, cv + ev - fv, cn + en - fn, 3);
  const ru = size[3 * a + u];
  const rv = size[3 * a + v];
  const spanU = Math.abs(eu) + Math.abs(fu);
  const spanV = Math.abs(ev) + Math.abs(fv);
  if (cu + spanU > ru) out.clip(1, 0, ru, 16);
  if (spanU - cu > ru) out.clip(-1, 0, ru, 17);
  if (cv + spanV > rv) out.clip(0, 1, rv, 18);
  if (spanV - cv > rv) out.clip(0, -1, rv, 19);
  const base = 4096 * (8 * code + 2 * incident + (most > 0 ? 1 : 0)) + 65_536;
  const { polygon } = out;
  for (let k = 0; k < out.corners; k++) {
    const gap = polygon[3 * k + 2];
    if (gap > margin) continue;
    const x = polygon[3 * k];
    const y = polygon[3 * k + 1];
    const h = size[3 * a + axis] + 0.5 * gap;
    out.add(
      pax + x * ux + y * vx + h * nx,
      pay + x * uy + y * vy + h * ny,
      paz + x * uz + y * vz + h * nz,
      gap,
      base + out.cornerId(k),
    );
  }
  out.normal[0] = sign * nx;
  out.normal[1] = sign * ny;
  out.normal[2] = sign * nz;
  out.reduce(R, A, u, v, false);
}
