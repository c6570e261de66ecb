import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ACTIONS } from '../topics.ts';
import { blankResult } from './blank_result.ts';

describe('the result of a goal without its server', () => {
  it.each(Object.values(ACTIONS))('is one that the schema of $name takes', ({ result }) => {
    const schema: z.ZodType<unknown> = result;
    const blank = blankResult(schema, 'the link is lost');
    expect(schema.safeParse(blank).success).toBe(true);
    const { shape } = schema as z.ZodObject;
    if ('ok' in shape) expect(blank).toMatchObject({ ok: false });
    if ('reason' in shape) expect(blank).toMatchObject({ reason: 'the link is lost' });
  });

  it('keeps the bounds of numbers, and takes the first of what is listed', () => {
    const schema = z.strictObject({
      n: z.number().min(3),
      kind: z.enum(['a', 'b']),
      maybe: z.string().nullable(),
      left: z.number().optional(),
      rows: z.array(z.number()).readonly(),
      pair: z.tuple([z.number(), z.boolean()]),
      message: z.string(),
    });
    expect(blankResult(schema, 'why')).toEqual({
      ...{ n: 3, kind: 'a', maybe: null, left: undefined, rows: [], pair: [0, false], message: 'why' },
    });
  });
});
