import type { z } from 'zod';

/**
 * The parameters of a kind of node, declared once: an object schema whose fields are numbers, integers, booleans, strings,
 * enums, arrays of one of these, or objects of such. Bounds, defaults and descriptions are the schema's own.
 */
export type NodeParameters = z.ZodObject;

/** When a new value is taken up: never after the start, at the next configure, or at once while the node runs. */
export const PARAMETER_UPDATES = ['start', 'configure', 'live'] as const;
export type ParameterUpdate = (typeof PARAMETER_UPDATES)[number];

/** A field that is taken up at `update`; without this, at `configure`. */
export function updated<S extends z.ZodType>(update: ParameterUpdate, schema: S): S {
  return schema.meta({ ...schema.meta(), update });
}
