import { z } from 'zod';
import { InputError, type Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { StartUpRandomization } from '../../sim/index.ts';
import type { Identification } from './identify.ts';
import { armParameters } from './identify_parameters.ts';

const interval = z.tuple([z.number(), z.number()]).readonly();

/** What `surepick identify` writes: the arm that was found, to draw worlds around. */
export const fitFile = z.object({
  schema: z.literal('surepick/fit'),
  version: z.literal(1),
  robot: z.string(),
  /** Recordings, by what they are called. */
  sources: z.array(z.string()).readonly(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        unit: z.string(),
        before: z.number(),
        after: z.number(),
        ci: interval,
        identifiable: z.boolean(),
        reason: z.string(),
      }),
    )
    .readonly(),
  /** Of `after`, row-major, in the parameters' units. */
  covariance: z.array(z.number()).readonly(),
});
export type FitFile = z.infer<typeof fitFile>;

/** Of a fit, to be written. */
export function fitOf(robot: Robot, sources: readonly string[], found: Identification): FitFile {
  const { parameters, covariance } = found;
  return { schema: 'surepick/fit', version: 1, robot: robot.name, sources, parameters, covariance };
}

/**
 * Reads a fit from JSON.
 * @throws InputError for what is none, is of another robot, or has other parameters
 */
export function parseFit(content: unknown, place: string, robot: Robot): FitFile {
  const { data, error } = fitFile.safeParse(content);
  if (data === undefined) {
    const [{ path, message }] = error.issues;
    throw new InputError(`${place}: ${path.join('.') || 'content'}`, message);
  }
  if (data.robot !== robot.name) throw new InputError(`${place}: robot ${data.robot}`, robot.name);
  const names = armParameters(robot).map(({ name }) => name);
  const other = names.findIndex((name, i) => data.parameters[i]?.name !== name);
  if (other >= 0 || data.parameters.length !== names.length)
    throw new InputError(`${place}: parameters.${Math.max(0, other)}`, `${names.join(', ')}, in this order`);
  if (data.covariance.length !== names.length ** 2)
    throw new InputError(`${place}: covariance of ${data.covariance.length}`, `${names.length ** 2} numbers`);
  return data;
}

/**
 * A start-up randomisation drawn around a fit: what it tells, normally by its own deviations within the physical limits;
 * everything else as in `drawn`.
 */
export function drawAround(fit: FitFile, drawn: StartUpRandomization, robot: Robot, rng: Rng): StartUpRandomization {
  const limits = armParameters(robot);
  const n = limits.length;
  const value = (name: string, otherwise: number): number => {
    const i = limits.findIndex((parameter) => parameter.name === name);
    const { identifiable, after } = fit.parameters[i];
    const deviate = rng.normal();
    if (!identifiable) return otherwise;
    const { lower, upper } = limits[i];
    return Math.min(upper, Math.max(lower, after + deviate * Math.sqrt(fit.covariance[i * n + i])));
  };
  const each = (name: string, otherwise: readonly number[]) => otherwise.map((x, i) => value(`${name}[${i}]`, x));
  return {
    ...drawn,
    gain_scale: value('gain_scale', drawn.gain_scale),
    torque_scale: value('torque_scale', drawn.torque_scale),
    latency_cycles: Math.round(value('latency_cycles', drawn.latency_cycles)),
    armature_kg_m2: value('armature_kg_m2', drawn.armature_kg_m2),
    joint_friction_scale: each('joint_friction_scale', drawn.joint_friction_scale),
    joint_damping_scale: each('joint_damping_scale', drawn.joint_damping_scale),
    encoder_offset_rad: each('encoder_offset_rad', drawn.encoder_offset_rad),
  };
}
