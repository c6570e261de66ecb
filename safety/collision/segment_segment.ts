/** Squared sine of the angle below which the closest point inside both segments would be lost in rounding. */
const NEARLY_PARALLEL = 1e-10;

/**
 * Distance of two segments (m); no allocation. The closest points by clamping the parameters in turn (Ericson, Real-Time
 * Collision Detection, 5.1.9).
 *
 * @param segment  ends of the first: ax ay az bx by bz
 * @param size  ends of the second, six numbers from `at`
 * @param out  see segmentCore
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
  if (determinant <= NEARLY_PARALLEL * uu * vv) {
    nearestEnd(segment, size, at, out);
    return;
  }
  let s = (uv * vw - uw * vv) / determinant;
  s = s < 0 ? 0 : s > 1 ? 1 : s;
  let t = (uv * s + vw) / vv;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  s = (uv * t - uw) / uu;
  s = s < 0 ? 0 : s > 1 ? 1 : s;
  out[1] = wx + ux * s - vx * t;
  out[2] = wy + uy * s - vy * t;
  out[3] = wz + uz * s - vz * t;
  segmentSupport(size, at, out);
}

/** Least distance of an end of either segment to the other: the distance of segments that are nearly parallel. */
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
    if (square >= least) continue;
    least = square;
    const sign = end < 2 ? 1 : -1;
    out[1] = sign * dx;
    out[2] = sign * dy;
    out[3] = sign * dz;
  }
  segmentSupport(size, at, out);
}

/** Distance and unit direction from the difference of the closest points in out[1..3]; support of the second segment. */
function segmentSupport(size: Float64Array, at: number, out: Float64Array): void {
  const distance = Math.sqrt(out[1] * out[1] + out[2] * out[2] + out[3] * out[3]);
  out[0] = distance;
  if (distance === 0) {
    out[4] = Number.POSITIVE_INFINITY;
    return;
  }
  out[1] /= distance;
  out[2] /= distance;
  out[3] /= distance;
  const a = out[1] * size[at] + out[2] * size[at + 1] + out[3] * size[at + 2];
  const b = out[1] * size[at + 3] + out[2] * size[at + 4] + out[3] * size[at + 5];
  out[4] = a > b ? a : b;
}

/** Distance of a segment to the origin (m), as segmentSegment; no allocation. */
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
  const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
  out[0] = distance;
  out[1] = dx / distance;
  out[2] = dy / distance;
  out[3] = dz / distance;
  out[4] = distance > 0 ? 0 : Number.POSITIVE_INFINITY;
}
