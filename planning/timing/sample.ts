import type { JointTrajectory } from '../../contracts/index.ts';
import type { TimedPath } from './path_timing.ts';

/**
 * Samples motions one after the other at a fixed period. Every motion is slowed by less than one period so that its end
 * falls on a sample: the end point is exact and at rest.
 * @param dt_s  control period (s)
 */
export function sampleTrajectory(
  paths: readonly TimedPath[],
  joint_names: readonly string[],
  dt_s: number,
): JointTrajectory {
  const n = joint_names.length;
  const steps = paths.map((path) => Math.ceil(path.duration_s / dt_s - 1e-9));
  const rows = 1 + steps.reduce((sum, count) => sum + count, 0);
  const trajectory = {
    joint_names,
    time_s: new Float64Array(rows),
    position: new Float64Array(rows * n),
    velocity: new Float64Array(rows * n),
    acceleration: new Float64Array(rows * n),
  };
  const { position, velocity, acceleration } = trajectory;
  let row = 0;
  paths.forEach((path, index) => {
    const count = steps[index];
    const pace = count > 0 ? path.duration_s / (count * dt_s) : 1;
    for (let k = row === 0 ? 0 : 1; k <= count; k++) {
      const at = (row + k) * n;
      path.write(k === count ? path.duration_s : k * dt_s * pace, position, velocity, acceleration, at);
      for (let j = at; j < at + n; j++) {
        velocity[j] *= pace;
        acceleration[j] *= pace * pace;
      }
    }
    row += count;
  });
  for (let k = 0; k < rows; k++) trajectory.time_s[k] = k * dt_s;
  for (let j = (rows - 1) * n; j < rows * n; j++) velocity[j] = acceleration[j] = 0;
  return trajectory;
}

/** The last point of a trajectory, a copy. */
export function endPoint(trajectory: JointTrajectory): Float64Array {
  return trajectory.position.slice(-trajectory.joint_names.length);
}
