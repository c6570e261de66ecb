import { edgeOnEdge } from './box_edges.ts';
import { faceOnFace } from './box_faces.ts';
import type { Colliders } from './colliders.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';

/**
 * Contact of two boxes by separating axes: the face normals of both and the cross products of their edges (Gottschalk,
 * Lin and Manocha, OBBTree, 1996). Then either the incident face clipped by the reference face, or the closest points
 * of two edges. Points with a gap of up to `margin` (m) are kept; none if the boxes are farther apart.
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
  for (let side = 0; side < 2; side++) {
    const own = side === 0 ? a : b;
    const other = side === 0 ? b : a;
    const W = 9 * own;
    const O = 9 * other;
    const h0 = size[3 * other];
    const h1 = size[3 * other + 1];
    const h2 = size[3 * other + 2];
    for (let i = 0; i < 3; i++) {
      const x = R[W + i];
      const y = R[W + 3 + i];
      const z = R[W + 6 + i];
      const s =
        Math.abs(x * dx + y * dy + z * dz) -
        size[3 * own + i] -
        h0 * Math.abs(x * R[O] + y * R[O + 3] + z * R[O + 6]) -
        h1 * Math.abs(x * R[O + 1] + y * R[O + 4] + z * R[O + 7]) -
        h2 * Math.abs(x * R[O + 2] + y * R[O + 5] + z * R[O + 8]);
      if (s > margin) return;
      if (s > (side === 0 ? best : best + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(best))) {
        best = s;
        axis = 3 * side + i;
      }
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
  if (edges >= 0) edgeOnEdge(c, a, b, edges, deepest, out);
  else if (axis < 3) faceOnFace(c, a, b, axis, 1, margin, out);
  else faceOnFace(c, b, a, axis - 3, -1, margin, out);
}
