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
  /** Where the search begins, for quantities whose nominal value lies at the end of what can be. */
  readonly start?: number;
  readonly lower?: number;
}

const QUANTITIES: readonly Described[] = [
  { quantity: 'gain_scale', unit: '', each: false },
  { quantity: 'torque_scale', unit: '', each: false },
  { quantity: 'latency_cycles', unit: 'cycles', each: false, start: 0.5 },
  { quantity: 'armature_kg_m2', unit: 'kg m2', each: false, start: 0.08, lower: 0 },
  { quantity: 'joint_friction_scale', unit: '', each: true },
  { quantity: 'joint_damping_scale', unit: '', each: true },
  { quantity: 'encoder_offset_rad', unit: 'rad', each: true },
];
/** Beyond the ranges of randomisation by this share of their width, since arms need not keep to them. */
const ROOM = 0.25;

/** Parameters of a fit, in order: `joint_friction_scale[0]` and so on for what each joint has. */
export function armParameters(robot: Robot): FitParameter[] {
  return QUANTITIES.flatMap(({ quantity, unit, each, start, lower }) => {
    const { nominal, hard } = RANGES[quantity];
    const room = ROOM * (hard[1] - hard[0]);
    const parameter = {
      ...{ unit, nominal },
      lower:
        lower ?? (hard[0] === nominal ? nominal : Math.max(hard[0] - room, hard[0] > 0 ? 0 : Number.NEGATIVE_INFINITY)),
      upper: hard[1] + room,
      ...(start === undefined ? {} : { start }),
    };
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
