import { InputError, type Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { StartUpRandomization } from '../../sim/index.ts';
import type { FitFile } from './fit_file.ts';
import { armParameters, LEAST_ROTOR_KG_M2 } from './identify_parameters.ts';

/** What is known of one parameter of an arm: its value and standard deviation, in its unit. */
interface Known {
  readonly value: number;
  readonly sigma: number;
}
export type Around = ReadonlyMap<string, Known>;

/** What a fit tells, as one word for options and records: `NAME=VALUE~SIGMA` with commas between, six digits each. */
export function aroundOf({ parameters, covariance }: FitFile): string {
  const n = parameters.length;
  return parameters
    .flatMap(({ name, after, identifiable }, i) =>
      identifiable ? `${name}=${sixDigits(after)}~${sixDigits(Math.sqrt(covariance[i * n + i]))}` : [],
    )
    .join(',');
}

/** @throws InputError naming the parameter that there is not, that is told twice, or whose numbers are none */
export function parseAround(text: string, robot: Robot): Around {
  const limits = armParameters(robot);
  const known = new Map<string, Known>();
  for (const part of text.split(',')) {
    const [, name = '', value, sigma] = /^(.*)=([^~]*)~(.*)$/.exec(part) ?? [];
    const limit = limits.find((parameter) => parameter.name === name);
    if (limit === undefined || known.has(name))
      throw new InputError(
        `around ${part}`,
        `NAME=VALUE~SIGMA, each once, of ${limits.map((one) => one.name).join(', ')}`,
      );
    const read = { value: numberOf(value), sigma: numberOf(sigma) };
    if (!(read.value >= limit.lower && read.value <= limit.upper && read.sigma >= 0))
      throw new InputError(`around ${part}`, `a value of ${limit.lower} to ${limit.upper}, a deviation of at least 0`);
    known.set(name, read);
  }
  return known;
}

/**
 * A start-up randomisation around what is known of an arm: that normally by its own deviations within the physical limits,
 * everything else as in `drawn`.
 */
export function drawAround(around: Around, drawn: StartUpRandomization, robot: Robot, rng: Rng): StartUpRandomization {
  const limits = new Map(armParameters(robot).map((parameter) => [parameter.name, parameter]));
  const value = (name: string, otherwise: number): number => {
    const deviate = rng.normal();
    const known = around.get(name);
    const limit = limits.get(name);
    if (known === undefined || limit === undefined) return otherwise;
    return Math.min(limit.upper, Math.max(limit.lower, known.value + deviate * known.sigma));
  };
  const least_rotor = drawn.backlash_rad > 0 ? LEAST_ROTOR_KG_M2 : 0;
  const each = (name: string, otherwise: readonly number[]) => otherwise.map((x, i) => value(`${name}[${i}]`, x));
  return {
    ...drawn,
    gain_scale: value('gain_scale', drawn.gain_scale),
    torque_scale: value('torque_scale', drawn.torque_scale),
    latency_cycles: Math.round(value('latency_cycles', drawn.latency_cycles)),
    armature_kg_m2: Math.max(least_rotor, value('armature_kg_m2', drawn.armature_kg_m2)),
    joint_friction_scale: each('joint_friction_scale', drawn.joint_friction_scale),
    joint_damping_scale: each('joint_damping_scale', drawn.joint_damping_scale),
    encoder_offset_rad: each('encoder_offset_rad', drawn.encoder_offset_rad),
  };
}

const sixDigits = (value: number): number => Number(value.toPrecision(6));
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
