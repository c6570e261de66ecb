import { z } from 'zod';
import type { ControllerState } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { floats, header, parseFields, rosHeader } from './fields.ts';

const rows = z.object({ positions: floats, velocities: floats });
const state = z.object({ header, joint_names: z.array(z.string()), reference: rows, feedback: rows, error: rows });

type Rows = ControllerState['reference'];
const rowsToRos = ({ position, velocity }: Rows): object => ({ positions: position, velocities: velocity });
const rowsFromRos = ({ positions, velocities }: z.infer<typeof rows>): Rows => ({
  position: positions,
  velocity: velocities,
});

/** control_msgs/msg/JointTrajectoryControllerState. */
export function controllerStateToRos({ stamp_ns, joint_names, reference, feedback, error }: ControllerState): object {
  return {
    header: rosHeader(stamp_ns, ''),
    joint_names,
    reference: rowsToRos(reference),
    feedback: rowsToRos(feedback),
    error: rowsToRos(error),
    speed_scaling_factor: 1,
  };
}

/** What control_msgs before version 4 (Galactic, early Humble) called desired and actual is taken, too. */
export function controllerStateFromRos(fields: RosFields): ControllerState {
  const { desired, actual } = fields;
  const parsed = parseFields(
    state,
    { reference: desired, feedback: actual, ...fields },
    'control_msgs/msg/JointTrajectoryControllerState',
  );
  return {
    stamp_ns: parsed.header.stamp,
    joint_names: parsed.joint_names,
    reference: rowsFromRos(parsed.reference),
    feedback: rowsFromRos(parsed.feedback),
    error: rowsFromRos(parsed.error),
  };
}
