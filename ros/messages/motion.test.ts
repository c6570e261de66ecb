import { describe, expect, it } from 'vitest';
import { InputError, NO_TOLERANCE, TRAJECTORY_ERRORS } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import type { RosFields } from '../mapping.ts';
import * as ros from './motion.ts';

const goalCodec = new RosCodec('control_msgs/action/FollowJointTrajectory_Goal');

/** A goal as MoveIt sends one, with some fields changed. */
function goal(changes: Record<string, unknown> = {}, points: readonly object[] = [point(1), point(2)]): RosFields {
  const trajectory = { header: {}, joint_names: ['a', 'b'], points };
  return goalCodec.decode(goalCodec.encode({ trajectory, ...changes }));
}

const point = (sec: number, changes: object = {}) => ({
  positions: [0.1 * sec, 0.2],
  velocities: [0, 0],
  accelerations: [0, 0],
  time_from_start: { sec, nanosec: 500_000_000 },
  ...changes,
});

describe('goals of FollowJointTrajectory', () => {
  it('are read as MoveIt sends them', () => {
    expect(ros.followGoalFromRos(goal())).toEqual({
      label: 'trajectory',
      trajectory: {
        joint_names: ['a', 'b'],
        time_s: Float64Array.of(1.5, 2.5),
        position: Float64Array.of(0.1, 0.2, 0.2, 0.2),
        velocity: new Float64Array(4),
        acceleration: new Float64Array(4),
      },
    });
  });

  it('may leave out speeds in all points, and say when they begin', () => {
    const bare = [point(0, { velocities: [], accelerations: [] }), point(1, { velocities: [], accelerations: [] })];
    const trajectory = { header: { stamp: { sec: 7, nanosec: 5 } }, joint_names: ['a', 'b'], points: bare };
    const read = ros.followGoalFromRos(goal({ trajectory }));
    expect(read).toMatchObject({ start_ns: 7_000_000_005n });
    expect(read.trajectory).toMatchObject({ velocity: new Float64Array(0), acceleration: new Float64Array(0) });
  });

  it('give tolerances: 0 leaves the default, -1 takes it away', () => {
    const given = { velocity: 0, acceleration: 0 };
    const path_tolerance = [
      { name: 'a', position: 0.1, ...given },
      { name: 'b', position: 0, ...given },
      { name: 'c', position: -1, ...given },
    ];
    expect(ros.followGoalFromRos(goal({ path_tolerance })).tolerances).toEqual({
      path_rad: { a: 0.1, c: NO_TOLERANCE },
    });
    const times = [
      { sec: 0, nanosec: 0 },
      { sec: -1, nanosec: 0 },
      { sec: 0, nanosec: 250_000_000 },
    ].map((goal_time_tolerance) => ros.followGoalFromRos(goal({ goal_time_tolerance })).tolerances);
    expect(times).toEqual([undefined, { goal_time_s: NO_TOLERANCE }, { goal_time_s: 0.25 }]);
  });

  it.each<[string, RosFields | (() => RosFields), string]>([
    ['no joints', goal({ trajectory: { points: [point(1)] } }), 'trajectory.joint_names'],
    ['no points', goal({}, []), 'trajectory.points = an array: must have at least one point'],
    ['too few positions', goal({}, [point(1, { positions: [1] })]), 'points[0].positions.length = 1: must be 2'],
    [
      'too many velocities',
      goal({}, [point(1), point(2, { velocities: [1, 2, 3] })]),
      'points[1].velocities.length = 3',
    ],
    ['speeds in some points', goal({}, [point(1), point(2, { velocities: [] })]), 'in every point or in none'],
    [
      'not a number',
      goal({}, [point(1, { positions: [0, Number.NaN] })]),
      'points[0].positions[1] = NaN: must be a finite number (b)',
    ],
    ['infinite', goal({}, [point(1, { accelerations: [Number.POSITIVE_INFINITY, 0] })]), 'accelerations[0] = Infinity'],
    ['time standing still', goal({}, [point(1), point(1)]), 'points[1].time_from_start = 1.5: must be later'],
    ['time before the start', goal({}, [point(-2)]), 'points[0].time_from_start = -1.5: must not be negative'],
    ['several axes', goal({ multi_dof_trajectory: { joint_names: ['base'] } }), 'multi_dof_trajectory.joint_names'],
    [
      'component tolerances',
      goal({ component_path_tolerance: [{}] }),
      'component_path_tolerance = an array: is not supported',
    ],
    [
      'a negative tolerance',
      goal({ path_tolerance: [{ name: 'a', position: -2 }] }),
      'path_tolerance[0].position = -2',
    ],
    [
      'a velocity tolerance',
      goal({ goal_tolerance: [{ name: 'a', velocity: 1 }] }),
      'goal_tolerance[0].velocity = 1: is not watched',
    ],
    [
      'a tolerance of NaN',
      goal({ goal_tolerance: [{ name: 'a', position: Number.NaN }] }),
      'goal_tolerance[0].position = NaN',
    ],
    ['an unknown field', { ...goal(), speed: 3 }, 'speed'],
    ['a missing field', { trajectory: goal().trajectory }, 'multi_dof_trajectory = undefined'],
  ])('name what is wrong: %s', (_, fields, expected) => {
    const read = () => ros.followGoalFromRos(typeof fields === 'function' ? fields() : fields);
    expect(read).toThrow(InputError);
    expect(read).toThrow(expected);
    expect(read).toThrow(/^control_msgs\/action\/FollowJointTrajectory_Goal/);
  });
});

describe('results of FollowJointTrajectory', () => {
  it('carry the codes of control_msgs both ways', () => {
    TRAJECTORY_ERRORS.forEach((error, i) => {
      const ok = error === 'successful';
      const result = { ok, reason: 'why', final_error_rad: 0.1, error };
      expect(ros.followResultToRos(result, ok ? 'succeeded' : 'aborted')).toEqual({
        error_code: ok ? 0 : -i,
        error_string: 'why',
      });
    });
  });

  it('tell a stop from a cancel by the status', () => {
    const stopped = { ok: false, reason: 'protective stop', final_error_rad: 0.1 };
    expect(ros.followResultToRos(stopped, 'aborted')).toMatchObject({ error_code: -4 });
    expect(ros.followResultToRos(stopped, 'canceled')).toMatchObject({ error_code: 0 });
    expect(ros.followResultFromRos({ error_code: 0, error_string: '' }, 'canceled')).toEqual({
      ok: false,
      reason: 'canceled',
      final_error_rad: Number.NaN,
    });
    expect(ros.followResultFromRos({ error_code: 0, error_string: '' }, 'succeeded').ok).toBe(true);
    expect(ros.followResultFromRos({ error_code: 0, error_string: '' }, 'aborted').ok).toBe(false);
    expect(ros.followResultFromRos({ error_code: -77, error_string: 'own' }, 'aborted')).toMatchObject({
      reason: 'own',
    });
  });
});

describe('goals of GripperCommand', () => {
  const read = (position: number, max_effort: number) => () =>
    ros.gripperGoalFromRos({ command: { position, max_effort } });

  it('leave the force to the gripper where none is given', () => {
    expect(read(0.04, 20)()).toEqual({ width_m: 0.04, force_N: 20 });
    expect(read(0.04, 0)().force_N).toBe(Number.MAX_VALUE);
  });

  it('name what is wrong', () => {
    expect(read(-0.01, 5)).toThrow(/command\.position = -0\.01: must be the gap in metres/);
    expect(read(0.01, -5)).toThrow(/command\.max_effort = -5/);
    expect(read(Number.NaN, 5)).toThrow(/command\.position = NaN: must be a finite number/);
    expect(() => ros.gripperGoalFromRos({})).toThrow(/command = undefined/);
  });
});
