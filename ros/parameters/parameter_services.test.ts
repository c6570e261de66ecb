import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRng, updated } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import { parameterEvent, parameterServices } from './parameter_services.ts';
import { ParameterStore } from './parameter_store.ts';

const schema = z.object({
  speed: updated('live', z.number().positive().max(2).default(1).describe('m/s')),
  count: updated('live', z.int().min(-3).optional()),
  robot: updated('start', z.string().default('panda')),
});

async function ask(name: string, request: object): Promise<Record<string, unknown>> {
  const service = parameterServices(new ParameterStore(schema)).find((each) => each.name === `~/${name}`);
  if (service === undefined) throw new Error(`no service ${name}`);
  return { ...(await service.answer({ ...request })) };
}

/** Through CDR, so that every field is one of the definition. */
function through(type: string, messages: unknown): Record<string, unknown>[] {
  const codec = new RosCodec(`rcl_interfaces/msg/${type}`);
  return (messages as object[]).map((fields) => codec.decode(codec.encode(fields)));
}

describe('parameter services', () => {
  it('describe with inclusive ranges, and say in words what those cannot', async () => {
    const { descriptors } = await ask('describe_parameters', { names: ['speed', 'count', 'robot', 'use_sim_time'] });
    expect(through('ParameterDescriptor', descriptors)).toMatchObject([
      {
        ...{ name: 'speed', type: 3, description: 'm/s', additional_constraints: 'more than 0', read_only: false },
        ...{ floating_point_range: [{ from_value: Number.MIN_VALUE, to_value: 2, step: 0 }], integer_range: [] },
      },
      { type: 2, integer_range: [{ from_value: -3n, to_value: BigInt(Number.MAX_SAFE_INTEGER), step: 0n }] },
      { type: 4, read_only: true },
      { type: 1 },
    ]);
  });

  it('give a declared parameter without a value as not set', async () => {
    const { values } = await ask('get_parameters', { names: ['count', 'speed'] });
    expect(through('ParameterValue', values)).toMatchObject([{ type: 0 }, { type: 3, double_value: 1 }]);
  });

  it('answer each setting by itself, and a set of them as one', async () => {
    const parameters = [
      { name: 'speed', value: { type: 3, double_value: 1.5 } },
      { name: 'speed', value: { type: 3, double_value: 3 } },
      { name: 'count', value: { type: 77 } },
    ];
    const { results } = await ask('set_parameters', { parameters });
    expect(through('SetParametersResult', results)).toMatchObject([
      { successful: true },
      { successful: false },
      { successful: false },
    ]);
    expect((results as { reason: string }[]).map(({ reason }) => reason)).toEqual([
      '',
      'speed = 3: Too big: expected number to be <=2',
      'count: type 77: must be 0 to 9 (rcl_interfaces/ParameterType)',
    ]);
    expect(await ask('set_parameters_atomically', { parameters })).toMatchObject({ result: { successful: false } });
    expect(await ask('set_parameters_atomically', { parameters: [] })).toMatchObject({ result: { successful: true } });
  });

  it('live through whatever is sent, and keep values that the schema allows', async () => {
    const store = new ParameterStore(schema);
    const rng = createRng(3, 'hostile');
    const odd = [
      undefined,
      null,
      0,
      -1,
      Number.POSITIVE_INFINITY,
      '',
      'speed',
      '__proto__',
      {},
      [],
      [null],
      2n ** 64n,
      Symbol('s'),
      () => 1,
    ];
    const draw = (depth: number): unknown => {
      if (depth === 0 || rng.uniform() < 0.3) return odd[rng.int(odd.length)];
      if (rng.uniform() < 0.4) return Array.from({ length: rng.int(4) }, () => draw(depth - 1));
      const keys = [
        'names',
        'prefixes',
        'depth',
        'parameters',
        'name',
        'value',
        'type',
        'double_value',
        'integer_value',
      ];
      return Object.fromEntries(keys.filter(() => rng.uniform() < 0.7).map((key) => [key, draw(depth - 1)]));
    };
    for (const { name, answer } of parameterServices(store)) {
      for (let i = 0; i < 300; i++) {
        try {
          await answer(Object(draw(5)));
        } catch (error) {
          expect(error, name).toBeInstanceOf(Error);
        }
      }
    }
    expect(schema.safeParse(store.values).success).toBe(true);
  });

  it('list under prefixes', async () => {
    const { result } = await ask('list_parameters', { prefixes: [], depth: 1n });
    expect(result).toEqual({ names: ['speed', 'count', 'robot', 'use_sim_time'], prefixes: [] });
  });

  it('events have every field of their definition', () => {
    const codec = new RosCodec('rcl_interfaces/msg/ParameterEvent');
    const changes = [{ name: 'speed', value: { type: 'double', value: 1.5 } } as const];
    const event = codec.decode(codec.encode(parameterEvent('/n', 1_000_000_001n, changes, false)));
    expect(event).toMatchObject({
      ...{ stamp: { sec: 1, nanosec: 1 }, node: '/n', new_parameters: [], deleted_parameters: [] },
      changed_parameters: [{ name: 'speed', value: { type: 3, double_value: 1.5 } }],
    });
  });
});
