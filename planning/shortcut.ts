import type { Rng } from '../contracts/index.ts';
import { distance, type EdgeChecker } from './configuration_space.ts';

export interface ShortcutOptions {
  readonly iterations?: number;
  /** Cost of a straight segment; the sum over the path never rises. Default: its length. */
  readonly cost?: (a: Float64Array, b: Float64Array) => number;
}

/**
 * Shortens a polyline by replacing the stretch between two random points of it with a straight segment where that is free
 * and cheaper (Geraerts and Overmars, 2007). The pieces left at both sides are checked again: their sample points lie
 * elsewhere than those of the edge they come from. Ends stay; the result is free wherever it was checked.
 */
export function shortcutPath(
  path: readonly Float64Array[],
  checker: EdgeChecker,
  rng: Rng,
  options: ShortcutOptions = {},
): Float64Array[] {
  const n = checker.space.n;
  const cost = options.cost ?? ((a, b) => distance(a, 0, b, 0, n));
  let current = [...path];
  for (let iteration = 0; iteration < (options.iterations ?? 60) && current.length > 2; iteration++) {
    // every other try joins two waypoints, which removes corners; the rest cut across at random points
    const last = current.length - 1;
    let u = rng.uniform() * last;
    let v = rng.uniform() * last;
    if (iteration % 2 === 0) {
      u = Math.round(u);
      v = Math.round(v);
    }
    if (u > v) [u, v] = [v, u];
    const i = Math.min(Math.floor(u), last - 1);
    const k = Math.min(Math.ceil(v), last);
    if (k - i < 2) continue;
    const a = pointOn(current[i], current[i + 1], u - i);
    const b = pointOn(current[k - 1], current[k], v - (k - 1));
    const replacement = [a, b];
    if (u > i) replacement.unshift(current[i]);
    if (v < k) replacement.push(current[k]);
    let before = 0;
    for (let m = i; m < k; m++) before += cost(current[m], current[m + 1]);
    let after = 0;
    for (let m = 1; m < replacement.length; m++) after += cost(replacement[m - 1], replacement[m]);
    if (after >= before * (1 - 1e-9)) continue;
    let free = true;
    for (let m = 1; m < replacement.length && free; m++) free = checker.free(replacement[m - 1], 0, replacement[m], 0);
    if (free) current = [...current.slice(0, i), ...replacement, ...current.slice(k + 1)];
  }
  return current;
}

function pointOn(a: Float64Array, b: Float64Array, t: number): Float64Array {
  return t <= 0 ? a : t >= 1 ? b : a.map((x, j) => x + t * (b[j] - x));
}
