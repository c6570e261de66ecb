import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
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
