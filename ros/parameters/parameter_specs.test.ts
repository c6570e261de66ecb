import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRng, updated } from '../../contracts/index.ts';
import { parameterSpecs } from './parameter_specs.ts';

const one = (field: z.ZodType) => parameterSpecs(z.object({ x: field }))[0];

describe('parameter specs of a schema', () => {
  it('gives type, default and description of each form', () => {
    const specs = parameterSpecs(
      z.object({
        speed: z.number().default(0.5).describe('share of full speed'),
        count: z.int().default(3),
        on: z.boolean().default(true),
        mode: z.enum(['a', 'b']).default('b'),
        gains: z.array(z.number()).default([1, 2.5]),
        ids: z.array(z.int()).default([1]),
        names: z.array(z.string()).readonly().default(['n']),
        flags: z.tuple([z.boolean(), z.boolean()]).default([true, false]),
        later: z.string().optional(),
      }),
    );
    expect(specs.map(({ name, type }) => [name, type])).toEqual([
      ['speed', 'double'],
      ['count', 'integer'],
      ['on', 'bool'],
      ['mode', 'string'],
      ['gains', 'double_array'],
      ['ids', 'integer_array'],
      ['names', 'string_array'],
      ['flags', 'bool_array'],
      ['later', 'string'],
    ]);
    expect(specs[0]).toMatchObject({ description: 'share of full speed', initial: { type: 'double', value: 0.5 } });
    expect(specs[1].initial).toEqual({ type: 'integer', value: 3n });
    expect(specs[3].constraints).toBe('one of a, b');
    expect(specs[8]).toMatchObject({ initial: { type: 'not_set' }, required: false });
  });

  it('joins the fields of objects by dots, with defaults of either level', () => {
    const inner = z.object({ k: z.number().default(1), l: z.number().optional() });
    const names = (schema: z.ZodType) =>
      parameterSpecs(z.object({ n: schema })).map(({ name, initial, required }) => [name, initial.type, required]);
    const expected = [
      ['n.k', 'double', false],
      ['n.l', 'not_set', false],
    ];
    expect(names(inner.prefault({}))).toEqual(expected);
    expect(names(inner)).toEqual(expected);
    expect(parameterSpecs(z.object({ n: inner.default({ k: 7 }) }))[0].initial).toEqual({ type: 'double', value: 7 });
    expect(names(z.object({ k: z.number(), l: z.number().optional() }))).toEqual([
      ['n.k', 'not_set', true],
      ['n.l', 'not_set', false],
    ]);
  });

  it('keeps when a value is taken up, inside and outside a default', () => {
    expect(one(z.number()).update).toBe('configure');
    expect(one(updated('live', z.number().default(1).describe('d')))).toMatchObject({
      update: 'live',
      description: 'd',
    });
    expect(one(updated('start', z.number().describe('d')).default(1))).toMatchObject({
      update: 'start',
      description: 'd',
    });
  });

  it.each([
    ['a union', z.union([z.number(), z.string()])],
    ['null', z.number().nullable()],
    ['objects in an array', z.array(z.object({ a: z.number() }))],
    ['arrays in an array', z.array(z.array(z.number()))],
    ['mixed elements', z.tuple([z.string(), z.number()])],
    ['bytes', z.instanceof(Uint8Array)],
  ])('refuses %s, which ROS has no parameter for', (_, field) => {
    expect(() => one(field)).toThrow('parameter x: ROS has no parameter of this form');
  });

  it('every value within a range passes the schema and its neighbours outside do not', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'range');
      const integer = rng.uniform() < 0.5;
      const low = integer ? rng.int(100) - 50 : rng.range(-5, 5);
      const high = low + (integer ? 2 + rng.int(9) : rng.range(0.1, 9));
      let field = integer ? z.int() : z.number();
      field = rng.uniform() < 0.5 ? field.gt(low) : field.min(low);
      field = rng.uniform() < 0.5 ? field.lt(high) : field.max(high);
      const { range } = one(field);
      if (range === null) throw new Error(`seed ${seed}: no range`);
      const { from, to } = range;
      const step = integer ? 1 : 1e-15 * 16;
      for (const inside of [from, to]) expect(field.safeParse(inside).success, `seed ${seed}: ${inside}`).toBe(true);
      for (const outside of [from - step, to + step]) {
        expect(field.safeParse(outside).success, `seed ${seed}: ${outside}`).toBe(false);
      }
    }
  });

  it('one bound leaves the other open, steps are told, and doubles without bounds have no range', () => {
    expect(one(z.number().positive()).range).toEqual({ from: Number.MIN_VALUE, to: Number.MAX_VALUE, step: 0 });
    expect(one(z.number().positive()).constraints).toBe('more than 0');
    expect(one(z.number().multipleOf(0.5).max(2)).range).toEqual({ from: -Number.MAX_VALUE, to: 2, step: 0.5 });
    expect(one(z.number()).range).toBeNull();
    expect(one(z.array(z.number().min(0)).length(3))).toMatchObject({
      range: null,
      constraints: 'exactly 3 elements; each at least 0',
    });
  });
});
