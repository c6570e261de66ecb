/**
 * Records between the control process and an arm, as doubles; n: arm joints, nq: coordinates.
 * Command, control to arm: session, sequence, stop time (s), 1 while the drives may have power, gripper width (m), gripper
 * force (N); then n positions (rad),
 * n velocities (rad/s), n accelerations (rad/s²). A channel with room for more rows also carries the n accelerations (rad/s²)
 * and n jerks (rad/s³) that the stop from here keeps, and the positions of as many commands as fit, the newest first.
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

/** @param history  commands whose positions are carried beside the newest's; 0 for none */
export function commandValues(arm_joints: number, history = 0): number {
  return COMMAND.joints + (history > 0 ? 5 + history : 3) * arm_joints;
}

/** How many commands' positions a record of `values` doubles carries. */
export function historyRows(values: number, arm_joints: number): number {
  return Math.max(0, Math.floor((values - COMMAND.joints) / arm_joints) - 5);
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
