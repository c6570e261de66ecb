import type { BoxCylinderPair } from './box_cylinder_pair.ts';
import { nextAxis } from './reference_face.ts';

/** Halvings of the right angle between two faces. */
const BISECTIONS = 16;

/** In the plane across the edge, from the edge: centre 2 and axis 2 of the cylinder; its radius and half length (m). */
const plane = new Float64Array(6);

/**
 * Greatest separation (m) of a box and a cylinder over the directions between the two faces of the box that meet in its
 * edge along axis i, on the cylinder's side, by bisection of its derivative; −Infinity if it is at an end. Writes that
 * direction (box frame) to `direction`.
 */
export function rimEdge(pair: BoxCylinderPair, i: number, direction: Float64Array): number {
  const { half, centre, axis, radius: r, half_length: l } = pair;
  const iu = nextAxis(i);
  const iv = nextAxis(iu);
  const su = centre[iu] < 0 ? -1 : 1;
  const sv = centre[iv] < 0 ? -1 : 1;
  const du = su * centre[iu] - half[iu];
  const dv = sv * centre[iv] - half[iv];
  const xu = axis[iu] * su;
  const xv = axis[iv] * sv;
  plane[0] = du;
  plane[1] = dv;
  plane[2] = xu;
  plane[3] = xv;
  plane[4] = r;
  plane[5] = l;
  if (slope(1, 0) <= 0 || slope(0, 1) >= 0) return Number.NEGATIVE_INFINITY;
  let lu = 1;
  let lv = 0;
  let ru = 0;
  let rv = 1;
  let u = 0;
  let v = 0;
  for (let k = 0; k < BISECTIONS; k++) {
    u = lu + ru;
    v = lv + rv;
    const inverse = 1 / Math.sqrt(u * u + v * v);
    u *= inverse;
    v *= inverse;
    if (slope(u, v) > 0) {
      lu = u;
      lv = v;
    } else {
      ru = u;
      rv = v;
    }
  }
  const t = u * xu + v * xv;
  direction[i] = 0;
  direction[iu] = su * u;
  direction[iv] = sv * v;
  return u * du + v * dv - r * Math.sqrt(Math.max(0, 1 - t * t)) - l * Math.abs(t);
}

/** Derivative of the separation when the unit direction (u, v) turns from u to v (m/rad). */
function slope(u: number, v: number): number {
  const xu = plane[2];
  const xv = plane[3];
  const l = plane[5];
  const t = u * xu + v * xv;
  const turn = u * xv - v * xu;
  const round = (plane[4] * t * turn) / Math.sqrt(Math.max(1e-12, 1 - t * t));
  return u * plane[1] - v * plane[0] + round - (t < 0 ? -l : l) * turn;
}
