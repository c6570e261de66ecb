import type { CommandRequest } from './command_request.ts';
import type { Envelope } from './envelope.ts';
import type { SafeCommand } from './safe_command.ts';

/** Sends the gripper what is asked for, as far as the envelope allows; nothing where it has none. */
export function followGripper(command: SafeCommand, request: CommandRequest, { gripper }: Envelope): void {
  if (gripper === null) return;
  command.gripper_width_m = clamp(request.gripper_width_m, gripper.max_width_m);
  command.gripper_force_N = clamp(request.gripper_force_N, gripper.max_force_N);
}

/** From 0 to `max`. */
export function clamp(value: number, max: number): number {
  return value > max ? max : value > 0 ? value : 0;
}
