/** Squared sine of the angle below which the closest point inside both segments would be lost in rounding. */
const NEARLY_PARALLEL = 1e-10;

/**
 * Distance of two segments (m); no allocation. The closest points by clamping the parameters in turn (Ericson, Real-Time
 * Collision Detection, 5.1.9).
 *
 * @param segment  ends of the first: ax ay az bx by bz
 * @param size  ends of the second, six numbers from `at`
 * @param out  out[0]: the distance
 */
export function segmentSegment(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  const ux = segment[3] - segment[0];
  const uy = segment[4] - segment[1];
  const uz = segment[5] - segment[2];
  const vx = size[at + 3] - size[at];
  const vy = size[at + 4] - size[at + 1];
  const vz = size[at + 5] - size[at + 2];
  const wx = segment[0] - size[at];
  const wy = segment[1] - size[at + 1];
  const wz = segment[2] - size[at + 2];
  const uu = ux * ux + uy * uy + uz * uz;
  const vv = vx * vx + vy * vy + vz * vz;
  const uw = ux * wx + uy * wy + uz * wz;
  const vw = vx * wx + vy * wy + vz * wz;
  const uv = ux * vx + uy * vy + uz * vz;
  const determinant = uu * vv - uv * uv;
  if (determinant < NEARLY_PARALLEL * uu * vv) {
    nearestEnd(segment, size, at, out);
    return;
  }
  let s = determinant > 0 ? (uv * vw - uw * vv) / determinant : 0;
  s = s < 0 ? 0 : s > 1 ? 1 : s;
  let t = vv > 0 ? (uv * s + vw) / vv : 0;
  if (!(t >= 0 && t <= 1)) t = t < 0 ? 0 : 1;
  s = uu > 0 ? (uv * t - uw) / uu : 0;
  s = s < 0 ? 0 : s > 1 ? 1 : s;
  const dx = wx + ux * s - vx * t;
  const dy = wy + uy * s - vy * t;
  const dz = wz + uz * s - vz * t;
  out[0] = Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** Least distance of an end of either segment to the other segment: the distance of segments that are nearly parallel. */
function nearestEnd(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  for (let end = 0; end < 4; end++) {
    const point = end < 2 ? segment : size;
    const i = end < 2 ? 3 * end : at + 3 * (end - 2);
    const line = end < 2 ? size : segment;
    const j = end < 2 ? at : 0;
    const ux = line[j + 3] - line[j];
    const uy = line[j + 4] - line[j + 1];
    const uz = line[j + 5] - line[j + 2];
    const wx = point[i] - line[j];
    const wy = point[i + 1] - line[j + 1];
    const wz = point[i + 2] - line[j + 2];
    const uu = ux * ux + uy * uy + uz * uz;
    let t = uu > 0 ? (ux * wx + uy * wy + uz * wz) / uu : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    const dx = wx - t * ux;
    const dy = wy - t * uy;
    const dz = wz - t * uz;
    const square = dx * dx + dy * dy + dz * dz;
    if (square < least) least = square;
  }
  out[0] = Math.sqrt(least);
}

/** Distance of a segment to the origin (m) into out[0]; no allocation. */
export function segmentOrigin(segment: Float64Array, out: Float64Array): void {
  const x = segment[0];
  const y = segment[1];
  const z = segment[2];
  const ux = segment[3] - x;
  const uy = segment[4] - y;
  const uz = segment[5] - z;
  const uu = ux * ux + uy * uy + uz * uz;
  let s = uu > 0 ? -(x * ux + y * uy + z * uz) / uu : 0;
  s = s < 0 ? 0 : s > 1 ? 1 : s;
  const dx = x + ux * s;
  const dy = y + uy * s;
  const dz = z + uz * s;
  out[0] = Math.sqrt(dx * dx + dy * dy + dz * dz);
}
