/**
 * Distance of point p from the triangle with corners a, b, c (numbers of points, x y z each, m) by the Voronoi regions of
 * its corners and edges (Ericson, Real-Time Collision Detection, 5.1.5).
 */
export function distanceToTriangle(
  points: Float64Array,
  p: number,
  [a, b, c]: readonly [number, number, number],
): number {
  const from = (i: number, j: number) => [0, 1, 2].map((k) => points[3 * j + k] - points[3 * i + k]);
  const dot = (u: readonly number[], v: readonly number[]) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const ab = from(a, b);
  const ac = from(a, c);
  const ap = from(a, p);
  const bp = from(b, p);
  const cp = from(c, p);
  const away = (f: number, g: number) => Math.hypot(...ap.map((x, k) => x - f * ab[k] - g * ac[k]));
  const d1 = dot(ab, ap);
  const d2 = dot(ac, ap);
  if (d1 <= 0 && d2 <= 0) return Math.hypot(...ap);
  const d3 = dot(ab, bp);
  const d4 = dot(ac, bp);
  if (d3 >= 0 && d4 <= d3) return Math.hypot(...bp);
  const vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) return away(d1 / (d1 - d3), 0);
  const d5 = dot(ab, cp);
  const d6 = dot(ac, cp);
  if (d6 >= 0 && d5 <= d6) return Math.hypot(...cp);
  const vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) return away(0, d2 / (d2 - d6));
  const va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 >= d3 && d5 >= d6) {
    const g = (d4 - d3) / (d4 - d3 + d5 - d6);
    return away(1 - g, g);
  }
  const sum = va + vb + vc;
  return away(vb / sum, vc / sum);
}
