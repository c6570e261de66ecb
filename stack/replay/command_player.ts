import type { CommandSource, GripperController, RobotState } from '../../control/index.ts';
import type { CommandRequest, SafetyGate } from '../../safety/index.ts';
import type { RecordedCommands } from './recorded_commands.ts';

/** A width that differs by less is the one asked for before, m. */
const SAME_WIDTH_M = 1e-6;

/**
 * Commands an arm by what was sent to one before: between two samples by the quintic polynomial through their positions,
 * velocities and accelerations, these from the velocities on both sides. Before the first sample and after the last it
 * holds. Nothing is allocated in a cycle.
 */
export class CommandPlayer implements CommandSource {
  private readonly commands: RecordedCommands;
  private readonly gripper: GripperController | null;
  private readonly acceleration: Float64Array;
  private readonly joints: number;
  private at = 0;
  private width_m = Number.NaN;

  /** @param gripper  told of every change of width; null for a robot without */
  constructor(commands: RecordedCommands, gripper: GripperController | null) {
    this.commands = commands;
    this.gripper = gripper;
    this.joints = commands.position.length / commands.time_s.length;
    this.acceleration = accelerations(commands, this.joints);
  }

  update(motion_s: number, _state: RobotState, _gate: SafetyGate, request: CommandRequest): void {
    const { time_s } = this.commands;
    const last = time_s.length - 1;
    while (this.at < last && time_s[this.at + 1] <= motion_s + 1e-9) this.at++;
    const ahead = motion_s - time_s[this.at];
    const period_s = this.at === last ? 0 : time_s[this.at + 1] - time_s[this.at];
    request.kind = 'position';
    request.source = 'policy';
    for (let j = 0; j < this.joints; j++) request.values[j] = this.value(j, ahead, period_s);
    this.grip();
  }

  private value(joint: number, ahead_s: number, period_s: number): number {
    const { position, velocity } = this.commands;
    const i = this.at * this.joints + joint;
    if (ahead_s <= 0 || period_s === 0) return position[i];
    const next = i + this.joints;
    const [h, s] = [period_s, ahead_s / period_s];
    const [s3, s4, s5] = [s * s * s, s * s * s * s, s * s * s * s * s];
    const [a0, a1] = [this.acceleration[i], this.acceleration[next]];
    return (
      position[i] * (1 - 10 * s3 + 15 * s4 - 6 * s5) +
      position[next] * (10 * s3 - 15 * s4 + 6 * s5) +
      h * velocity[i] * (s - 6 * s3 + 8 * s4 - 3 * s5) +
      h * velocity[next] * (-4 * s3 + 7 * s4 - 3 * s5) +
      (h * h * a0 * (s * s - 3 * s3 + 3 * s4 - s5)) / 2 +
      (h * h * a1 * (s3 - 2 * s4 + s5)) / 2
    );
  }

  private grip(): void {
    const { gripper_width_m, gripper_force_N } = this.commands;
    if (this.gripper === null || gripper_width_m.length === 0) return;
    const width_m = gripper_width_m[this.at];
    if (Math.abs(width_m - this.width_m) < SAME_WIDTH_M) return;
    // The width that it starts with is no command.
    if (!Number.isNaN(this.width_m)) this.gripper.start(width_m, gripper_force_N);
    this.width_m = width_m;
  }
}

/** Central differences of the velocities, one-sided at both ends, rad/s². */
function accelerations({ time_s, velocity }: RecordedCommands, joints: number): Float64Array {
  const rows = time_s.length;
  const result = new Float64Array(velocity.length);
  for (let k = 0; k < rows; k++) {
    const [before, after] = [Math.max(0, k - 1), Math.min(rows - 1, k + 1)];
    const span_s = time_s[after] - time_s[before];
    for (let j = 0; j < joints; j++) {
      const change = velocity[after * joints + j] - velocity[before * joints + j];
      result[k * joints + j] = span_s > 0 ? change / span_s : 0;
    }
  }
  return result;
}
