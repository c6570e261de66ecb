import { capOnCap } from './cap_on_cap.ts';
import { capOnSide } from './cap_on_side.ts';
import type { Colliders } from './colliders.ts';
import { CylinderPair, setVector } from './cylinder_pair.ts';
import { sideAlongSide, singlePoint } from './cylinder_sides.ts';
import { CAP_COSINE, PARALLEL } from './cylinder_support.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';

const pair = new CylinderPair();
/** Direction being tried, frame world. */
const direction = new Float64Array(3);

/**
 * Contact of two cylinders by separating axes: both axes, from the axis of one to the centre of the other, and, unless
 * they are parallel, across both axes, the best of the directions across either (side to rim) and of all near the best
 * so far (rim to rim), by search. Caps touch in a polygon (octagons), a side on a cap and parallel sides in two points,
 * all else in one. Points with a gap of up to `margin` (m) are kept; none if the two are farther apart.
 */
export function cylinderCylinder(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  pair.load(c, a, b);
  const { dx, dy, dz, ax, ay, az, bx, by, bz } = pair;
  const n = out.normal;

  const along_a = dx * ax + dy * ay + dz * az;
  const along_b = dx * bx + dy * by + dz * bz;
  const sign_a = along_a < 0 ? -1 : 1;
  const sign_b = along_b < 0 ? -1 : 1;
  let best = pair.separation(sign_a * ax, sign_a * ay, sign_a * az);
  if (best > margin) return;
  let feature: 'cap a' | 'cap b' | 'point' | 'line' = 'cap a';
  let s = pair.separation(sign_b * bx, sign_b * by, sign_b * bz);
  if (s > margin) return;
  if (s > best + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(best)) {
    best = s;
    feature = 'cap b';
  }
  let deepest = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
  const cosine = ax * bx + ay * by + az * bz;
  const parallel = Math.abs(cosine) > PARALLEL;

  // From the axis of a to the centre of b.
  let px = dx - along_a * ax;
  let py = dy - along_a * ay;
  let pz = dz - along_a * az;
  let length = Math.hypot(px, py, pz);
  if (length > 1e-9) {
    px /= length;
    py /= length;
    pz /= length;
    s = pair.separation(px, py, pz);
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      feature = parallel ? 'line' : 'point';
      setVector(n, px, py, pz);
    }
  }
  if (!parallel) {
    let cx = ay * bz - az * by;
    let cy = az * bx - ax * bz;
    let cz = ax * by - ay * bx;
    length = Math.hypot(cx, cy, cz);
    const scale = (cx * dx + cy * dy + cz * dz < 0 ? -1 : 1) / length;
    cx *= scale;
    cy *= scale;
    cz *= scale;
    s = pair.separation(cx, cy, cz);
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      feature = 'point';
      setVector(n, cx, cy, cz);
    }
    for (let side = 0; side < 2; side++) {
      s = pair.acrossAxis(side, direction);
      if (s > margin) return;
      if (s > deepest + 1e-7) {
        deepest = s;
        feature = 'point';
        n.set(direction);
      }
    }
    if (feature === 'cap a') setVector(direction, sign_a * ax, sign_a * ay, sign_a * az);
    else if (feature === 'cap b') setVector(direction, sign_b * bx, sign_b * by, sign_b * bz);
    else direction.set(n);
    s = pair.ascend(direction);
    if (s > margin) return;
    if (s > deepest + 1e-7) {
      deepest = s;
      feature = 'point';
      n.set(direction);
    }
  }

  if (feature === 'cap a') {
    if (Math.abs(cosine) > CAP_COSINE) capOnCap(c, a, b, sign_a, 1, margin, out);
    else capOnSide(c, a, b, sign_a, 1, margin, out);
  } else if (feature === 'cap b') {
    if (Math.abs(cosine) > CAP_COSINE) capOnCap(c, b, a, -sign_b, -1, margin, out);
    else capOnSide(c, b, a, -sign_b, -1, margin, out);
  } else if (feature === 'line') sideAlongSide(c, a, pair, margin, out);
  else singlePoint(c, a, b, pair, deepest, out);
  // Octagons miss what lies between them and their rims.
  if (out.count === 0 && best < 0 && feature !== 'line') singlePoint(c, a, b, pair, best, out);
}
