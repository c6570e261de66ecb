import type { Robot } from '../../robots/index.ts';
import { DEFAULT_SIM_ARM, type SimArmOptions } from '../actuators/options.ts';
import type { Randomization, StartUpRandomization } from './record.ts';

/** The arm's actuators as a record says they differ from the nominal ones; nothing at `none`. */
export function randomizeArm(
  {
    level,
    start_up: s,
  }: { readonly level: Randomization['level']; readonly start_up: Omit<StartUpRandomization, 'cameras'> },
  { model, arm_joints }: Robot,
): Partial<SimArmOptions> {
  if (level === 'none') return {};
  const scaled = (nominal: ArrayLike<number>, scale: readonly number[]): number[] =>
    Array.from({ length: arm_joints }, (_, i) => nominal[i] * scale[i]);
  return {
    gain_scale: s.gain_scale,
    torque_scale: s.torque_scale,
    finger_stiffness_N_m: DEFAULT_SIM_ARM.finger_stiffness_N_m * s.finger_gain_scale,
    finger_damping_N_s_m: DEFAULT_SIM_ARM.finger_damping_N_s_m * s.finger_gain_scale,
    joint_friction_Nm: scaled(model.friction, s.joint_friction_scale),
    joint_damping_Nm_s_rad: scaled(model.damping, s.joint_damping_scale),
    armature_kg_m2: s.armature_kg_m2,
    backlash_rad: s.backlash_rad,
    latency_cycles: s.latency_cycles,
  };
}
