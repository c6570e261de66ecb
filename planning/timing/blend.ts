import { legLength, type QuadraticPath, roundPolyline } from './quadratic_path.ts';

/** A polyline as rows of n numbers, without points that repeat the one before or lie on the way straight on. */
export function packPolyline(path: readonly Float64Array[], n: number): Float64Array {
  const rows = new Float64Array(path.length * n);
  let count = 0;
  for (const point of path) {
    rows.set(point.subarray(0, n), count * n);
    if (count > 0 && legLength(rows, n, count) <= REPEATED_RAD) continue;
    count++;
    if (count > 2 && turnAt(rows, n, count - 2) < STRAIGHT) {
      rows.copyWithin((count - 2) * n, (count - 1) * n, count * n);
      count--;
    }
  }
  const last = path[path.length - 1];
  if (last !== undefined && count > 1) rows.set(last.subarray(0, n), (count - 1) * n);
  return rows.slice(0, count * n);
}

/**
 * Rounds the corners of a polyline by the largest parabolic arcs that leave it by at most `deviation_rad` (Euclidean) and
 * take at most half a leg, or all of it where the leg is the first or last.
 * @param points  packed polyline of two points at least
 */
export function blendWithin(points: Float64Array, n: number, deviation_rad: number): QuadraticPath {
  const count = points.length / n;
  const blend = new Float64Array(count);
  for (let i = 1; i < count - 1; i++) {
    const turn = turnAt(points, n, i);
    const room = cornerRoom(points, n, i);
    blend[i] = turn > 0 ? Math.min(room, (4 * deviation_rad) / turn) : 0;
  }
  return roundPolyline(points, n, blend);
}

/** Longest arc side at corner i that leaves room for the neighbours' (rad). */
export function cornerRoom(points: Float64Array, n: number, i: number): number {
  const count = points.length / n;
  const before = legLength(points, n, i) * (i === 1 ? 1 : 0.5);
  const after = legLength(points, n, i + 1) * (i === count - 2 ? 1 : 0.5);
  return Math.min(before, after);
}

/** Length of the difference of the unit vectors before and after corner i: 0 straight on, 2 turning back. */
export function turnAt(points: Float64Array, n: number, i: number): number {
  const before = legLength(points, n, i);
  const after = legLength(points, n, i + 1);
  let sum = 0;
  for (let j = 0; j < n; j++) {
    const u = (points[i * n + j] - points[(i - 1) * n + j]) / before;
    const v = (points[(i + 1) * n + j] - points[i * n + j]) / after;
    sum += (v - u) ** 2;
  }
  return Math.sqrt(sum);
}

/** Points closer than this are one (rad). */
const REPEATED_RAD = 1e-9;
/** A turn below this is none (rad). */
const STRAIGHT = 1e-9;
