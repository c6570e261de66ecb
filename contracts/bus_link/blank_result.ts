import { z } from 'zod';

/** Fields of results that say why. */
const REASONS = ['reason', 'message', 'error'];
const EMPTY_ARRAYS = [Float64Array, Float32Array, Uint8Array] as const;

/**
 * The result of a goal that ended without its server, as far as the result's schema allows: nothing reached, nothing
 * measured, and the reason where the schema has a place for one. What the schema does not take comes as it is.
 */
export function blankResult<R>(schema: z.ZodType<R>, reason: string): R {
  const blank = blankOf(schema, '', reason);
  const { data, success } = schema.safeParse(blank);
  return success ? data : (blank as R);
}

function blankOf(schema: z.core.$ZodType, key: string, reason: string): unknown {
  if (schema instanceof z.ZodObject)
    return Object.fromEntries(Object.entries(schema.shape).map(([k, inner]) => [k, blankOf(inner, k, reason)]));
  if (schema instanceof z.ZodString) return REASONS.includes(key) ? reason : '';
  if (schema instanceof z.ZodNumber) return Math.max(0, schema.minValue ?? 0);
  if (schema instanceof z.ZodBigInt) return 0n;
  if (schema instanceof z.ZodBoolean) return false;
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodLiteral) return schema.value;
  if (schema instanceof z.ZodArray) return [];
  if (schema instanceof z.ZodTuple) {
    const items = schema.def.items.map((item) => blankOf(item, '', reason));
    // A quaternion has a length: the identity's.
    return schema.safeParse(items).success ? items : [...items.slice(0, -1), 1];
  }
  if (schema instanceof z.ZodCustom) {
    const fitting = EMPTY_ARRAYS.find((Kind) => schema.safeParse(new Kind(0)).success);
    return fitting === undefined ? {} : new fitting(0);
  }
  if (schema instanceof z.ZodNullable) return null;
  if (schema instanceof z.ZodOptional) return undefined;
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return blankOf(schema.def.innerType, key, reason);
  if (schema instanceof z.ZodUnion) return blankOf(schema.options[0], key, reason);
  if (schema instanceof z.ZodPipe) return blankOf(schema.def.in, key, reason);
  return {};
}
