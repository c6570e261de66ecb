import { createRng } from '../../contracts/index.ts';

const MAX_SWEEPS = 24;
const THIRD = (2 * Math.PI) / 3;
/** Points along a coordinate that are tried when not every position is allowed. */
const GRID = 24;

/** A search over joint positions within limits; `q` has more entries if the robot has more coordinates than the arm. */
export interface PositionSearch {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Joints that slide: 1. */
  readonly prismatic: ArrayLike<number>;
  /** What is to be greatest. */
  value(q: Float64Array): number;
  /** Whether a position counts; all do by default. */
  allowed?(q: Float64Array): boolean;
}

/**
 * Raises `value` from `q` by one joint after the other and leaves the position found in `q`; a local maximum.
 *
 * Gravity torques and squared distances between a point of the arm and a fixed one are A + B cos q_j + C sin q_j in each
 * revolute joint: three values give the greatest exactly. Every step is taken only if the value then computed is greater.
 */
export function climb(search: PositionSearch, q: Float64Array, sweeps = MAX_SWEEPS): number {
  const { lower, prismatic, allowed } = search;
  let best = search.value(q);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const before = best;
    for (let j = 0; j < lower.length; j++) {
      const here = q[j];
      let place = here;
      const candidates = prismatic[j] === 1 ? ends(search, j) : [peak(search, q, j, best)];
      if (allowed !== undefined) candidates.push(...grid(search, j));
      for (const candidate of candidates) {
        q[j] = candidate;
        if (allowed !== undefined && !allowed(q)) continue;
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

function grid({ lower, upper }: PositionSearch, j: number): number[] {
  return Array.from({ length: GRID + 1 }, (_, k) => lower[j] + ((upper[j] - lower[j]) * k) / GRID);
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
