import { BoxCylinderPair } from './box_cylinder_pair.ts';
import type { Colliders } from './colliders.ts';
import { cylinderOnFace } from './cylinder_on_face.ts';
import { PARALLEL, supportPoint } from './cylinder_support.ts';
import { edgeAcrossSide, edgeAlongSide } from './edge_on_side.ts';
import { faceOnCap } from './face_on_cap.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';
import { nextAxis } from './reference_face.ts';
import { rimEdge } from './rim_edge.ts';

/** Codes of separating axes beyond the box's three faces. */
const CAP = 3;
const SIDE_EDGE = 4;
const SIDE_CORNER = 7;
const RIM_EDGE = 8;
/** Cosine from which a cylinder is upright on a face, so that its rim cannot meet an edge first. */
const UPRIGHT = 0.999;

const pair = new BoxCylinderPair();
/** Direction being tried, in the box's frame. */
const direction = new Float64Array(3);

/**
 * Contact of a box and a cylinder by separating axes: the box's face normals; the cylinder's axis; across a box edge
 * and the axis; from the box corner nearest to the axis; from a box edge to the rim. A cap on a face touches in points
 * of its rim fixed to the cylinder (and the deepest point of the rim if tilted), the side on a face in the two ends of
 * a generator, the side along an edge in the two ends of their overlap, all else in one point. Points with a gap of up
 * to `margin` (m) are kept; none if the two are farther apart.
 */
export function boxCylinder(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  pair.load(c, a, b);
  const { half: h, centre: d, axis: x, normal: n, radius: r, half_length: l } = pair;

  const h0 = h[0];
  const h1 = h[1];
  const h2 = h[2];
  const d0 = d[0];
  const d1 = d[1];
  const d2 = d[2];
  const x0 = x[0];
  const x1 = x[1];
  const x2 = x[2];
  let best = Number.NEGATIVE_INFINITY;
  let code = -1;
  for (let i = 0; i < 3; i++) {
    const s = Math.abs(d[i]) - h[i] - r * Math.sqrt(Math.max(0, 1 - x[i] * x[i])) - l * Math.abs(x[i]);
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

  let deepest = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
  for (let i = 0; i < 3; i++) {
    const u = nextAxis(i);
    const v = nextAxis(u);
    direction[i] = 0;
    direction[u] = -x[v];
    direction[v] = x[u];
    const e0 = direction[0];
    const e1 = direction[1];
    const e2 = direction[2];
    const length2 = e0 * e0 + e1 * e1 + e2 * e2;
    if (length2 < 1 - PARALLEL * PARALLEL) continue;
    const inverse = 1 / Math.sqrt(length2);
    const toward = e0 * d0 + e1 * d1 + e2 * d2;
    const extent = Math.abs(toward) - h0 * Math.abs(e0) - h1 * Math.abs(e1) - h2 * Math.abs(e2);
    const s = extent * inverse - r;
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      code = SIDE_EDGE + i;
      const scale = toward < 0 ? -inverse : inverse;
      for (let k = 0; k < 3; k++) n[k] = scale * direction[k];
    }
  }
  // The way from the box corner whose distance from the cylinder's axis is least.
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 8; k++) {
    const q0 = d0 - (k & 1 ? h0 : -h0);
    const q1 = d1 - (k & 2 ? h1 : -h1);
    const q2 = d2 - (k & 4 ? h2 : -h2);
    const t = q0 * x0 + q1 * x1 + q2 * x2;
    const square = q0 * q0 + q1 * q1 + q2 * q2 - t * t;
    if (square < least) {
      least = square;
      direction[0] = q0 - t * x0;
      direction[1] = q1 - t * x1;
      direction[2] = q2 - t * x2;
    }
  }
  if (least > 1e-12) {
    const inverse = 1 / Math.sqrt(least);
    for (let k = 0; k < 3; k++) direction[k] *= inverse;
    const v0 = direction[0];
    const v1 = direction[1];
    const v2 = direction[2];
    const s = v0 * d0 + v1 * d1 + v2 * d2 - h0 * Math.abs(v0) - h1 * Math.abs(v1) - h2 * Math.abs(v2) - r;
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      code = SIDE_CORNER;
      n.set(direction);
    }
  }
  if (Math.max(Math.abs(x0), Math.abs(x1), Math.abs(x2)) < UPRIGHT) {
    for (let i = 0; i < 3; i++) {
      const s = rimEdge(pair, i, direction);
      if (s > margin) return;
      if (s > deepest) {
        deepest = s;
        code = RIM_EDGE;
        n.set(direction);
      }
    }
  }

  if (code < CAP) {
    cylinderOnFace(c, a, b, code, margin, out);
    if (out.count === 0 && best < 0) supportPoint(c, a, b, best, 299, out);
  } else if (code === CAP) {
    faceOnCap(c, a, b, along < 0 ? 1 : -1, margin, out);
    if (out.count === 0 && best < 0) supportPoint(c, a, b, best, 298, out);
  } else if (code === RIM_EDGE) {
    pair.writeNormal(c.R, a, out);
    supportPoint(c, a, b, deepest, n[0] * x0 + n[1] * x1 + n[2] * x2 > 0 ? 301 : 300, out);
  } else {
    const edge = code === SIDE_CORNER ? parallelEdge() : -1;
    if (edge >= 0) edgeAlongSide(c, a, pair, edge, margin, out);
    else edgeAcrossSide(c, a, pair, code - SIDE_EDGE, deepest, out);
  }
}

/** The box edge the cylinder's axis is along, or −1. */
function parallelEdge(): number {
  for (let i = 0; i < 3; i++) if (Math.abs(pair.axis[i]) > PARALLEL) return i;
  return -1;
}
