import type { MotionLimits } from './limits.ts';
import type { MotionSamples } from './spline_motion.ts';

/** How a motion stands to its limits, to itself and to the polyline it was made for. */
export interface MotionReport {
  /** Largest shares of the limits, of the samples and of the differences of their positions. */
  readonly velocity: number;
  readonly acceleration: number;
  readonly jerk: number;
  /** Largest distance of the positions from those that the jerks integrate to (rad). */
  readonly integration_rad: number;
  /** Largest Euclidean distance of a sample from the polyline (rad). */
  readonly off_path_rad: number;
}

/**
 * Judges a motion by its samples alone: what a controller, or anyone else, can check of it.
 * @param path  polyline that it is to stay on
 */
export function reportMotion(
  samples: MotionSamples,
  limits: MotionLimits,
  path: readonly Float64Array[],
): MotionReport {
  const n = limits.velocity.length;
  const { rows, dt_s, position } = samples;
  const report = { velocity: 0, acceleration: 0, jerk: 0, integration_rad: 0, off_path_rad: 0 };
  for (let j = 0; j < n; j++) {
    let [p, v, a] = [samples.position[j], samples.velocity[j], samples.acceleration[j]];
    for (let k = 0; k < rows; k++) {
      const i = k * n + j;
      const at = (d: number) => position[Math.max(0, Math.min(rows - 1, k + d)) * n + j];
      const slope = Math.max(Math.abs(samples.velocity[i]), Math.abs(at(1) - at(0)) / dt_s);
      const bend = Math.max(Math.abs(samples.acceleration[i]), Math.abs(at(1) - 2 * at(0) + at(-1)) / dt_s ** 2);
      report.velocity = Math.max(report.velocity, slope / limits.velocity[j]);
      report.acceleration = Math.max(report.acceleration, bend / limits.acceleration[j]);
      report.jerk = Math.max(report.jerk, Math.abs(samples.jerk[i]) / limits.jerk[j]);
      report.integration_rad = Math.max(report.integration_rad, Math.abs(p - position[i]));
      const jerk = samples.jerk[i];
      p += dt_s * (v + dt_s * (a / 2 + (dt_s * jerk) / 6));
      v += dt_s * (a + (dt_s * jerk) / 2);
      a += dt_s * jerk;
    }
  }
  let leg = 0;
  for (let k = 0; k < rows; k++) {
    const nearest = nearestLeg(position.subarray(k * n, k * n + n), path, leg);
    report.off_path_rad = Math.max(report.off_path_rad, nearest.distance_rad);
    leg = nearest.leg;
  }
  return report;
}

/** Distance to the nearest of the legs of a polyline around leg `near`. */
function nearestLeg(
  q: Float64Array,
  path: readonly Float64Array[],
  near: number,
): { distance_rad: number; leg: number } {
  let distance_rad = path.length < 2 ? Math.hypot(...q.map((x, j) => x - path[0][j])) : Number.POSITIVE_INFINITY;
  let leg = near;
  for (let i = Math.max(1, near - LEGS); i < Math.min(path.length, near + LEGS); i++) {
    const [a, b] = [path[i - 1], path[i]];
    let length2 = 0;
    let dot = 0;
    for (let j = 0; j < q.length; j++) {
      length2 += (b[j] - a[j]) ** 2;
      dot += (b[j] - a[j]) * (q[j] - a[j]);
    }
    const u = length2 > 0 ? Math.min(1, Math.max(0, dot / length2)) : 0;
    let sum = 0;
    for (let j = 0; j < q.length; j++) sum += (a[j] + u * (b[j] - a[j]) - q[j]) ** 2;
    if (Math.sqrt(sum) < distance_rad) {
      distance_rad = Math.sqrt(sum);
      leg = i;
    }
  }
  return { distance_rad, leg };
}

/** A motion passes fewer legs than this in a sample. */
const LEGS = 25;
