import type { Rng } from '../contracts/index.ts';
import { distance, type EdgeChecker } from './configuration_space.ts';

export interface SimplifyOptions {
  /** Most random shortcuts tried. */
  readonly shortcuts?: number;
  /** Tries in a row without gain after which the path is taken to be short enough. */
  readonly patience?: number;
  /** Rounds of cutting every corner. */
  readonly rounds?: number;
}

/** A shortcut must save this fraction of the path's length to be checked at all. */
const LEAST_GAIN = 0.005;
/** Parts of the shorter leg that a corner is cut by, largest first; a cut must save this fraction of the path's length. */
const CUTS = [1, 0.5, 0.25, 0.125] as const;
const LEAST_CUT = 0.001;

/**
 * Shortens a polyline in the Euclidean length over the joints: waypoints left out, farthest first; straight cuts between
 * random points (Geraerts and Overmars, IJRR 26(8), 2007); corners cut as far as they are free, again and again. Pieces of
 * checked edges are not checked again. Ends stay; the length never rises.
 */
export function simplifyPath(
  path: readonly Float64Array[],
  checker: EdgeChecker,
  rng: Rng,
  options: SimplifyOptions = {},
): Float64Array[] {
  const work = [...path];
  leaveOutWaypoints(work, checker);
  if (work.length <= 2) return work;
  cutAtRandom(work, checker, rng, options.shortcuts ?? 30, options.patience ?? 10);
  leaveOutWaypoints(work, checker);
  for (let round = 0; round < (options.rounds ?? 6) && work.length > 2; round++) {
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

function cutAtRandom(path: Float64Array[], checker: EdgeChecker, rng: Rng, tries: number, patience: number): void {
  const { n } = checker.space;
  let along = distancesAlong(path, n);
  let fruitless = 0;
  for (let i = 0; i < tries && fruitless < patience && path.length > 2; i++) {
    fruitless++;
    const total = along[along.length - 1];
    let u = rng.uniform() * total;
    let v = rng.uniform() * total;
    if (u > v) [u, v] = [v, u];
    const first = legAt(along, u);
    const last = legAt(along, v);
    if (first === last) continue;
    const a = pointAt(path, along, first, u);
    const b = pointAt(path, along, last, v);
    if (v - u - distance(a, 0, b, 0, n) < LEAST_GAIN * total) continue;
    if (!checker.free(a, 0, b, 0)) continue;
    path.splice(first + 1, last - first, a, b);
    along = distancesAlong(path, n);
    fruitless = 0;
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

function distancesAlong(path: readonly Float64Array[], n: number): Float64Array {
  const along = new Float64Array(path.length);
  for (let i = 1; i < path.length; i++) along[i] = along[i - 1] + distance(path[i - 1], 0, path[i], 0, n);
  return along;
}

/** Index of the leg that holds a place along the path. */
function legAt(along: Float64Array, s: number): number {
  let leg = 0;
  while (leg < along.length - 2 && along[leg + 1] < s) leg++;
  return leg;
}

function pointAt(path: readonly Float64Array[], along: Float64Array, leg: number, s: number): Float64Array {
  const t = (s - along[leg]) / (along[leg + 1] - along[leg]);
  return path[leg].map((x, j) => x + t * (path[leg + 1][j] - x));
}
