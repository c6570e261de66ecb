/**
 * Records between the control process and an arm, as doubles; n: arm joints, nq: coordinates.
 * Command, control to arm: session, sequence, stop time (s), 1 while the drives may have power, gripper width (m), gripper
 * force (N); then n positions (rad),
 * n velocities (rad/s), n accelerations (rad/s²).
 * State, arm to control: cycles, phase, session, sequence of the last command taken, commands refused; then nq positions,
 * nq velocities, nq efforts, 6 of the wrench.
 */
export const COMMAND = {
  session: 0,
  sequence: 1,
  stop_time_s: 2,
  drives_on: 3,
  gripper_width_m: 4,
  gripper_force_N: 5,
  joints: 6,
};
export const STATE = { cycles: 0, phase: 1, session: 2, sequence: 3, refused: 4, coordinates: 5 };

export function commandValues(arm_joints: number): number {
  return COMMAND.joints + 3 * arm_joints;
}

export function stateValues(nq: number): number {
  return STATE.coordinates + 3 * nq + 6;
}

/**
 * What an arm does. `holding`: stands, on its own. `following`: takes commands. `braking`: it comes to
 * rest by itself, because commands stopped coming or its drives were switched off; it then holds.
 */
export const ARM_PHASES = ['holding', 'following', 'braking'] as const;
export type ArmPhase = (typeof ARM_PHASES)[number];
