const KEY = Symbol('gate');

/**
 * A command the gate has verified. Only the gate's module can make one: the constructor wants a key that is not exported
 * by this stage, and `assertSafe` checks a private field, so a look-alike object is refused at run time too.
 */
export class SafeCommand {
  readonly #verified = true;
  /** Arm joints: rad, rad/s, rad/s². */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
  /** Limits that the stop from here keeps, joint by joint (rad/s², rad/s³): StoppingTail gives the stop itself. */
  readonly stop_acceleration: Float64Array;
  readonly stop_jerk: Float64Array;
  /** In the torque interface: Nm, gravity included. */
  readonly effort: Float64Array;
  torque_interface = false;
  /** Whether the drives may have power; without it the arm holds by its brakes. */
  drives_on = true;
  /** Distance between the fingers (m) and force of each (N). */
  gripper_width_m = 0;
  gripper_force_N = 0;
  /** Time and cycles the verified stopping tail from here takes. */
  stop_time_s = 0;
  sequence = 0;

  constructor(key: symbol, joints: number) {
    if (key !== KEY) throw new TypeError('SafeCommand can only be made by the safety gate');
    this.position = new Float64Array(joints);
    this.velocity = new Float64Array(joints);
    this.acceleration = new Float64Array(joints);
    this.stop_acceleration = new Float64Array(joints);
    this.stop_jerk = new Float64Array(joints);
    this.effort = new Float64Array(joints);
  }

  static isGenuine(value: unknown): value is SafeCommand {
    return typeof value === 'object' && value !== null && #verified in value && value.#verified;
  }
}

/** For the gate only; not exported from the stage's index. */
export function mintSafeCommand(joints: number): SafeCommand {
  return new SafeCommand(KEY, joints);
}

/** Throws unless the gate made this command. */
export function assertSafe(command: unknown): asserts command is SafeCommand {
  if (!SafeCommand.isGenuine(command)) throw new TypeError('Driver.write takes only commands made by the safety gate');
}
