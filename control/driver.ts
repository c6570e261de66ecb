import type { SafeCommand } from '../safety/index.ts';

/** State of the robot as its own sensors give it; arrays are the driver's and are overwritten at the next read. */
export interface RobotState {
  /** Arm and gripper coordinates, nq: rad or m, rad/s or m/s, Nm or N. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly effort: Float64Array;
  /** Force (N) and torque (Nm) on the hand, tool frame axes. */
  readonly wrench: Float64Array;
  /** Of every fingertip that can feel: force along the way it closes, and shear along its two other axes (N). */
  readonly tactile?: Float64Array;
  /** Whether the arm's own emergency stop is in force, where its hardware reports it. */
  readonly emergency_stop?: boolean;
}

/** What stands between the gate and one robot arm. Only the gate holds a driver. */
export interface Driver {
  readonly joint_names: readonly string[];
  /** Cycles of the robot from the state read before to that of the last read, 0 if it was the same; 1 where not given. */
  readonly elapsed_cycles?: number;
  read(): RobotState;
  /** Sends one command; refuses (throws) anything the gate did not make. */
  write(command: SafeCommand): void;
}
