/** Halvings of the parameter of the closest point near a rim. */
const HALVINGS = 24;

/**
 * Signed distance of a segment and a cylinder about z (m), never more than the true one; no allocation. Apart it is the
 * distance but for rounding; in contact minus the overlap along the axis or along the radius, the smaller.
 *
 * Every direction n gives a lower bound: the least n·x of the segment minus the support of the cylinder. Tried are the
 * axis, the radius at the closest approach to it, and near a rim the direction of the closest points.
 *
 * @param segment  ends in the cylinder's frame: ax ay az bx by bz
 * @param size  radius and half length, from `at`
 * @param out  see segmentCore
 */
export function segmentCylinder(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  const radius = size[at];
  const half = size[at + 1];
  const ax = segment[0];
  const ay = segment[1];
  const az = segment[2];
  const ux = segment[3] - ax;
  const uy = segment[4] - ay;
  const uz = segment[5] - az;
  const bz = segment[5];
  const low_z = az < bz ? az : bz;
  const high_z = az < bz ? bz : az;
  const axial = (low_z > -high_z ? low_z : -high_z) - half;
  const flat = ux * ux + uy * uy;
  let s = flat > 0 ? -(ax * ux + ay * uy) / flat : 0;
  s = s < 0 ? 0 : s > 1 ? 1 : s;
  const rx = ax + s * ux;
  const ry = ay + s * uy;
  const radial = Math.sqrt(rx * rx + ry * ry) - radius;
  const best = axial > radial ? axial : radial;
  out[0] = best;
  out[4] = Number.POSITIVE_INFINITY;
  if (best > 0) {
    const r = axial > radial ? 0 : 1 / (radial + radius);
    out[1] = rx * r;
    out[2] = ry * r;
    out[3] = axial > radial ? (low_z > 0 ? 1 : -1) : 0;
    out[4] = axial > radial ? half : radius;
  }
  const z = az + s * uz;
  if (radial >= 0 && z <= half && z >= -half) return;

  // The squared distance is convex along the segment: halve by the sign of its derivative.
  let from = 0;
  let to = 1;
  let ex = 0;
  let ey = 0;
  let ez = 0;
  for (let i = 0; i < HALVINGS; i++) {
    s = 0.5 * (from + to);
    const x = ax + s * ux;
    const y = ay + s * uy;
    const h = az + s * uz;
    const r = Math.sqrt(x * x + y * y);
    const over = r > radius ? 1 - radius / r : 0;
    ex = over * x;
    ey = over * y;
    ez = h > half ? h - half : h < -half ? h + half : 0;
    const slope = ex * ux + ey * uy + ez * uz;
    if (slope < 0) from = s;
    else if (slope > 0) to = s;
    else break;
  }
  const norm = Math.sqrt(ex * ex + ey * ey + ez * ez);
  if (norm === 0) return;
  const at_a = ex * ax + ey * ay + ez * az;
  const at_b = at_a + ex * ux + ey * uy + ez * uz;
  const support = radius * Math.sqrt(ex * ex + ey * ey) + half * (ez < 0 ? -ez : ez);
  const gap = ((at_a < at_b ? at_a : at_b) - support) / norm;
  if (gap <= best) return;
  out[0] = gap;
  out[1] = ex / norm;
  out[2] = ey / norm;
  out[3] = ez / norm;
  out[4] = support / norm;
}
