import { z } from 'zod';
import type { ForwardCommand, JointJog, JointTrajectory, TrajectoryCommand } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { duration_s, fieldError, floats, header, parseFields, rosHeader, toRosDuration } from './fields.ts';

export const rosPoint = z.object({
  positions: floats,
  velocities: floats,
  accelerations: floats,
  time_from_start: duration_s,
});
export const rosTrajectory = z.object({ header, joint_names: z.array(z.string()), points: z.array(rosPoint) });
export type RosTrajectory = z.infer<typeof rosTrajectory>;

/** trajectory_msgs/JointTrajectory that begins at `start_ns` (0: at once); rows of n joints become points. */
export function trajectoryToRos(trajectory: JointTrajectory, start_ns: bigint, frame_id = ''): object {
  const { joint_names, time_s, position, velocity, acceleration } = trajectory;
  const n = joint_names.length;
  const row = (values: Float64Array, k: number) => values.subarray(k * n, (k + 1) * n);
  return {
    header: rosHeader(start_ns, frame_id),
    joint_names,
    points: Array.from(time_s, (t, k) => ({
      positions: row(position, k),
      velocities: row(velocity, k),
      accelerations: row(acceleration, k),
      time_from_start: toRosDuration(t),
    })),
  };
}

/**
 * Rows of a ROS trajectory's points. Velocity and acceleration may be missing in all points, and are then empty; efforts
 * are not used. Throws an InputError that names the point for what no controller could follow.
 */
export function trajectoryFromRos({ joint_names, points }: RosTrajectory, where: string): JointTrajectory {
  const n = joint_names.length;
  if (n === 0) throw fieldError(where, ['joint_names'], joint_names, 'must name the joints');
  if (points.length === 0) throw fieldError(where, ['points'], points, 'must have at least one point');
  const rows = (key: 'positions' | 'velocities' | 'accelerations', needed: boolean) => {
    if (!needed && points.every((point) => point[key].length === 0)) return new Float64Array(0);
    const out = new Float64Array(n * points.length);
    points.forEach((point, k) => {
      const values = point[key];
      const path = ['points', k, key];
      if (values.length !== n) {
        throw fieldError(
          where,
          [...path, 'length'],
          values.length,
          `must be ${n}, one a joint${needed ? '' : ', in every point or in none'}`,
        );
      }
      const wrong = values.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0)
        throw fieldError(where, [...path, wrong], values[wrong], `must be a finite number (${joint_names[wrong]})`);
      out.set(values, k * n);
    });
    return out;
  };
  const time_s = Float64Array.from(points, ({ time_from_start }) => time_from_start);
  time_s.forEach((t, k) => {
    const path = ['points', k, 'time_from_start'];
    if (t < 0) throw fieldError(where, path, t, 'must not be negative (s)');
    if (k > 0 && !(t > time_s[k - 1]))
      throw fieldError(where, path, t, `must be later than the point before, ${time_s[k - 1]} (s)`);
  });
  return {
    joint_names,
    time_s,
    position: rows('positions', true),
    velocity: rows('velocities', false),
    acceleration: rows('accelerations', false),
  };
}

/** trajectory_msgs/msg/JointTrajectory. */
export function trajectoryCommandToRos({ stamp_ns, ...trajectory }: TrajectoryCommand): object {
  return trajectoryToRos(trajectory, stamp_ns);
}

export function trajectoryCommandFromRos(fields: RosFields): TrajectoryCommand {
  const type = 'trajectory_msgs/msg/JointTrajectory';
  const parsed = parseFields(rosTrajectory, fields, type);
  return { stamp_ns: parsed.header.stamp, ...trajectoryFromRos(parsed, type) };
}

const multiArray = z.object({ data: floats });

/** std_msgs/msg/Float64MultiArray of one dimension. */
export const forwardCommandToRos = ({ data }: ForwardCommand): object => ({ data });

export function forwardCommandFromRos(fields: RosFields): ForwardCommand {
  return parseFields(multiArray, fields, 'std_msgs/msg/Float64MultiArray');
}

const jog = z.object({ header, joint_names: z.array(z.string()), displacements: floats, velocities: floats });

/** control_msgs/msg/JointJog by velocities. */
export function jointJogToRos({ stamp_ns, names, velocity }: JointJog): object {
  return { header: rosHeader(stamp_ns), joint_names: names, velocities: velocity };
}

/** By velocities (rad/s), one a joint; displacements are refused. */
export function jointJogFromRos(fields: RosFields): JointJog {
  const type = 'control_msgs/msg/JointJog';
  const { header, joint_names, displacements, velocities } = parseFields(jog, fields, type);
  if (displacements.length > 0)
    throw fieldError(type, ['displacements'], displacements, 'are not followed: give velocities');
  if (velocities.length !== joint_names.length || !velocities.every(Number.isFinite)) {
    throw fieldError(
      type,
      ['velocities'],
      [...velocities].join(' '),
      `must be ${joint_names.length} finite numbers, one a joint`,
    );
  }
  return { stamp_ns: header.stamp, names: joint_names, velocity: velocities };
}
