import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';

/** One value for every arm joint, or a list with one for each. */
export type PerJoint = number | readonly number[];

export const COMMAND_INTERFACES = ['position', 'velocity', 'torque'] as const;
export type CommandInterface = (typeof COMMAND_INTERFACES)[number];

/** Actuators of a simulated arm and its gripper: a plain record, which randomisation may draw and recordings keep. */
export interface SimArmOptions {
  /**
   * What of a command the joints follow: `position`: position and velocity; `velocity`: the velocity alone, without
   * position feedback; `torque`: the torque, gravity included, of commands through the gate's torque interface (of
   * others position and velocity). Joint friction is made up for in all of them.
   */
  readonly command_interface: CommandInterface;
  /** Control cycles from a command to its effect, a whole number. Taking the power from the drives is not delayed. */
  readonly latency_cycles: number;
  /** Factor on the servo's stiffness; its damping goes with the square root, so that it stays as damped as it was. */
  readonly gain_scale: number;
  /** Torque at the joint for each Nm that the drive believes to give. */
  readonly torque_scale: number;
  /** Part of the robot's torque limits that its drives can give. */
  readonly torque_limit_scale: number;
  /**
   * How fast the drives' torques can change, Nm/s. What may be asked of an arm by torque changes more slowly, which the gate
   * sees to; drives as slow as that would let gears with play swing the arm.
   */
  readonly torque_rate_Nm_s: number;
  /** Play between motor and joint, end to end (rad); it needs an armature. Encoders are at the motor. */
  readonly backlash_rad: PerJoint;
  /** Inertia of the rotors seen at the joints, kg m²; known to the servo. */
  readonly armature_kg_m2: PerJoint;
  /** Dry friction (Nm) and viscous damping (Nm s/rad) of the true joints; null: as the model, which the servo trusts, has it. */
  readonly joint_friction_Nm: PerJoint | null;
  readonly joint_damping_Nm_s_rad: PerJoint | null;
  /** Most that feedback may ask of a joint, in its acceleration limits. */
  readonly feedback_limit: number;
  /** Position gain and damping of the finger coordinate, N/m and N s/m. */
  readonly finger_stiffness_N_m: number;
  readonly finger_damping_N_s_m: number;
  /** Cycles without a command after which the arm brakes by itself. */
  readonly watchdog_cycles: number;
}

export const DEFAULT_SIM_ARM: SimArmOptions = {
  command_interface: 'position',
  latency_cycles: 0,
  gain_scale: 1,
  torque_scale: 1,
  torque_limit_scale: 1,
  torque_rate_Nm_s: 5000,
  backlash_rad: 0,
  armature_kg_m2: 0,
  joint_friction_Nm: null,
  joint_damping_Nm_s_rad: null,
  feedback_limit: 5,
  finger_stiffness_N_m: 2e4,
  finger_damping_N_s_m: 100,
  watchdog_cycles: 20,
};

/** The defaults with `options` in their place. Throws InputError for values no actuator has. */
export function simArmOptions(options: Partial<SimArmOptions>, robot: Robot): SimArmOptions {
  const all = { ...DEFAULT_SIM_ARM, ...options };
  const refuse = (name: keyof SimArmOptions, allowed: string): never => {
    throw new InputError(`arm of ${robot.name}: ${name} = ${JSON.stringify(all[name])}`, allowed);
  };
  const least = (name: keyof SimArmOptions, limit: number, what: string) => {
    const value = all[name];
    const values = value === null ? [] : typeof value === 'object' ? value : [value];
    if (typeof value === 'object' && value !== null && value.length !== robot.arm_joints) {
      refuse(name, `one number, or ${robot.arm_joints}, one for each arm joint`);
    }
    if (!values.every((x) => typeof x === 'number' && Number.isFinite(x) && x >= limit)) refuse(name, what);
  };
  if (!COMMAND_INTERFACES.includes(all.command_interface)) {
    refuse('command_interface', COMMAND_INTERFACES.join(', '));
  }
  for (const name of ['latency_cycles', 'watchdog_cycles'] as const) {
    least(name, 0, 'a whole number of at least 0');
    if (!Number.isInteger(all[name])) refuse(name, 'a whole number of at least 0');
  }
  for (const name of ['gain_scale', 'torque_scale', 'torque_limit_scale', 'feedback_limit'] as const) {
    least(name, Number.MIN_VALUE, 'a number above 0');
  }
  for (const name of ['torque_rate_Nm_s', 'finger_stiffness_N_m'] as const) least(name, 1e-9, 'a number above 0');
  least('finger_damping_N_s_m', 0, 'a number of at least 0');
  for (const name of ['backlash_rad', 'armature_kg_m2', 'joint_friction_Nm', 'joint_damping_Nm_s_rad'] as const) {
    least(name, 0, 'numbers of at least 0');
  }
  const armature = perJoint(all.armature_kg_m2, robot.arm_joints);
  if (perJoint(all.backlash_rad, robot.arm_joints).some((width, i) => width > 0 && armature[i] === 0)) {
    refuse('backlash_rad', 'needs armature_kg_m2 above 0, for the motor moves alone in the play');
  }
  return all;
}

/** `value` as one number for each of `joints` arm joints. */
export function perJoint(value: PerJoint, joints: number): Float64Array {
  return typeof value === 'number' ? new Float64Array(joints).fill(value) : Float64Array.from(value);
}

/**
 * The robot as its actuators make it: friction and damping of the true joints in its model, and the armature (nq, kg m²)
 * for the engine's options. An engine built of these under a SimArm of the nominal robot has actuators whose model errs.
 */
export function actuatedRobot(
  robot: Robot,
  options: Partial<SimArmOptions>,
): { readonly robot: Robot; readonly armature: Float64Array } {
  const { joint_friction_Nm, joint_damping_Nm_s_rad, armature_kg_m2 } = simArmOptions(options, robot);
  const { model, arm_joints } = robot;
  const armature = new Float64Array(model.nq);
  armature.set(perJoint(armature_kg_m2, arm_joints));
  if (joint_friction_Nm === null && joint_damping_Nm_s_rad === null) return { robot, armature };
  const friction = Float64Array.from(model.friction);
  const damping = Float64Array.from(model.damping);
  if (joint_friction_Nm !== null) friction.set(perJoint(joint_friction_Nm, arm_joints));
  if (joint_damping_Nm_s_rad !== null) damping.set(perJoint(joint_damping_Nm_s_rad, arm_joints));
  return { robot: { ...robot, model: { ...model, friction, damping } }, armature };
}
