import type { FitParameter } from '../../learning/index.ts';
import type { Robot } from '../../robots/index.ts';
import { RANGES, type StartUpRandomization } from '../../sim/index.ts';

/** What of an arm's actuators is found from its motion: fields of the start-up randomisation, by name. */
export type ArmQuantity =
  | 'gain_scale'
  | 'torque_scale'
  | 'joint_friction_scale'
  | 'joint_damping_scale'
  | 'armature_kg_m2'
  | 'backlash_rad'
  | 'latency_cycles'
  | 'encoder_offset_rad';

/** Values of the arm's part of a start-up randomisation; the latency may be a part of a cycle. */
export type ArmValues = Pick<StartUpRandomization, ArmQuantity>;

interface Described {
  readonly quantity: ArmQuantity;
  readonly unit: string;
  readonly each: boolean;
  /** What an arm can have, wider than what randomisation draws from. */
  readonly limits: readonly [number, number];
  /** Where the search begins, for quantities whose nominal value lies at the end of what can be. */
  readonly start?: number;
}

const QUANTITIES: readonly Described[] = [
  { quantity: 'gain_scale', unit: '', each: false, limits: [0.3, 3] },
  { quantity: 'torque_scale', unit: '', each: false, limits: [0.7, 1.4] },
  { quantity: 'latency_cycles', unit: 'cycles', each: false, limits: [0, 15], start: 0.5 },
  { quantity: 'armature_kg_m2', unit: 'kg m2', each: false, limits: [0, 0.5], start: 0.08 },
  { quantity: 'joint_friction_scale', unit: '', each: true, limits: [0, 6] },
  { quantity: 'joint_damping_scale', unit: '', each: true, limits: [0, 20] },
  { quantity: 'encoder_offset_rad', unit: 'rad', each: true, limits: [-0.005, 0.005] },
];
/** Play needs a rotor that moves alone in it, kg m². */
export const LEAST_ROTOR_KG_M2 = 5e-3;
/** Latencies that are tried at first, cycles: the search finds only the nearest. */
export const FIRST_LATENCIES = [0.5, 2.5, 4.5, 6.5, 8.5] as const;

/** Parameters of a fit, in order: `joint_friction_scale[0]` and so on for what each joint has; widths are those of `hard`. */
export function armParameters(robot: Robot, latency_cycles: number = FIRST_LATENCIES[0]): FitParameter[] {
  return QUANTITIES.flatMap(({ quantity, unit, each, limits: [lower, upper], start }) => {
    const { nominal, hard } = RANGES[quantity];
    const begin = quantity === 'latency_cycles' ? latency_cycles : start;
    const width = 1.5 * (hard[1] - hard[0]);
    const parameter = { unit, nominal, lower, upper, width, ...(begin === undefined ? {} : { start: begin }) };
    if (!each) return [{ ...parameter, name: quantity }];
    return Array.from({ length: robot.arm_joints }, (_, i) => ({ ...parameter, name: `${quantity}[${i}]` }));
  });
}

/** The arm that a vector of parameters describes. */
export function armValues(robot: Robot, values: ArrayLike<number>): ArmValues {
  let at = 0;
  const one = () => values[at++];
  const each = () => Array.from({ length: robot.arm_joints }, () => values[at++]);
  const [gain_scale, torque_scale, latency_cycles, armature_kg_m2] = [one(), one(), one(), one()];
  return {
    ...{ gain_scale, torque_scale, latency_cycles, armature_kg_m2, backlash_rad: 0 },
    joint_friction_scale: each(),
    joint_damping_scale: each(),
    encoder_offset_rad: each(),
  };
}
