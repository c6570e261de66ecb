/**
 * `none`: no motion wanted, the arm comes to rest and holds. `position`: rad at this cycle; `velocity`: rad/s; `torque`:
 * Nm, gravity included.
 */
export type CommandKind = 'none' | 'position' | 'velocity' | 'torque';

/** Who asks: a trajectory that was planned and timed, a person who steers, or a policy. */
export type CommandSourceKind = 'trajectory' | 'servo' | 'policy';

/** What a controller wants of the robot; one object, written by the controller before every cycle of the gate. */
export interface CommandRequest {
  kind: CommandKind;
  source: CommandSourceKind;
  /** One entry for each arm joint: rad, rad/s or Nm. */
  values: Float64Array;
  /** Time at which the controller made it, s, on the clock the gate is stepped with. */
  stamp_s: number;
  sequence: number;
  /** Distance wanted between the fingers (m) and force of each (N). */
  gripper_width_m: number;
  gripper_force_N: number;
}

/** A request that asks for nothing. */
export function createCommandRequest(joints: number): CommandRequest {
  return {
    kind: 'none',
    source: 'trajectory',
    values: new Float64Array(joints),
    stamp_s: 0,
    sequence: 0,
    gripper_width_m: 0,
    gripper_force_N: 0,
  };
}
