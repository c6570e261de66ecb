import { InputError, type JointTrajectory, type TRAJECTORY_ERRORS } from '../contracts/index.ts';
import type { JointLimits } from '../dynamics/index.ts';
import { splineVelocities } from './spline_velocities.ts';

export type TrajectoryError = (typeof TRAJECTORY_ERRORS)[number];

/** Why a goal is not followed, with the error that control_msgs/FollowJointTrajectory has for it. */
export class GoalRefusal extends InputError {
  readonly error: TrajectoryError;

  constructor(error: TrajectoryError, what: string, allowed: string) {
    super(what, allowed);
    this.error = error;
  }
}

/** Where the arm is when a goal comes: rad and rad/s, at least one entry a joint. */
export interface GoalStart {
  readonly position: Float64Array;
  readonly velocity: Float64Array;
}

/** Part of a limit that rounding may take. */
const SLACK = 1 + 1e-6;
const POSITION_SLACK_RAD = 1e-6;
/** Looks at each segment of a trajectory that is timed here. */
const LOOKS = 16;
/** Kept free of the limits where samples here are timed: looks miss the very top. */
const SHARE = 0.98;

/**
 * A goal from outside as it can be followed. Joints may come in any order, but must be the arm's. A first point later than
 * 0 is reached from where the arm is, as ros2_controllers' joint_trajectory_controller does. Points without velocities are
 * joined by a cubic spline, run through no sooner than they say and as slowly as the limits ask. Points with velocities
 * must keep the limits themselves. Throws GoalRefusal.
 * @param names  the arm's joints
 * @param limits  of the envelope, one entry a joint
 */
export function goalTrajectory(
  goal: JointTrajectory,
  names: readonly string[],
  start: GoalStart,
  limits: JointLimits,
): JointTrajectory {
  requireJoints(goal.joint_names, names);
  const { velocity, acceleration, time_s } = goal;
  if (time_s.length === 0) throw new GoalRefusal('invalid_goal', 'trajectory without points', 'at least one');
  if (velocity.length === 0 && acceleration.length > 0) {
    throw new GoalRefusal('invalid_goal', 'trajectory with accelerations and no velocities', 'both, or neither');
  }
  const whole = time_s[0] > 0 ? fromStart(goal, names, start) : goal;
  requireInside(whole, names, limits);
  return velocity.length === 0 ? timed(whole, names, start, limits) : whole;
}

function requireJoints(joints: readonly string[], names: readonly string[]): void {
  const wanted = `must be exactly ${names.join(', ')}, in any order`;
  const unknown = joints.filter((name) => !names.includes(name));
  const missing = names.filter((name) => !joints.includes(name));
  const refuse = (what: string) => {
    throw new GoalRefusal('invalid_joints', what, wanted);
  };
  if (unknown.length > 0) refuse(`trajectory with unknown joints ${unknown.join(', ')}`);
  if (missing.length > 0) refuse(`trajectory without joints ${missing.join(', ')}`);
  if (joints.length > names.length) refuse(`trajectory that names a joint twice: ${joints.join(', ')}`);
}

/** The goal with a first sample where the arm is. */
function fromStart(goal: JointTrajectory, names: readonly string[], start: GoalStart): JointTrajectory {
  const { joint_names, time_s, position, velocity, acceleration } = goal;
  const row = (values: Float64Array) => joint_names.map((name) => values[names.indexOf(name)]);
  return {
    joint_names,
    time_s: Float64Array.of(0, ...time_s),
    position: Float64Array.of(...row(start.position), ...position),
    velocity: velocity.length === 0 ? velocity : Float64Array.of(...row(start.velocity), ...velocity),
    acceleration: acceleration.length === 0 ? acceleration : Float64Array.of(...names.map(() => 0), ...acceleration),
  };
}

function requireInside(trajectory: JointTrajectory, names: readonly string[], limits: JointLimits): void {
  const { joint_names, position, velocity, acceleration } = trajectory;
  const n = joint_names.length;
  const each = (values: Float64Array, what: string, check: (value: number, joint: number) => string) => {
    values.forEach((value, k) => {
      const allowed = check(value, names.indexOf(joint_names[k % n]));
      if (allowed === '') return;
      const where = `${what} ${value.toPrecision(5)} of ${joint_names[k % n]} at point ${Math.floor(k / n)}`;
      throw new GoalRefusal('invalid_goal', where, allowed);
    });
  };
  each(position, 'position', (q, i) => {
    const [lower, upper] = [limits.position_lower[i], limits.position_upper[i]];
    const inside = q >= lower - POSITION_SLACK_RAD && q <= upper + POSITION_SLACK_RAD;
    return inside ? '' : `${lower.toPrecision(5)} to ${upper.toPrecision(5)} rad by the envelope`;
  });
  const bound = (most: Float64Array, unit: string) => (value: number, i: number) =>
    Math.abs(value) <= most[i] * SLACK ? '' : `at most ${most[i].toPrecision(5)} ${unit} by the envelope`;
  each(velocity, 'velocity', bound(limits.velocity, 'rad/s'));
  each(acceleration, 'acceleration', bound(limits.acceleration, 'rad/s²'));
}

/** Velocities and accelerations by a spline through the points, at rest at its end; later where the limits ask. */
function timed(
  goal: JointTrajectory,
  names: readonly string[],
  start: GoalStart,
  limits: JointLimits,
): JointTrajectory {
  const { joint_names, position } = goal;
  const n = joint_names.length;
  const order = joint_names.map((name) => names.indexOf(name));
  if (goal.time_s.length === 1) {
    const still = new Float64Array(n);
    return { joint_names, time_s: goal.time_s, position, velocity: still, acceleration: still };
  }
  let { time_s } = goal;
  // The speed it begins with does not scale with the times.
  for (let round = 0; round < 20; round++) {
    const first = Float64Array.from(order, (i) => start.velocity[i]);
    const { velocity, acceleration } = splineVelocities(time_s, position, first);
    const trajectory = { joint_names, time_s, position, velocity, acceleration };
    const stretch = stretchToLimits(trajectory, order, limits);
    if (stretch <= 1 + 1e-9) return trajectory;
    time_s = time_s.map((t) => t * stretch);
  }
  throw new GoalRefusal('invalid_goal', 'trajectory without velocities', 'no time was found in which it keeps limits');
}

/** How much longer the trajectory must take to keep the limits; at most 1 where it does. */
function stretchToLimits(trajectory: JointTrajectory, order: readonly number[], limits: JointLimits): number {
  const { time_s, position, velocity, acceleration } = trajectory;
  const n = order.length;
  let most = 0;
  for (let k = 0; k + 1 < time_s.length; k++) {
    const h = time_s[k + 1] - time_s[k];
    for (let j = 0; j < n; j++) {
      const [from, to, i] = [k * n + j, (k + 1) * n + j, order[j]];
      // The quintic between two points, in u = 0..1.
      const c1 = velocity[from] * h;
      const c2 = 0.5 * acceleration[from] * h * h;
      const way = position[to] - position[from] - c1 - c2;
      const gain = velocity[to] * h - c1 - 2 * c2;
      const bend = acceleration[to] * h * h - 2 * c2;
      const c3 = 10 * way - 4 * gain + 0.5 * bend;
      const c4 = -15 * way + 7 * gain - bend;
      const c5 = 6 * way - 3 * gain + 0.5 * bend;
      for (let look = 0; look <= LOOKS; look++) {
        const u = look / LOOKS;
        const v = (c1 + u * (2 * c2 + u * (3 * c3 + u * (4 * c4 + u * 5 * c5)))) / h;
        const a = (2 * c2 + u * (6 * c3 + u * (12 * c4 + u * 20 * c5))) / (h * h);
        const jerk = (6 * c3 + u * (24 * c4 + u * 60 * c5)) / (h * h * h);
        most = Math.max(most, Math.abs(v) / limits.velocity[i]);
        most = Math.max(most, Math.sqrt(Math.abs(a) / limits.acceleration[i]));
        most = Math.max(most, Math.cbrt(Math.abs(jerk) / limits.jerk[i]));
      }
    }
  }
  return most / SHARE;
}
