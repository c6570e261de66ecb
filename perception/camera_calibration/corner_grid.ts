import type { Peak } from './chess_response.ts';

/** Corners in rows and columns, grown from one of them. */
export interface CornerGrid {
  readonly count: number;
  readonly peaks: Iterable<Peak>;
  readonly columns: number;
  readonly rows: number;
  /**
   * All corners row by row, x and y two each, the second axis a right turn from the first in the picture, as the board's
   * front shows them; null unless the grid is whole and has this many columns and rows, or as many rows and columns.
   */
  oriented(columns: number, rows: number): Float64Array | null;
}

/** A neighbour is looked for within this share of the expected step. */
const GATE = 0.3;
/** Cosine of how far the first neighbours may stand beside an edge's direction. */
const ALONG = Math.cos(0.3);

/**
 * Grows a grid over peaks from a seed along the directions of the edges through it: every next corner is expected where
 * its neighbours' steps go on. Null if the seed has no neighbours along both edges.
 * @param most  corners along a side at most, beyond which growth ends
 */
export function growGrid(
  peaks: readonly Peak[],
  seed: Peak,
  edges_rad: readonly [number, number],
  most: number,
): CornerGrid | null {
  const steps = edges_rad.map((angle) => firstStep(peaks, seed, angle));
  const [a, b] = steps;
  if (a === null || b === null) return null;
  const grid = new Map<number, Peak>();
  const taken = new Set<Peak>([seed]);
  const key = (i: number, j: number) => (i + most) * 4 * most + (j + most);
  grid.set(key(0, 0), seed);
  const queue = [[0, 0]];
  const range = { i: [0, 0], j: [0, 0] };
  for (let head = 0; head < queue.length; head++) {
    const [i, j] = queue[head];
    for (const [di, dj] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      const [ni, nj] = [i + di, j + dj];
      if (Math.abs(ni) >= most || Math.abs(nj) >= most || grid.has(key(ni, nj))) continue;
      const step = stepFrom(grid, key, i, j, di, dj, a, b);
      const here = grid.get(key(i, j));
      if (here === undefined) continue;
      const next = nearest(peaks, here.x + step.x, here.y + step.y, GATE * Math.hypot(step.x, step.y), taken);
      if (next === null) continue;
      grid.set(key(ni, nj), next);
      taken.add(next);
      queue.push([ni, nj]);
      range.i = [Math.min(range.i[0], ni), Math.max(range.i[1], ni)];
      range.j = [Math.min(range.j[0], nj), Math.max(range.j[1], nj)];
    }
  }
  const [ci, cj] = [range.i[1] - range.i[0] + 1, range.j[1] - range.j[0] + 1];
  return {
    count: grid.size,
    peaks: taken,
    columns: ci,
    rows: cj,
    oriented(columns, rows) {
      if (grid.size !== columns * rows || ci * cj !== grid.size) return null;
      const direct = ci === columns;
      if (!direct && ci !== rows) return null;
      const out = new Float64Array(2 * grid.size);
      const turn = a.x * b.y - a.y * b.x;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          // Reversing one axis makes a left turn a right one; exchanging the axes does too.
          const flip = turn > 0 === direct ? r : rows - 1 - r;
          const peak = grid.get(
            direct ? key(range.i[0] + c, range.j[0] + flip) : key(range.i[0] + flip, range.j[0] + c),
          );
          if (peak === undefined) return null;
          out[2 * (r * columns + c)] = peak.x;
          out[2 * (r * columns + c) + 1] = peak.y;
        }
      }
      return out;
    },
  };
}

interface Step {
  readonly x: number;
  readonly y: number;
}

/** To the nearest peak along an edge, on either side; as a step forwards. */
function firstStep(peaks: readonly Peak[], seed: Peak, angle: number): Step | null {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  let best: Step | null = null;
  let least = Infinity;
  for (const peak of peaks) {
    const [x, y] = [peak.x - seed.x, peak.y - seed.y];
    const length = Math.hypot(x, y);
    const along = c * x + s * y;
    if (length === 0 || length >= least || Math.abs(along) < ALONG * length) continue;
    least = length;
    best = along > 0 ? { x, y } : { x: -x, y: -y };
  }
  return best;
}

/** The step from i, j to its neighbour: that of the corner behind, else of a corner beside, else the seed's. */
function stepFrom(
  grid: ReadonlyMap<number, Peak>,
  key: (i: number, j: number) => number,
  i: number,
  j: number,
  di: number,
  dj: number,
  a: Step,
  b: Step,
): Step {
  const between = (from: Peak | undefined, to: Peak | undefined): Step | null =>
    from === undefined || to === undefined ? null : { x: to.x - from.x, y: to.y - from.y };
  const behind = between(grid.get(key(i - di, j - dj)), grid.get(key(i, j)));
  if (behind !== null) return behind;
  for (const side of [1, -1]) {
    const [si, sj] = [i + side * dj, j + side * di];
    const beside = between(grid.get(key(si, sj)), grid.get(key(si + di, sj + dj)));
    if (beside !== null) return beside;
  }
  const sign = di + dj;
  const own = di !== 0 ? a : b;
  return { x: sign * own.x, y: sign * own.y };
}

function nearest(peaks: readonly Peak[], x: number, y: number, gate: number, taken: ReadonlySet<Peak>): Peak | null {
  let best: Peak | null = null;
  let least = gate;
  for (const peak of peaks) {
    if (taken.has(peak)) continue;
    const away = Math.hypot(peak.x - x, peak.y - y);
    if (away < least) {
      least = away;
      best = peak;
    }
  }
  return best;
}
