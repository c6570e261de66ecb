import type { Vector3 } from '../../contracts/index.ts';
import { type ContactPair, dot, pairAxis, pairMiddle } from './contact_pair.ts';
import { holdPerNewton, type Pads } from './hold.ts';
import type { SurfaceCloud } from './surface_cloud.ts';

export interface CloudPairOptions {
  readonly max_width_m: number;
  readonly pads: Pads;
  /** Points tried as the first contact, spread evenly over the cloud. */
  readonly most_points?: number;
  /** Pairs kept, the best first. */
  readonly most_pairs?: number;
}

export interface RankedPair {
  readonly pair: ContactPair;
  /** See holdPerNewton. */
  readonly hold: number;
}

/**
 * Antipodal contacts of a cloud with normals: points whose line lies within both friction cones (ten Pas and Platt, 2015,
 * search them likewise), ranked by the weight they hold about the cloud's middle. Of pairs that are nearly the same the best
 * one is kept.
 */
export function pairsFromCloud(
  { points, normals }: SurfaceCloud,
  { max_width_m, pads, most_points = 400, most_pairs = 60 }: CloudPairOptions,
): RankedPair[] {
  const count = points.length / 3;
  const at = (source: Float64Array, i: number): Vector3 => [source[3 * i], source[3 * i + 1], source[3 * i + 2]];
  const centre = middleOf(points);
  const step = Math.max(1, Math.ceil(count / most_points));
  const found: RankedPair[] = [];
  const cone = Math.cos(Math.atan(pads.friction));
  for (let i = 0; i < count; i += step) {
    const [a, normal_a] = [at(points, i), at(normals, i)];
    for (let j = 0; j < count; j++) {
      const d: Vector3 = [points[3 * j] - a[0], points[3 * j + 1] - a[1], points[3 * j + 2] - a[2]];
      const width = Math.hypot(...d);
      if (width > max_width_m || width < LEAST_WIDTH_M || -dot(normal_a, d) < cone * width) continue;
      const normal_b = at(normals, j);
      if (dot(normal_b, d) < cone * width) continue;
      const pair = { a, b: at(points, j), normal_a, normal_b };
      const hold = holdPerNewton(pair, centre, pads);
      if (hold > 0) found.push({ pair, hold });
    }
  }
  found.sort((p, q) => q.hold - p.hold);
  const kept: RankedPair[] = [];
  for (const candidate of found) {
    if (kept.length >= most_pairs) break;
    if (kept.every(({ pair }) => !alike(pair, candidate.pair))) kept.push(candidate);
  }
  return kept;
}

/** Middle of the box around the points: where the object's mass is guessed to be, whatever the cameras saw most of. */
function middleOf(points: Float64Array): Vector3 {
  const along = (k: 0 | 1 | 2): number => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = k; i < points.length; i += 3) [low, high] = [Math.min(low, points[i]), Math.max(high, points[i])];
    return (low + high) / 2;
  };
  return [along(0), along(1), along(2)];
}

function alike(p: ContactPair, q: ContactPair): boolean {
  const [m, n] = [pairMiddle(p), pairMiddle(q)];
  const apart = Math.hypot(m[0] - n[0], m[1] - n[1], m[2] - n[2]);
  return apart < ALIKE_M && Math.abs(dot(pairAxis(p), pairAxis(q))) > ALIKE_COS;
}

const LEAST_WIDTH_M = 0.004;
const ALIKE_M = 0.008;
const ALIKE_COS = Math.cos(0.25);
