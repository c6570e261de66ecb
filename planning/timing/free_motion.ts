import type { SegmentTest } from './corners.ts';
import type { MotionLimits } from './limits.ts';
import type { MotionSamples, SplineMotion } from './spline_motion.ts';
import { smoothingBinds, type TimePathOptions, timePath } from './time_path.ts';

/** A motion with the polyline that it keeps within a millirad of. */
export interface FreeMotion {
  readonly motion: SplineMotion;
  readonly path: readonly Float64Array[];
}

/**
 * Times a free polyline as timePath does. Where the jerk limits are low, staying close to the polyline means to go slowly
 * round its bends; there the motion is first let to cut them as far as it likes, and if the polyline of what it does then
 * is free, that is the path. So an arm with low jerk limits is not slowed by a path that it need not keep.
 */
export function timeFreePath(
  path: readonly Float64Array[],
  limits: MotionLimits,
  free: SegmentTest,
  options: Omit<TimePathOptions, 'smoothing_rad'> = {},
): FreeMotion {
  if (smoothingBinds(limits, options)) {
    for (const smoothing_rad of CUTS_RAD) {
      const motion = timePath(path, limits, { ...options, smoothing_rad });
      const taken = thinSamples(motion.positions(), limits.velocity.length);
      if (polylineFree(taken, free)) return { motion, path: taken };
    }
  }
  return { motion: timePath(path, limits, options), path };
}

/** Points of a motion whose polyline all samples keep within CHORD_RAD of, at most SPACING_RAD apart. */
export function thinSamples({ position, rows }: Pick<MotionSamples, 'position' | 'rows'>, n: number): Float64Array[] {
  const row = (k: number) => position.slice(k * n, k * n + n);
  const points = [row(0)];
  let from = 0;
  while (from < rows - 1) {
    let stride = 1;
    while (from + 2 * stride < rows && chordHolds(position, n, from, from + 2 * stride)) stride *= 2;
    let to = from + stride;
    for (let step = stride / 2; step >= 1; step /= 2) {
      if (to + step < rows && chordHolds(position, n, from, to + step)) to += step;
    }
    points.push(row(to));
    from = to;
  }
  return points;
}

function chordHolds(position: Float64Array, n: number, from: number, to: number): boolean {
  let length2 = 0;
  for (let j = 0; j < n; j++) length2 += (position[to * n + j] - position[from * n + j]) ** 2;
  if (length2 > SPACING_RAD ** 2) return false;
  for (let k = from + 1; k < to; k++) {
    let dot = 0;
    let distance2 = 0;
    for (let j = 0; j < n; j++) {
      const d = position[k * n + j] - position[from * n + j];
      dot += d * (position[to * n + j] - position[from * n + j]);
      distance2 += d * d;
    }
    if (distance2 - (length2 > 0 ? (dot * dot) / length2 : 0) > CHORD_RAD ** 2) return false;
  }
  return true;
}

function polylineFree(path: readonly Float64Array[], free: SegmentTest): boolean {
  for (let i = 1; i < path.length; i++) if (!free(path[i - 1], 0, path[i], 0)) return false;
  return true;
}

/** How far a motion may cut bends, in the order tried (rad). */
const CUTS_RAD = [Number.POSITIVE_INFINITY, 2e-3];
const CHORD_RAD = 1e-4;
const SPACING_RAD = 0.05;
