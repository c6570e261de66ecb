import { describeFailure, TrajectoryGenerator, TrajectoryInput } from '../../trajectory/index.ts';
import { jerkRoom } from './jerk_filter.ts';
import type { MotionLimits } from './limits.ts';
import type { QuadraticPath } from './quadratic_path.ts';

/**
 * Samples at k·dt of the shortest motion from rest to rest along a straight path within velocity, acceleration and jerk
 * limits, by the trajectory generator; the end is the last row.
 * @param max_speed  further bound on ṡ (rad/s)
 */
export function sampleStraight(
  path: QuadraticPath,
  limits: MotionLimits,
  max_speed: number,
  dt_s: number,
): Float64Array {
  const { n, dq, length } = path;
  const bound = (limit: Float64Array) => {
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) if (dq[j] !== 0) least = Math.min(least, limit[j] / Math.abs(dq[j]));
    return least;
  };
  const input = new TrajectoryInput(1);
  input.p1[0] = length;
  input.vmax[0] = Math.min(max_speed, bound(limits.velocity));
  input.amax[0] = bound(limits.acceleration);
  input.jmax[0] = bound(limits.jerk.map((jerk) => jerkRoom(jerk, dt_s))) * ROUNDING;
  const generator = new TrajectoryGenerator(1);
  if (!generator.plan(input, 'none')) throw new RangeError(`sampleStraight: ${describeFailure(generator.failure)}`);
  const rows = Math.max(1, Math.ceil(generator.duration / dt_s - 1e-9)) + 1;
  const out = new Float64Array(rows * n);
  const [s, v, a] = [0, 0, 0].map(() => new Float64Array(1));
  for (let row = 0; row < rows - 1; row++) {
    generator.sample(row * dt_s, s, v, a);
    path.write(0, Math.min(s[0], length), out, row * n);
  }
  out.set(path.end, (rows - 1) * n);
  return out;
}

/** So that differences of rounded samples hold the jerk limits. */
const ROUNDING = 1 - 1e-7;
