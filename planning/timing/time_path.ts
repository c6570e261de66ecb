import { InputError } from '../../contracts/index.ts';
import { blendWithin, packPolyline } from './blend.ts';
import { limitJerk, longestWindow } from './jerk_filter.ts';
import type { MotionLimits } from './limits.ts';
import { constrainPath } from './path_constraints.ts';
import type { QuadraticPath } from './quadratic_path.ts';
import { SplineMotion } from './spline_motion.ts';
import { sampleStraight } from './straight.ts';
import { TimeLaw } from './time_law.ts';
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
 * turns full acceleration into full deceleration; on a straight line the trajectory generator where it is quicker. Where
 * that mean is long, staying on the path costs speed in its bends: then less acceleration, and so a shorter mean, is tried.
 */
export function timePath(
  path: readonly Float64Array[],
  limits: MotionLimits,
  options: TimePathOptions = {},
): SplineMotion {
  const n = limits.velocity.length;
  const { dt_s = DT_S } = options;
  checkPath(path, n, dt_s);
  const points = packPolyline(path, n);
  if (points.length <= n)
    return new SplineMotion(new Float64Array(3 * n), path[0].slice(0, n), path[0].slice(0, n), dt_s);
  const curve = blendWithin(points, n, options.corner_rad ?? CORNER_RAD);
  const kept = reserved(limits);
  let best: SplineMotion | null = null;
  for (const gentle of gentler(kept, options)) {
    const law = fastestLaw(curve, gentle, options);
    if (law === null) throw new RangeError('timePath: a start at rest is always possible');
    // the mean makes no motion shorter
    if (best === null || law.duration_s < best.duration_s) {
      best = shorter(best, limitJerk(law.sample(dt_s), n, gentle, dt_s));
    }
  }
  if (curve.pieces === 1 && !boundsToolAcceleration(options)) {
    const max_speed = toolSpeedBound(curve, kept, options);
    best = shorter(best, limitJerk(sampleStraight(curve, kept, max_speed, dt_s), n, kept, dt_s));
  }
  if (best === null) throw new RangeError('timePath: no limits to try');
  return best;
}

function shorter(best: SplineMotion | null, motion: SplineMotion): SplineMotion {
  return best === null || motion.duration_s < best.duration_s ? motion : best;
}

function boundsToolAcceleration({ tool }: TimePathOptions): boolean {
  return tool?.limits.acceleration_m_s2 !== undefined || tool?.limits.turn_rad_s2 !== undefined;
}

/** The fastest law along a curve from a speed ṡ to rest, jerk left aside; null where the start is too fast. */
export function fastestLaw(
  curve: QuadraticPath,
  limits: MotionLimits,
  { dt_s = DT_S, smoothing_rad = SMOOTHING_RAD, tool, intervals }: TimePathOptions,
  start_speed = 0,
): TimeLaw | null {
  const grid = constrainPath(curve, limits, {
    lateral_rad_s2: lateralBound(limits, dt_s, smoothing_rad),
    ...(tool === undefined ? {} : { tool }),
    ...(intervals === undefined ? {} : { intervals }),
  });
  const x = solveToppRa(grid, start_speed ** 2);
  return x === null ? null : new TimeLaw(curve, grid, x);
}

/** Whether keeping close to a path slows a motion in bends more than its acceleration limits may. */
export function smoothingBinds(
  limits: MotionLimits,
  { dt_s = DT_S, smoothing_rad = SMOOTHING_RAD }: TimePathOptions = {},
): boolean {
  return lateralBound(limits, dt_s, smoothing_rad) < 2 * Math.hypot(...limits.acceleration);
}

/** The limits, and where smoothing binds others with less acceleration that may be quicker. */
export function gentler(limits: MotionLimits, options: TimePathOptions): MotionLimits[] {
  const shares = smoothingBinds(limits, options) ? SHARES : [1];
  return shares.map((share) => ({ ...limits, acceleration: limits.acceleration.map((a) => a * share) }));
}

/** Least of the bounds on ṡ along the curve. */
function toolSpeedBound(curve: QuadraticPath, limits: MotionLimits, { tool }: TimePathOptions): number {
  const { x_max } = constrainPath(curve, limits, tool === undefined ? {} : { tool });
  return Math.sqrt(x_max.reduce((least, x) => Math.min(least, x)));
}

/** |q''| ṡ² at which the mean over the longest window leaves the path by `smoothing_rad` (rad/s²). */
function lateralBound(limits: MotionLimits, dt_s: number, smoothing_rad: number): number {
  return (24 * smoothing_rad) / longestWindow(limits, dt_s) ** 2;
}

/** Limits with a reserve for rounding. */
export function reserved(limits: MotionLimits): MotionLimits {
  const keep = (x: number) => x * (1 - 2e-7);
  return {
    velocity: limits.velocity.map(keep),
    acceleration: limits.acceleration.map(keep),
    jerk: limits.jerk,
  };
}

export function checkPath(path: readonly Float64Array[], n: number, dt_s: number): void {
  if (path.length === 0) throw new InputError('a path of no points', 'one point at least');
  if (!(dt_s > 0)) throw new InputError(`sample period ${dt_s} s`, 'above 0');
  path.forEach((point, i) => {
    if (point.length < n || !point.every(Number.isFinite)) {
      throw new InputError(`point ${i} of the path: [${[...point].join(', ')}]`, `${n} finite joint positions`);
    }
    for (let j = 0; j < n; j++) {
      if (Math.abs(point[j] - path[0][j]) > FARTHEST_RAD) {
        throw new InputError(
          `point ${i} of the path: joint ${j} at ${point[j]}`,
          `within ${FARTHEST_RAD} rad of its start`,
        );
      }
    }
  });
}

const DT_S = 0.001;
/** Shares of the acceleration limits that are tried. */
const SHARES = [1, 0.7, 0.5, 0.35, 0.25, 0.18];
/** Travel of a joint that control points resolve exactly. */
const FARTHEST_RAD = 250;
/** Together well below the millirad that a follower of checked paths may count on. */
export const CORNER_RAD = 2e-4;
const SMOOTHING_RAD = 4.5e-4;
