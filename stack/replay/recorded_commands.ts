import { InputError } from '../../contracts/index.ts';
import { readSeries } from '../../datasets/index.ts';
import type { Robot } from '../../robots/index.ts';

/** What a driver was sent, sample by sample: row k is of `time_s[k]`. */
export interface RecordedCommands {
  /** Simulated time, s. */
  readonly time_s: Float64Array;
  /** Arm joints, rad and rad/s. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  /** Distance between the fingers that was asked for, m; empty for a robot without a gripper. */
  readonly gripper_width_m: Float64Array;
  /** Of each finger, N: half of the greatest effort of the coordinate that moves both; commands do not tell it. */
  readonly gripper_force_N: number;
}

/** Reads the references of the arm's controller from a recording. Throws an InputError where it has none of this robot. */
export async function readCommands(file: string, robot: Robot): Promise<RecordedCommands> {
  const { command, joints, start_ns } = await readSeries(file);
  const n = robot.arm_joints;
  const names = robot.model.joint_names.slice(0, n);
  if (command === null || command.time_s.length < 2) {
    throw new InputError(`recording ${file}`, 'must have /arm_controller/controller_state, what the driver was sent');
  }
  const columns = names.map((name) => command.names.indexOf(name));
  if (columns.includes(-1)) {
    throw new InputError(
      `recording ${file}: joints ${command.names.join(', ')}`,
      `those of ${robot.name}: ${names.join(', ')}`,
    );
  }
  const rows = command.time_s.length;
  const width = command.names.length;
  const [position, velocity] = [new Float64Array(rows * n), new Float64Array(rows * n)];
  for (let k = 0; k < rows; k++) {
    for (let j = 0; j < n; j++) {
      position[k * n + j] = command.position[k * width + columns[j]];
      velocity[k * n + j] = command.velocity[k * width + columns[j]];
    }
  }
  const { gripper } = robot;
  const finger = gripper === null ? -1 : command.names.indexOf(robot.model.joint_names[gripper.coordinate]);
  const start_s = Number(start_ns) / 1e9;
  return {
    time_s: command.time_s.map((time) => time + start_s),
    position,
    velocity,
    gripper_width_m:
      finger < 0
        ? new Float64Array(0)
        : Float64Array.from({ length: rows }, (_, k) => 2 * command.position[k * width + finger]),
    gripper_force_N:
      gripper === null || joints === null ? 0 : greatest(joints, robot.model.joint_names[gripper.coordinate]) / 2,
  };
}

function greatest(joints: { readonly names: readonly string[]; readonly effort: Float64Array }, name: string): number {
  const at = joints.names.indexOf(name);
  let most = 0;
  for (let i = at; at >= 0 && i < joints.effort.length; i += joints.names.length) {
    if (Math.abs(joints.effort[i]) > most) most = Math.abs(joints.effort[i]);
  }
  return most;
}
