import { createRng, type Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';

const MAX_SWEEPS = 24;
const STEPS = 250;
const THIRD = (2 * Math.PI) / 3;

/** A search over joint positions within limits; `q` has more entries if the robot has more coordinates than the arm. */
export interface PositionSearch {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Joints that slide: 1. */
  readonly prismatic: ArrayLike<number>;
  /** What is to be greatest. */
  value(q: Float64Array): number;
}

/**
 * Raises `value` from `q` by one joint after the other and leaves the position found in `q`; a local maximum.
 *
 * Gravity torques and squared distances between a point of the arm and a fixed one are A + B cos q_j + C sin q_j in each
 * revolute joint: three values give the greatest exactly. Every step is taken only if the value then computed is greater.
 */
export function climb(search: PositionSearch, q: Float64Array, sweeps = MAX_SWEEPS): number {
  const { prismatic } = search;
  let best = search.value(q);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const before = best;
    for (let j = 0; j < prismatic.length; j++) {
      const here = q[j];
      let place = here;
      const candidates = prismatic[j] === 1 ? ends(search, j) : [peak(search, q, j, best)];
      for (const candidate of candidates) {
        q[j] = candidate;
        const value = search.value(q);
        if (!(value > best)) continue;
        best = value;
        place = candidate;
      }
      q[j] = place;
    }
    if (best - before <= 1e-6 * Math.max(1, Math.abs(best))) break;
  }
  return best;
}

function ends({ lower, upper }: PositionSearch, j: number): number[] {
  return [lower[j], upper[j]];
}

/** Where joint j makes the value greatest within its limits, all others at `q`, of which the value is `f0`. */
function peak({ lower, upper, value }: PositionSearch, q: Float64Array, j: number, f0: number): number {
  const here = q[j];
  q[j] = here + THIRD;
  const f1 = value(q);
  q[j] = here - THIRD;
  const f2 = value(q);
  q[j] = here;
  const top = here + Math.atan2((f1 - f2) / Math.sqrt(3), (2 * f0 - f1 - f2) / 3);
  const inside = top + 2 * Math.PI * Math.ceil((lower[j] - top) / (2 * Math.PI));
  if (inside <= upper[j]) return inside;
  return Math.cos(lower[j] - top) > Math.cos(upper[j] - top) ? lower[j] : upper[j];
}

/**
 * As climb where not every position counts: from `q`, which does, by random steps that grow when they succeed and shrink
 * when they fail (Rechenberg's rule of one in five), each brought back by `mend`, which says whether it then counts.
 */
export function wander(search: PositionSearch, q: Float64Array, mend: (q: Float64Array) => boolean, rng: Rng): number {
  const { lower, upper, value, prismatic } = search;
  const next = q.slice();
  let best = value(q);
  let size = 0.3;
  for (let k = 0; k < STEPS; k++) {
    for (let j = 0; j < prismatic.length; j++) {
      const step = size * Math.min(upper[j] - lower[j], 2) * rng.normal();
      next[j] = Math.min(Math.max(q[j] + step, lower[j]), upper[j]);
    }
    const found = mend(next) ? value(next) : Number.NEGATIVE_INFINITY;
    if (found > best) {
      best = found;
      q.set(next);
      size = Math.min(0.5, 1.5 * size);
    } else size = Math.max(1e-3, 0.9 * size);
  }
  return best;
}

/** `count` positions within the limits: the given one brought inside, the middle, and seeded random ones. */
export function startPositions(
  home: Float64Array,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  count: number,
): Float64Array[] {
  const rng = createRng(1, 'envelope');
  return Array.from({ length: count }, (_, k) => {
    const q = home.slice();
    for (let j = 0; j < lower.length; j++) {
      if (k === 0) q[j] = Math.min(Math.max(q[j], lower[j]), upper[j]);
      else q[j] = k === 1 ? 0.5 * (lower[j] + upper[j]) : rng.range(lower[j], upper[j]);
    }
    return q;
  });
}

/** Which of the arm's joints slide: 1. */
export function slidingJoints({ model, arm_joints }: Robot): Uint8Array {
  const slides = new Uint8Array(arm_joints);
  for (let b = 0; b < model.nb; b++) {
    if (model.coordinate[b] < arm_joints && model.joint_type[b] === 1) slides[model.coordinate[b]] = 1;
  }
  return slides;
}
