import type { JointState, JointTrajectory } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Speed of the first joint's swing (rad/s), in what time it is gained and for how long it lasts (s). */
export const CRUISE_SPEED = 1.9;
const RAMP_S = 0.3;
const CRUISE_S = 1;
const SAMPLES = 129;

/** The first joint from where the arm is to the other side, at a steady speed. */
export function swing(robot: Robot, { position }: Pick<JointState, 'position'>): JointTrajectory {
  const duration_s = 2 * RAMP_S + CRUISE_S;
  const way = position[0] > 0 ? -1 : 1;
  const time_s = Float64Array.from({ length: SAMPLES }, (_, k) => (duration_s * k) / (SAMPLES - 1));
  return along(robot, position, time_s, (t) => way * CRUISE_SPEED * rampedWay(t, duration_s));
}

/** A little of the same. */
export function nudge(robot: Robot, { position }: Pick<JointState, 'position'>): JointTrajectory {
  return along(robot, position, Float64Array.of(0.4), () => (position[0] > 0 ? -0.05 : 0.05));
}

function along(
  { arm_joints: n, model }: Robot,
  q: Float64Array,
  time_s: Float64Array<ArrayBuffer>,
  of: (t: number) => number,
): JointTrajectory {
  const none = new Float64Array(0);
  const position = Float64Array.from({ length: n * time_s.length }, (_, k) =>
    k % n === 0 ? q[0] + of(time_s[Math.floor(k / n)]) : q[k % n],
  );
  return { joint_names: model.joint_names.slice(0, n), time_s, position, velocity: none, acceleration: none };
}

/** Way of a unit speed that is gained and lost by 3u² − 2u³. */
function rampedWay(t: number, duration_s: number): number {
  const ramp = (u: number) => RAMP_S * (u ** 3 - 0.5 * u ** 4);
  if (t < RAMP_S) return ramp(t / RAMP_S);
  if (t <= RAMP_S + CRUISE_S) return 0.5 * RAMP_S + t - RAMP_S;
  return RAMP_S + CRUISE_S - ramp(Math.max(0, (duration_s - t) / RAMP_S));
}
