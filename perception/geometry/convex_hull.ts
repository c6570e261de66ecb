/**
 * Convex hull of points in the plane (monotone chain; Andrew, 1979).
 * @param points  x, y pairs
 * @returns x, y pairs of the corners, counter-clockwise for axes x right, y up; no three of them on one line
 */
export function convexHull(points: Float64Array): Float64Array {
  const n = points.length / 2;
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => points[2 * a] - points[2 * b] || points[2 * a + 1] - points[2 * b + 1],
  );
  const chain: number[] = [];
  const build = (indices: readonly number[]): void => {
    const base = chain.length;
    for (const i of indices) {
      while (chain.length >= base + 2 && turn(points, chain[chain.length - 2], chain[chain.length - 1], i) <= 0)
        chain.pop();
      chain.push(i);
    }
    chain.pop();
  };
  build(order);
  build(order.reverse());
  const hull = new Float64Array(2 * Math.max(chain.length, Math.min(n, 1)));
  if (chain.length === 0 && n > 0) chain.push(order[0]);
  for (let k = 0; k < chain.length; k++) {
    hull[2 * k] = points[2 * chain[k]];
    hull[2 * k + 1] = points[2 * chain[k] + 1];
  }
  return hull;
}

function turn(p: Float64Array, a: number, b: number, c: number): number {
  return (p[2 * b] - p[2 * a]) * (p[2 * c + 1] - p[2 * a + 1]) - (p[2 * b + 1] - p[2 * a + 1]) * (p[2 * c] - p[2 * a]);
}
