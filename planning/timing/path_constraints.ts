import type { MotionLimits } from './limits.ts';
import type { QuadraticPath } from './quadratic_path.ts';
import { addToolRows, type ToolBounds, toolRows, toolSpeedBounds } from './tool_bounds.ts';
import type { PathConstraints } from './topp_ra.ts';

/** A path cut into intervals that lie within one piece each, and what bounds the motion over them. */
export interface PathGrid extends PathConstraints {
  /** Piece of every interval, and where in it the interval begins. */
  readonly piece: Int32Array;
  readonly offset: Float64Array;
}

export interface GridOptions {
  /** Intervals the whole path has at least. */
  readonly intervals?: number;
  /** Bound on the change of direction: |q''| ṡ², rad/s². */
  readonly lateral_rad_s2?: number;
  readonly tool?: ToolBounds;
}

/**
 * Joint velocity and acceleration limits along a path of quadratic pieces. Within an interval ṡ² and q' are linear in s
 * and s̈ and q'' are constant, so q̈ = q' s̈ + q'' ṡ² is linear in s: holding it at both ends holds it everywhere.
 */
export function constrainPath(path: QuadraticPath, limits: MotionLimits, options: GridOptions = {}): PathGrid {
  const { n, pieces } = path;
  const cuts = new Int32Array(pieces);
  const step = path.length / (options.intervals ?? INTERVALS);
  let intervals = 0;
  for (let i = 0; i < pieces; i++) {
    cuts[i] = Math.max(1, Math.ceil((path.s[i + 1] - path.s[i]) / step - 1e-9));
    intervals += cuts[i];
  }
  const tool = options.tool;
  const rows = 2 * n + (tool === undefined ? 0 : toolRows(tool));
  const grid = {
    intervals,
    delta: new Float64Array(intervals),
    rows,
    alpha: new Float64Array(intervals * rows),
    beta: new Float64Array(intervals * rows),
    bound: new Float64Array(intervals * rows),
    x_max: new Float64Array(intervals + 1).fill(Number.POSITIVE_INFINITY),
    piece: new Int32Array(intervals),
    offset: new Float64Array(intervals),
  };
  for (let i = 0, k = 0; i < pieces; i++) {
    const delta = (path.s[i + 1] - path.s[i]) / cuts[i];
    for (let c = 0; c < cuts[i]; c++, k++) {
      grid.delta[k] = delta;
      grid.piece[k] = i;
      grid.offset[k] = c * delta;
      boundInterval(grid, path, limits, k, options.lateral_rad_s2 ?? Number.POSITIVE_INFINITY);
    }
  }
  if (tool !== undefined) {
    addToolRows(grid, path, tool, 2 * n);
    toolSpeedBounds(grid, path, tool);
  }
  return grid;
}

function boundInterval(grid: PathGrid, path: QuadraticPath, limits: MotionLimits, k: number, lateral: number): void {
  const { n, dq, ddq } = path;
  const { alpha, beta, bound, x_max } = grid;
  const delta = grid.delta[k];
  const first = k * grid.rows;
  let x = Number.POSITIVE_INFINITY;
  let bend2 = 0;
  for (let j = 0; j < n; j++) {
    const at = grid.piece[k] * n + j;
    const bend = ddq[at];
    const begin = dq[at] + grid.offset[k] * bend;
    const end = begin + delta * bend;
    const fastest = Math.max(Math.abs(begin), Math.abs(end));
    if (fastest > 0) x = Math.min(x, (limits.velocity[j] / fastest) ** 2);
    bend2 += bend * bend;
    alpha[first + j] = begin;
    beta[first + j] = bend;
    bound[first + j] = limits.acceleration[j];
    alpha[first + n + j] = end + 2 * delta * bend;
    beta[first + n + j] = bend;
    bound[first + n + j] = limits.acceleration[j];
  }
  if (bend2 > 0) x = Math.min(x, lateral / Math.sqrt(bend2));
  x_max[k] = Math.min(x_max[k], x);
  x_max[k + 1] = Math.min(x_max[k + 1], x);
}

/** Intervals of a path at least: the loss against a finer grid is below a thousandth. */
const INTERVALS = 120;
