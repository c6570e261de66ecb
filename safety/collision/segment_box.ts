/**
 * Signed distance of a segment and a box about the origin (m), exact; no allocation. Apart: the distance. In contact: minus
 * the shortest translation that parts them, over the face normals of their Minkowski difference.
 *
 * The squared distance along the segment is convex with a derivative that is linear between the parameters where a face
 * plane is crossed: narrowing by those six leaves one linear piece.
 *
 * @param segment  ends in the box's frame: ax ay az bx by bz
 * @param size  half extents, three numbers from `at`
 * @param out  see segmentCore; out[5..8] is scratch
 */
export function segmentBox(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  out[5] = 0;
  out[6] = 1;
  for (let k = 0; k < 3; k++) {
    const d = segment[3 + k] - segment[k];
    if (d === 0) continue;
    const h = size[at + k];
    out[8] = (h - segment[k]) / d;
    narrow(segment, size, at, out);
    out[8] = (-h - segment[k]) / d;
    narrow(segment, size, at, out);
  }
  const low = out[5];
  const high = out[6];
  out[8] = low;
  slope(segment, size, at, out);
  const first = out[7];
  out[8] = high;
  slope(segment, size, at, out);
  const last = out[7];
  const s = first >= 0 ? low : last <= 0 ? high : low + ((high - low) * first) / (first - last);
  let square = 0;
  for (let k = 0; k < 3; k++) {
    const x = segment[k] + s * (segment[3 + k] - segment[k]);
    const h = size[at + k];
    const e = x > h ? x - h : x < -h ? x + h : 0;
    out[1 + k] = e;
    square += e * e;
  }
  if (square === 0) {
    overlap(segment, size, at, out);
    out[4] = Number.POSITIVE_INFINITY;
    return;
  }
  const distance = Math.sqrt(square);
  let support = 0;
  for (let k = 0; k < 3; k++) {
    const n = out[1 + k] / distance;
    out[1 + k] = n;
    support += (n < 0 ? -n : n) * size[at + k];
  }
  out[0] = distance;
  out[4] = support;
}

/** Moves out[5] or out[6], the ends of the bracket, to the parameter out[8] by the sign of the derivative there. */
function narrow(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  const t = out[8];
  if (!(t > out[5] && t < out[6])) return;
  slope(segment, size, at, out);
  if (out[7] < 0) out[5] = t;
  else out[6] = t;
}

/** Half the derivative of the squared distance at the parameter out[8] into out[7]: numbers in arrays are not boxed. */
function slope(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  const t = out[8];
  let sum = 0;
  for (let k = 0; k < 3; k++) {
    const d = segment[3 + k] - segment[k];
    const x = segment[k] + t * d;
    const h = size[at + k];
    sum += d * (x > h ? x - h : x < -h ? x + h : 0);
  }
  out[7] = sum;
}

/** Greatest gap (least overlap, negated) over the three box axes and their cross products with the segment. */
function overlap(segment: Float64Array, size: Float64Array, at: number, out: Float64Array): void {
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < 3; k++) {
    const a = segment[k];
    const b = segment[3 + k];
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const gap = (low > -high ? low : -high) - size[at + k];
    if (gap > best) best = gap;
    const i = k === 2 ? 0 : k + 1;
    const j = k === 0 ? 2 : k - 1;
    const di = segment[3 + i] - segment[i];
    const dj = segment[3 + j] - segment[j];
    const length = Math.sqrt(di * di + dj * dj);
    if (length === 0) continue;
    // e_k × d in the plane of i and j; the segment is a point along it.
    const at_segment = dj * segment[i] - di * segment[j];
    const reach = (dj < 0 ? -dj : dj) * size[at + i] + (di < 0 ? -di : di) * size[at + j];
    const across = ((at_segment < 0 ? -at_segment : at_segment) - reach) / length;
    if (across > best) best = across;
  }
  out[0] = best < 0 ? best : 0;
}
