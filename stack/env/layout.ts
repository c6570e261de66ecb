import type { TaskGoal } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { goalFields } from './goal.ts';

/** One named part of an observation vector. */
export interface ObservationField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Values are clipped to these; one for all entries, or one for each. */
  readonly low: number | readonly number[];
  readonly high: number | readonly number[];
  /** What it is, with units and frame. */
  readonly describe: string;
}

/** Parts of an observation vector, one after the other without gaps. */
export interface ObservationLayout {
  readonly size: number;
  readonly fields: readonly ObservationField[];
}

type Part = Omit<ObservationField, 'offset'>;

/** Entries of one object; see `objectParts`. */
export const OBJECT_WIDTH = 25;

/** Everything: robot, goal, and objects in the order of the scene, zero from the last one on. */
export function stateLayout(robot: Robot, task: TaskGoal['task'], most_objects: number): ObservationLayout {
  const objects = Array.from({ length: most_objects }, (_, i) => objectParts(i)).flat();
  return join([...robotParts(robot), ...goalParts(task), ...objects]);
}

/** What a robot knows of itself and its task without cameras: what goes beside the pictures. */
export function proprioceptionLayout(robot: Robot, task: TaskGoal['task']): ObservationLayout {
  return join([...robotParts(robot), ...goalParts(task), ...wantedParts(task)]);
}

function robotParts({ arm_joints: n, limits, gripper }: Robot): readonly Part[] {
  const width_m = gripper?.max_width_m ?? 0;
  return [
    {
      name: 'joint_position',
      size: n,
      low: [...limits.position_lower],
      high: [...limits.position_upper],
      describe: 'arm joints (rad)',
    },
    part('joint_velocity', n, 4, 'arm joints (rad/s)'),
    part('joint_target_offset', n, 1, 'target of the last action less the joints (rad)'),
    { name: 'gripper_width', size: 1, low: 0, high: 1.25 * width_m, describe: 'distance between the fingers (m)' },
    part('gripper_speed', 1, 0.5, 'its rate (m/s)'),
    part('tool_position', 3, 2, 'origin of the tool frame, frame world (m)'),
    part(
      'tool_rotation',
      6,
      1,
      "x axis and y axis of the tool frame, frame world; the fingers close along the tool's y",
    ),
    part('tool_velocity', 6, 4, 'linear (m/s) and angular (rad/s), frame world'),
    part('tool_wrench', 6, 100, 'force (N) and torque (Nm) on the hand, axes of the tool frame'),
    { name: 'time_left', size: 1, low: 0, high: 1, describe: "share of the task's time limit that is left" },
  ];
}

function goalParts(task: TaskGoal['task']): readonly Part[] {
  return goalFields(task).map(({ name, size, describe }) => part(`goal_${name}`, size, 2, describe));
}

/** With pictures alone a policy has to be told which object is meant. */
function wantedParts(task: TaskGoal['task']): readonly Part[] {
  if (task !== 'pick-place') return [];
  return [
    { name: 'wanted_class', size: 2, low: 0, high: 1, describe: 'one-hot: box, cylinder' },
    {
      name: 'wanted_colour',
      size: 6,
      low: 0,
      high: 1,
      describe: 'one-hot: red, orange, yellow, green, blue, purple',
    },
  ];
}

function objectParts(i: number): readonly Part[] {
  const flag = (name: string, describe: string): Part => ({ name, size: 1, low: 0, high: 1, describe });
  return [
    flag(`object${i}_present`, '1 if there is such an object; else all its entries are 0'),
    flag(`object${i}_wanted`, '1 if the goal asks for it to be moved'),
    flag(`object${i}_touched`, '1 if the hand or a finger touches it'),
    { name: `object${i}_class`, size: 2, low: 0, high: 1, describe: 'one-hot: box, cylinder' },
    { name: `object${i}_size`, size: 3, low: 0, high: 1, describe: 'full sizes along its own axes (m)' },
    part(`object${i}_offset`, 3, 2, "its centre less the tool frame's origin, axes of the world (m)"),
    part(`object${i}_rotation`, 6, 1, 'its x axis and y axis, frame world'),
    part(`object${i}_velocity`, 3, 4, 'frame world (m/s)'),
    part(`object${i}_rate`, 3, 20, 'angular velocity, frame world (rad/s)'),
    part(`object${i}_to_goal`, 2, 2, 'where it is to stand less its centre, x and y of the world (m); 0 where open'),
  ];
}

function part(name: string, size: number, limit: number, describe: string): Part {
  return { name, size, low: -limit, high: limit, describe };
}

function join(parts: readonly Part[]): ObservationLayout {
  let size = 0;
  const fields = parts.map((field) => {
    const offset = size;
    size += field.size;
    return { ...field, offset };
  });
  return { size, fields };
}
