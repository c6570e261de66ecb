import { distance, type EdgeChecker } from './configuration_space.ts';

export interface SimplifyOptions {
  /** Rounds of cutting every corner. */
  readonly rounds?: number;
}

/** A round of cuts must save this fraction of the path's length to be followed by another. */
const LEAST_GAIN = 0.005;
/** Parts of the shorter leg that a corner is cut by, largest first; a cut must save this fraction of the path's length. */
const CUTS = [1, 0.5, 0.25, 0.125] as const;
const LEAST_CUT = 0.001;

/**
 * Shortens a polyline in the Euclidean length over the joints: waypoints left out, farthest first, then corners cut as far
 * as the cut is free (shortcuts as of Geraerts and Overmars, IJRR 26(8), 2007, at chosen places instead of random ones).
 * Pieces of checked edges are not checked again. Ends stay; the length never rises.
 */
export function simplifyPath(
  path: readonly Float64Array[],
  checker: EdgeChecker,
  options: SimplifyOptions = {},
): Float64Array[] {
  const work = [...path];
  leaveOutWaypoints(work, checker);
  for (let round = 0; round < (options.rounds ?? 2) && work.length > 2; round++) {
    if (!cutCorners(work, checker)) break;
  }
  return work;
}

/** Length of a polyline, Euclidean over the joints (rad). */
export function pathLength(path: readonly Float64Array[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i++) sum += distance(path[i - 1], 0, path[i], 0, path[i].length);
  return sum;
}

function leaveOutWaypoints(path: Float64Array[], checker: EdgeChecker): void {
  for (let i = 0; i < path.length - 2; i++) {
    for (let k = path.length - 1; k > i + 1; k--) {
      if (!checker.free(path[i], 0, path[k], 0)) continue;
      path.splice(i + 1, k - i - 1);
      break;
    }
  }
}

/**
 * Replaces every inner waypoint by a point on either leg, equally far from it, as far as the line between the two is free.
 * True if that shortened the path noticeably.
 */
function cutCorners(path: Float64Array[], checker: EdgeChecker): boolean {
  const { n } = checker.space;
  const before = pathLength(path);
  for (let i = 1; i < path.length - 1; i++) {
    const [a, b, c] = [path[i - 1], path[i], path[i + 1]];
    const ab = distance(a, 0, b, 0, n);
    const bc = distance(b, 0, c, 0, n);
    const side = Math.min(ab, bc);
    for (const part of CUTS) {
      const u = b.map((x, j) => x + ((part * side) / ab) * (a[j] - x));
      const v = b.map((x, j) => x + ((part * side) / bc) * (c[j] - x));
      const saved = 2 * part * side - distance(u, 0, v, 0, n);
      if (saved < LEAST_CUT * before) break;
      if (!checker.free(u, 0, v, 0)) continue;
      const cut = part < 1 ? [u, v] : ab < bc ? [v] : [u];
      path.splice(i, 1, ...cut);
      i += cut.length - 1;
      break;
    }
  }
  return pathLength(path) < before * (1 - LEAST_GAIN);
}
