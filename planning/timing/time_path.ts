import { InputError } from '../../contracts/index.ts';
import { blendWithin, packPolyline } from './blend.ts';
import { limitJerk, longestWindow } from './jerk_filter.ts';
import type { MotionLimits } from './limits.ts';
import { constrainPath, type PathGrid } from './path_constraints.ts';
import type { QuadraticPath } from './quadratic_path.ts';
import { SplineMotion } from './spline_motion.ts';
import type { ToolBounds } from './tool_bounds.ts';
import { solveToppRa } from './topp_ra.ts';

export interface TimePathOptions {
  /** Sample period, s. */
  readonly dt_s?: number;
  /** How far the motion may leave the polyline (rad, Euclidean) at its corners, and because of the jerk limits. */
  readonly corner_rad?: number;
  readonly smoothing_rad?: number;
  readonly tool?: ToolBounds;
  /** Intervals of the search along the path at least. */
  readonly intervals?: number;
}

/**
 * Times a polyline of joint positions from rest to rest within velocity, acceleration and jerk limits. Corners are rounded
 * as far as the deviation allows, so a polyline dense along a curve is travelled as that curve and a sharp corner nearly
 * stops (blendCorners widens corners where there is room). Then TOPP-RA, and a mean over the time in which the jerk limit
 * turns full acceleration into full deceleration.
 */
export function timePath(
  path: readonly Float64Array[],
  limits: MotionLimits,
  options: TimePathOptions = {},
): SplineMotion {
  const n = limits.velocity.length;
  const { dt_s = 0.001, corner_rad = CORNER_RAD, smoothing_rad = SMOOTHING_RAD, tool, intervals } = options;
  checkInput(path, n, dt_s);
  const points = packPolyline(path, n);
  if (points.length <= n)
    return new SplineMotion(new Float64Array(3 * n), path[0].slice(0, n), path[0].slice(0, n), dt_s);
  const curve = blendWithin(points, n, corner_rad);
  const kept = reserved(limits);
  const grid = constrainPath(curve, kept, {
    lateral_rad_s2: lateralBound(kept, dt_s, smoothing_rad),
    ...(tool === undefined ? {} : { tool }),
    ...(intervals === undefined ? {} : { intervals }),
  });
  const x = solveToppRa(grid);
  if (x === null) throw new RangeError('timePath: a start at rest is always possible');
  return limitJerk(sampleLaw(curve, grid, x, dt_s), n, kept, dt_s).motion;
}

/** Whether keeping close to a path slows a motion in bends more than its acceleration limits may. */
export function smoothingBinds(limits: MotionLimits, dt_s = 0.001): boolean {
  return lateralBound(limits, dt_s, SMOOTHING_RAD) < 2 * Math.hypot(...limits.acceleration);
}

/** |q''| ṡ² at which the mean over the longest window leaves the path by `smoothing_rad` (rad/s²). */
function lateralBound(limits: MotionLimits, dt_s: number, smoothing_rad: number): number {
  return (24 * smoothing_rad) / longestWindow(limits, dt_s) ** 2;
}

/** Samples q(s(t)) at k·dt with s̈ constant in an interval, and the end as the last row. */
export function sampleLaw(path: QuadraticPath, grid: PathGrid, x: Float64Array, dt_s: number): Float64Array {
  const { n } = path;
  const { intervals, delta } = grid;
  const begin = new Float64Array(intervals + 1);
  for (let k = 0; k < intervals; k++)
    begin[k + 1] = begin[k] + (2 * delta[k]) / (Math.sqrt(x[k]) + Math.sqrt(x[k + 1]));
  const duration = begin[intervals];
  const rows = Math.max(1, Math.ceil(duration / dt_s - 1e-9)) + 1;
  const out = new Float64Array(rows * n);
  let k = 0;
  for (let row = 0; row < rows - 1; row++) {
    const t = row * dt_s;
    while (k < intervals - 1 && begin[k + 1] <= t) k++;
    const tau = t - begin[k];
    const u = (x[k + 1] - x[k]) / (2 * delta[k]);
    const ds = Math.min(delta[k], tau * (Math.sqrt(x[k]) + (u * tau) / 2));
    path.write(grid.piece[k], grid.offset[k] + ds, out, row * n);
  }
  out.set(path.end, (rows - 1) * n);
  return out;
}

/** Limits with a reserve for rounding. */
function reserved(limits: MotionLimits): MotionLimits {
  const keep = (x: number) => x * (1 - 2e-7);
  return {
    velocity: limits.velocity.map(keep),
    acceleration: limits.acceleration.map(keep),
    jerk: limits.jerk,
  };
}

function checkInput(path: readonly Float64Array[], n: number, dt_s: number): void {
  if (path.length === 0) throw new InputError('a path of no points', 'one point at least');
  if (!(dt_s > 0)) throw new InputError(`sample period ${dt_s} s`, 'above 0');
  path.forEach((point, i) => {
    if (point.length < n || !point.every(Number.isFinite)) {
      throw new InputError(`point ${i} of the path: [${[...point].join(', ')}]`, `${n} finite joint positions`);
    }
  });
}

/** Together well below the millirad that a follower of checked paths may count on. */
const CORNER_RAD = 2e-4;
const SMOOTHING_RAD = 4.5e-4;
