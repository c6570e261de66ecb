import type { JointTrajectory } from '../../contracts/index.ts';
import type { JointLimits } from '../../dynamics/index.ts';

/** Durations of the jerk, acceleration and cruise phases of the quickest seven-segment move over `distance` from rest to rest. */
function phases(distance: number, V: number, A: number, J: number): [number, number, number] {
  const d = Math.abs(distance);
  let tj = Math.min(A / J, Math.sqrt(V / J), Math.cbrt(d / (2 * J)));
  let ta = 0;
  if (tj === A / J) ta = Math.max(0, Math.min(V / A - tj, (-3 * tj + Math.sqrt(tj * tj + (4 * d) / A)) / 2));
  const peak = J * tj * (tj + ta);
  const tv = Math.max(0, d / peak - 2 * tj - ta);
  if (d === 0) tj = 0;
  return [tj, ta, d === 0 ? 0 : tv];
}

/** Position of that move at time t, by exact integration of its seven segments. */
function positionAt(t: number, [tj, ta, tv]: [number, number, number], J: number): number {
  const segments: [number, number][] = [
    [tj, J],
    [ta, 0],
    [tj, -J],
    [tv, 0],
    [tj, -J],
    [ta, 0],
    [tj, J],
  ];
  let [p, v, a, left] = [0, 0, 0, t];
  for (const [duration, j] of segments) {
    const s = Math.min(left, duration);
    p += s * (v + s * (a / 2 + (s * j) / 6));
    v += s * (a + (s * j) / 2);
    a += s * j;
    left -= s;
    if (left <= 0) break;
  }
  return p;
}

/**
 * Samples at k·dt of the time-synchronised move from rest at `from` to rest at `to`, the slowest joint at `fraction` of
 * its limits. Velocities and accelerations by central differences of a ten times finer step.
 */
export function restToRest(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  limits: JointLimits,
  fraction: number,
  dt_s: number,
  joint_names: readonly string[],
): JointTrajectory {
  const n = joint_names.length;
  const shapes = Array.from({ length: n }, (_, i) => {
    const f = fraction;
    return phases(to[i] - from[i], f * limits.velocity[i], f * limits.acceleration[i], f * limits.jerk[i]);
  });
  const durations = shapes.map(([tj, ta, tv]) => 4 * tj + 2 * ta + tv);
  const T = Math.max(...durations);
  const at = (i: number, t: number): number => {
    if (t <= 0 || durations[i] === 0) return from[i];
    if (t >= T) return to[i];
    const local = (t * durations[i]) / T;
    return from[i] + Math.sign(to[i] - from[i]) * positionAt(local, shapes[i], fraction * limits.jerk[i]);
  };
  const samples = Math.ceil(T / dt_s) + 1;
  const time_s = Float64Array.from({ length: samples }, (_, k) => k * dt_s);
  const position = new Float64Array(n * samples);
  const velocity = new Float64Array(n * samples);
  const acceleration = new Float64Array(n * samples);
  const e = dt_s / 10;
  for (let k = 0; k < samples; k++) {
    for (let i = 0; i < n; i++) {
      const p = at(i, time_s[k]);
      position[n * k + i] = k === samples - 1 ? to[i] : p;
      if (k === 0 || k === samples - 1) continue;
      velocity[n * k + i] = (at(i, time_s[k] + e) - at(i, time_s[k] - e)) / (2 * e);
      acceleration[n * k + i] = (at(i, time_s[k] + e) - 2 * p + at(i, time_s[k] - e)) / (e * e);
    }
  }
  return { joint_names, time_s, position, velocity, acceleration };
}
