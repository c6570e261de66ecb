/**
 * The nearest points of two segments, each from x y z to x y z: the first in `p` from `at` on, the second in `q`; both may be
 * points. Into `out` the one on the first, then the one on the second. @returns their distance
 */
export function closestOfSegments(p: ArrayLike<number>, at: number, q: ArrayLike<number>, out: Float64Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  for (let i = 0; i < 3; i++) {
    const u = p[at + 3 + i] - p[at + i];
    const v = q[3 + i] - q[i];
    const w = p[at + i] - q[i];
    a += u * u;
    b += u * v;
    c += v * v;
    d += u * w;
    e += v * w;
  }
  const area = a * c - b * b;
  let s = area > 1e-12 * a * c ? clamp((b * e - c * d) / area) : 0;
  const t = c > 0 ? clamp((b * s + e) / c) : 0;
  s = a > 0 ? clamp((b * t - d) / a) : 0;
  let square = 0;
  for (let i = 0; i < 3; i++) {
    out[i] = p[at + i] + s * (p[at + 3 + i] - p[at + i]);
    out[3 + i] = q[i] + t * (q[3 + i] - q[i]);
    square += (out[i] - out[3 + i]) ** 2;
  }
  return Math.sqrt(square);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
