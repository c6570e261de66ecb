/**
 * Convex hull of points in the plane (monotone chain; Andrew, 1979).
 * @param points  x, y pairs
 * @returns x, y pairs of the corners, counter-clockwise for axes x right, y up; no three of them on one line
 */
export function convexHull(points: Float64Array): Float64Array {
  const chain = convexHullIndices(points);
  const hull = new Float64Array(2 * chain.length);
  for (let k = 0; k < chain.length; k++) {
    hull[2 * k] = points[2 * chain[k]];
    hull[2 * k + 1] = points[2 * chain[k] + 1];
  }
  return hull;
}

/** As `convexHull`, but which points the corners are. */
export function convexHullIndices(points: Float64Array): Int32Array {
  const n = points.length / 2;
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const chain = new Int32Array(2 * n + 1);
  return chain.slice(0, hullInto(points, order, n, chain));
}

/**
 * The hull of some points without allocating, for at most MOST_INSERTED of them.
 * @param order  the indices of the points in its first `n`; sorted after. What is all but sorted is quickest
 * @param chain  takes the indices of the corners; at least 2 n + 1 long
 * @returns how many corners there are
 */
export function hullInto(points: Float64Array, order: Int32Array, n: number, chain: Int32Array): number {
  sortByX(points, order, n);
  let length = 0;
  for (let direction = 1; direction >= -1; direction -= 2) {
    const base = length;
    for (let k = 0; k < n; k++) {
      const i = order[direction > 0 ? k : n - 1 - k];
      while (length >= base + 2 && turn(points, chain[length - 2], chain[length - 1], i) <= 0) length--;
      chain[length++] = i;
    }
    length--;
  }
  if (length > 0) return length;
  if (n > 0) chain[0] = order[0];
  return Math.min(1, n);
}

/** More points than this are not sorted by insertion. */
const MOST_INSERTED = 256;

/** Indices of the points by x, then y, then number. Insertion for few points, which mostly come nearly in order. */
function sortByX(points: Float64Array, order: Int32Array, n: number): void {
  if (n > MOST_INSERTED) {
    order
      .subarray(0, n)
      .sort((a, b) => points[2 * a] - points[2 * b] || points[2 * a + 1] - points[2 * b + 1] || a - b);
    return;
  }
  for (let i = 1; i < n; i++) {
    const own = order[i];
    const x = points[2 * own];
    const y = points[2 * own + 1];
    let k = i;
    for (; k > 0; k--) {
      const j = order[k - 1];
      const other = points[2 * j];
      if (other < x) break;
      if (other === x && (points[2 * j + 1] < y || (points[2 * j + 1] === y && j < own))) break;
      order[k] = j;
    }
    order[k] = own;
  }
}

function turn(p: Float64Array, a: number, b: number, c: number): number {
  return (p[2 * b] - p[2 * a]) * (p[2 * c + 1] - p[2 * a + 1]) - (p[2 * b + 1] - p[2 * a + 1]) * (p[2 * c] - p[2 * a]);
}
