import { z } from 'zod';
import {
  type ACTIONS,
  type GoalStatus,
  type GripperResult,
  NO_TOLERANCE,
  TRAJECTORY_ERRORS,
  type TrajectoryResult,
  type TrajectoryTolerances,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import {
  duration_s,
  fieldError,
  finite,
  floats,
  header,
  parseFields,
  real,
  rosHeader,
  toRosDuration,
} from './fields.ts';
import { trajectoryFromRos, trajectoryToRos } from './trajectories.ts';

type TrajectoryGoal = z.infer<(typeof ACTIONS)['follow_joint_trajectory']['goal']>;
type TrajectoryFeedback = z.infer<(typeof ACTIONS)['follow_joint_trajectory']['feedback']>;
type GripperGoal = z.infer<(typeof ACTIONS)['gripper']['goal']>;

const FOLLOW = 'control_msgs/action/FollowJointTrajectory';
const ERASED = -1;
const FALLBACK_CODE = -TRAJECTORY_ERRORS.indexOf('path_tolerance_violated');
const SHORTEST_S = 1e-9;

const tolerance = z.strictObject({ name: z.string(), position: finite, velocity: finite, acceleration: finite });
const none = z.array(z.unknown()).max(0, 'is not supported: must be empty');
const followGoal = z.strictObject({
  trajectory: z.strictObject({
    header,
    joint_names: z.array(z.string()),
    points: z.array(
      z.strictObject({
        positions: floats,
        velocities: floats,
        accelerations: floats,
        effort: floats,
        time_from_start: duration_s,
      }),
    ),
  }),
  multi_dof_trajectory: z.strictObject({ header: z.unknown(), joint_names: none, points: none }),
  path_tolerance: z.array(tolerance),
  component_path_tolerance: none,
  goal_tolerance: z.array(tolerance),
  component_goal_tolerance: none,
  goal_time_tolerance: duration_s,
});

/** control_msgs/action/FollowJointTrajectory_Goal. The label goes as the frame_id, which controllers do not look at. */
export function followGoalToRos({ label, start_ns, trajectory, tolerances = {} }: TrajectoryGoal): object {
  return {
    trajectory: trajectoryToRos(trajectory, start_ns ?? 0n, label),
    path_tolerance: tolerancesToRos(tolerances.path_rad),
    goal_tolerance: tolerancesToRos(tolerances.goal_rad),
    goal_time_tolerance: toRosDuration(goalTime(tolerances.goal_time_s)),
  };
}

/**
 * Throws an InputError for what no controller could follow: lengths that differ, numbers that are not finite, times that
 * do not increase, unknown fields, motion in several axes, tolerances of velocity or acceleration.
 */
export function followGoalFromRos(fields: RosFields): TrajectoryGoal {
  const type = `${FOLLOW}_Goal`;
  const goal = parseFields(followGoal, fields, type);
  const { stamp, frame_id } = goal.trajectory.header;
  const path_rad = tolerancesFromRos(goal.path_tolerance, type, 'path_tolerance');
  const goal_rad = tolerancesFromRos(goal.goal_tolerance, type, 'goal_tolerance');
  const time_s = goal.goal_time_tolerance;
  const tolerances: TrajectoryTolerances = {
    ...(path_rad === null ? {} : { path_rad }),
    ...(goal_rad === null ? {} : { goal_rad }),
    ...(time_s === 0 ? {} : { goal_time_s: time_s < 0 ? NO_TOLERANCE : time_s }),
  };
  return {
    label: frame_id === '' ? 'trajectory' : frame_id,
    ...(stamp === 0n ? {} : { start_ns: stamp }),
    trajectory: trajectoryFromRos(goal.trajectory, `${type}.trajectory`),
    ...(Object.keys(tolerances).length === 0 ? {} : { tolerances }),
  };
}

function goalTime(time_s: number | undefined): number {
  if (time_s === undefined) return 0;
  return time_s === NO_TOLERANCE ? ERASED : Math.max(time_s, SHORTEST_S);
}

function tolerancesToRos(allowed: Readonly<Record<string, number>> = {}): object[] {
  return Object.entries(allowed).map(([name, position]) => ({
    name,
    position: position === NO_TOLERANCE ? ERASED : position,
    velocity: 0,
    acceleration: 0,
  }));
}

/** 0 leaves a tolerance as it is, −1 takes it away. */
function tolerancesFromRos(
  given: readonly z.infer<typeof tolerance>[],
  type: string,
  field: string,
): Record<string, number> | null {
  const allowed: [string, number][] = [];
  for (const [i, { name, position, velocity, acceleration }] of given.entries()) {
    if (position < 0 && position !== ERASED) {
      throw fieldError(type, [field, i, 'position'], position, 'must be positive, 0 for the default or -1 for none');
    }
    if (velocity > 0) throw fieldError(type, [field, i, 'velocity'], velocity, 'is not watched: leave it 0');
    if (acceleration > 0)
      throw fieldError(type, [field, i, 'acceleration'], acceleration, 'is not watched: leave it 0');
    if (position !== 0) allowed.push([name, position === ERASED ? NO_TOLERANCE : position]);
  }
  return allowed.length === 0 ? null : Object.fromEntries(allowed);
}

const point = z.object({ positions: floats, time_from_start: duration_s });
const followFeedback = z.object({
  joint_names: z.array(z.string()),
  desired: point,
  actual: point,
  error: z.object({ positions: floats }),
});

/** control_msgs/action/FollowJointTrajectory_Feedback. */
export function followFeedbackToRos({ time_s, joints }: TrajectoryFeedback, now_ns: bigint): object {
  const time_from_start = toRosDuration(time_s);
  const { names = [], desired = new Float64Array(0), actual = desired } = joints ?? {};
  return {
    header: rosHeader(now_ns),
    joint_names: names,
    desired: { positions: desired, time_from_start },
    actual: { positions: actual, time_from_start },
    error: { positions: desired.map((value, i) => value - actual[i]), time_from_start },
  };
}

/** The greatest error is that of the moment. */
export function followFeedbackFromRos(fields: RosFields): TrajectoryFeedback {
  const { joint_names, desired, actual, error } = parseFields(followFeedback, fields, `${FOLLOW}_Feedback`);
  const known = desired.positions.length === joint_names.length && actual.positions.length === joint_names.length;
  return {
    time_s: desired.time_from_start,
    max_error_rad: error.positions.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    ...(known && joint_names.length > 0
      ? { joints: { names: joint_names, desired: desired.positions, actual: actual.positions } }
      : {}),
  };
}

const followResult = z.object({ error_code: z.number().int(), error_string: z.string() });

/**
 * control_msgs/action/FollowJointTrajectory_Result. A goal that was stopped without an error of its own has left its path:
 * PATH_TOLERANCE_VIOLATED, with the reason in words; one that was cancelled has no error.
 */
export function followResultToRos({ ok, reason, error }: TrajectoryResult, status: GoalStatus): object {
  const code = error === undefined ? FALLBACK_CODE : -TRAJECTORY_ERRORS.indexOf(error);
  return { error_code: ok || (status === 'canceled' && error === undefined) ? 0 : code, error_string: reason };
}

export function followResultFromRos(fields: RosFields, status: GoalStatus): TrajectoryResult {
  const type = `${FOLLOW}_Result`;
  const { error_code, error_string } = parseFields(followResult, fields, type);
  const error = TRAJECTORY_ERRORS.find((_, i) => -i === error_code);
  const ok = status === 'succeeded' && error_code === 0;
  return {
    ok,
    reason: error_string !== '' || ok ? error_string : status,
    final_error_rad: Number.NaN,
    ...(error === undefined || error_code === 0 ? {} : { error }),
  };
}

const gripperGoal = z.object({ command: z.object({ position: finite, max_effort: finite }) });
const gripperState = z.object({ position: real, stalled: z.boolean(), reached_goal: z.boolean() });

/** control_msgs/action/GripperCommand_Goal: position is the gap between the fingers (m), max_effort the force of each (N). */
export function gripperGoalToRos({ width_m, force_N }: GripperGoal): object {
  return { command: { position: width_m, max_effort: force_N } };
}

/** A max_effort of 0 leaves the force to the gripper: all it has. */
export function gripperGoalFromRos(fields: RosFields): GripperGoal {
  const type = 'control_msgs/action/GripperCommand_Goal';
  const { position, max_effort } = parseFields(gripperGoal, fields, type).command;
  if (position < 0) throw fieldError(type, ['command', 'position'], position, 'must be the gap in metres, at least 0');
  if (max_effort < 0) throw fieldError(type, ['command', 'max_effort'], max_effort, 'must be at least 0 N');
  return { width_m: position, force_N: max_effort === 0 ? Number.MAX_VALUE : max_effort };
}

/** control_msgs/action/GripperCommand_Result. The force is not measured: NaN. */
export function gripperResultToRos({ width_m, stalled, reached }: GripperResult): object {
  return { position: width_m, effort: Number.NaN, stalled, reached_goal: reached };
}

export function gripperResultFromRos(fields: RosFields): GripperResult {
  const result = parseFields(gripperState, fields, 'control_msgs/action/GripperCommand_Result');
  return { width_m: result.position, stalled: result.stalled, reached: result.reached_goal };
}

/** control_msgs/action/GripperCommand_Feedback. */
export function gripperFeedbackToRos({ width_m }: { readonly width_m: number }): object {
  return { position: width_m, effort: Number.NaN, stalled: false, reached_goal: false };
}

export function gripperFeedbackFromRos(fields: RosFields): { width_m: number } {
  return { width_m: parseFields(gripperState, fields, 'control_msgs/action/GripperCommand_Feedback').position };
}
