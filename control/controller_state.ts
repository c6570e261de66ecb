import type { ControllerState } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';

/** What the driver was sent: arm joints (rad, rad/s) and distance between the fingers (m). */
export interface SentCommand {
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly gripper_width_m: number;
}

/**
 * State of the arm's controller for /arm_controller/controller_state, as a joint_trajectory_controller tells it: all joints of
 * the robot, of which each finger has half of the gripper's width as its reference.
 *
 * @param measured  all coordinates: rad, rad/s (m, m/s)
 */
export function controllerState(
  robot: Robot,
  stamp_ns: bigint,
  sent: SentCommand,
  measured: { readonly position: Float64Array; readonly velocity: Float64Array },
): ControllerState {
  const { arm_joints, gripper } = robot;
  const { position, velocity } = measured;
  const told = (arm: Float64Array, other: (i: number) => number) =>
    position.map((_, i) => (i < arm_joints ? arm[i] : other(i)));
  const reference = {
    position: told(sent.position, (i) => (gripper === null ? position[i] : sent.gripper_width_m / 2)),
    velocity: told(sent.velocity, () => 0),
  };
  const difference = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - b[i]);
  return {
    stamp_ns,
    joint_names: robot.model.joint_names,
    reference,
    feedback: { position: position.slice(), velocity: velocity.slice() },
    error: {
      position: difference(reference.position, position),
      velocity: difference(reference.velocity, velocity),
    },
  };
}
