import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRng, InputError, updated } from '../../contracts/index.ts';
import { type ParameterChange, type ParameterHost, ParameterStore } from './parameter_store.ts';
import { NOT_SET, type ParameterValue } from './parameter_value.ts';

const schema = z
  .object({
    speed: updated('live', z.number().min(0).max(1).default(0.5)),
    low: updated('live', z.number().default(0)),
    high: updated('live', z.number().default(1)),
    rate_hz: z.int().min(1).max(1000).default(100),
    robot: updated('start', z.string().default('panda')),
    gains: updated('live', z.array(z.number().min(0)).length(3).default([1, 2, 3])),
    mode: updated('live', z.enum(['a', 'b']).default('a')),
    later: updated('live', z.string().optional()),
  })
  .refine(({ low, high }) => low < high, 'low must be under high');

const double = (value: number): ParameterValue => ({ type: 'double', value });
const integer = (value: bigint): ParameterValue => ({ type: 'integer', value });
const set = (name: string, value: ParameterValue): ParameterChange[] => [{ name, value }];

function hostOf(parts: Partial<ParameterHost>): ParameterHost {
  return { mayConfigure() {}, mayChange() {}, changed() {}, ...parts };
}

describe('parameter store', () => {
  it('begins with the defaults and takes what the schema allows', () => {
    const changed: unknown[] = [];
    const store = new ParameterStore(schema);
    store.attach(hostOf({ changed: (changes) => changed.push(changes) }));
    expect(store.values).toMatchObject({ speed: 0.5, rate_hz: 100, gains: [1, 2, 3] });
    expect(store.set(set('speed', double(0.25)))).toBe('');
    expect(store.values.speed).toBe(0.25);
    expect(changed).toEqual([[{ name: 'speed', value: double(0.25) }]]);
  });

  it.each([
    ['speed', double(1.5), 'speed = 1.5: Too big: expected number to be <=1'],
    ['speed', double(Number.NaN), 'speed = NaN: must be a finite number'],
    ['speed', double(Number.POSITIVE_INFINITY), 'speed = Infinity: must be a finite number'],
    ['speed', NOT_SET, 'speed = not set: must have a value of type double'],
    ['speed', { type: 'string', value: 'fast' }, 'speed = fast: is of type string, must be of type double'],
    ['gains', { type: 'double_array', value: [1, Number.NaN, 3] }, 'gains[1] = NaN: must be a finite number'],
    ['gains', { type: 'double_array', value: [1, -2, 3] }, 'gains[1] = -2: Too small: expected number to be >=0'],
    ['gains', { type: 'double_array', value: [1] }, 'gains = [1]: Too small: expected array to have exactly 3 items'],
    ['mode', { type: 'string', value: 'c' }, 'mode = c: Invalid option: expected one of "a"|"b"'],
    ['rate_hz', integer(2n ** 62n), 'rate_hz = 4611686018427387904: '],
    ['rate_hz', double(50), 'rate_hz = 50: is of type double, must be of type integer'],
    ['robot', { type: 'string', value: 'ur5' }, 'parameter robot: is read-only; give it at the start'],
    ['flaps', double(1), 'parameter flaps: is not declared'],
    ['high', double(-1), 'high = -1: low must be under high'],
  ] as [string, ParameterValue, string][])('refuses %s = %o with a reason', (name, value, reason) => {
    const store = new ParameterStore(schema);
    const before = store.values;
    expect(store.set(set(name, value))).toContain(reason);
    expect(store.values).toBe(before);
  });

  it('takes an integer for a double, and keeps it a double', () => {
    const store = new ParameterStore(schema);
    expect(store.set(set('speed', integer(1n)))).toBe('');
    expect(store.get('speed')).toEqual(double(1));
    expect(store.set(set('gains', { type: 'integer_array', value: [1n, 2n, 4n] }))).toBe('');
    expect(store.get('gains')).toEqual({ type: 'double_array', value: [1, 2, 4] });
  });

  it('takes several together that would not pass one by one, or none', () => {
    const store = new ParameterStore(schema);
    expect(store.set([...set('low', double(2)), ...set('high', double(3))])).toBe('');
    expect(store.set([...set('low', double(0)), ...set('speed', double(9))])).toContain('speed = 9');
    expect(store.values.low).toBe(2);
  });

  it('asks the node about what it takes up at once, and gives its refusal as the reason', () => {
    const asked: unknown[] = [];
    const store = new ParameterStore(schema);
    const mayChange = ({ speed }: Readonly<Record<string, unknown>>, names: readonly string[]) => {
      asked.push([names, speed]);
      if (Number(speed) > 0.9) throw new InputError(`speed = ${speed}`, 'not with a tool');
    };
    store.attach(hostOf({ mayChange }));
    expect(store.set(set('speed', double(0.95)))).toBe('speed = 0.95: not with a tool');
    expect(store.values.speed).toBe(0.5);
    expect(store.set(set('rate_hz', integer(50n)))).toBe('');
    expect(asked).toEqual([[['speed'], 0.95]]);
  });

  it('refuses what is taken up at configure while configured', () => {
    const store = new ParameterStore(schema);
    expect(store.set(set('rate_hz', integer(50n)))).toBe('');
    const mayConfigure = () => {
      throw new Error('is taken up at configure');
    };
    store.attach(hostOf({ mayConfigure }));
    expect(store.set(set('rate_hz', integer(60n)))).toBe('parameter rate_hz: is taken up at configure');
    // What is wrong with a value is said first.
    expect(store.set(set('rate_hz', integer(0n)))).toContain('rate_hz = 0: Too small');
    expect(store.set(set('speed', double(0.1)))).toBe('');
    expect(store.values.rate_hz).toBe(50);
  });

  it('takes overrides, and tells where a wrong one stands', () => {
    const at = (name: string, value: ParameterValue, for_all = false) => ({
      name,
      value,
      where: 'f.yaml:3:5',
      for_all,
    });
    const store = new ParameterStore(schema, [
      at('robot', { type: 'string', value: 'ur5' }),
      at('speed', double(0.1)),
      at('speed', double(0.2)),
    ]);
    expect(store.values).toMatchObject({ robot: 'ur5', speed: 0.2 });
    const wrong = (override: ReturnType<typeof at>) => () => new ParameterStore(schema, [override]);
    expect(wrong(at('speed', double(7)))).toThrow('f.yaml:3:5: speed = 7: Too big');
    expect(wrong(at('gains', { type: 'double_array', value: [-1, 0, 0] }))).toThrow('f.yaml:3:5: gains[0] = -1');
    expect(wrong(at('sped', double(1)))).toThrow('f.yaml:3:5: parameter sped: is not declared; there are speed, low');
    expect(wrong(at('sped', double(1), true))).not.toThrow();
  });

  it('a required parameter has to be given', () => {
    const required = z.object({ file: z.string() });
    expect(() => new ParameterStore(required)).toThrow('parameter file: must be given, of type string');
    const overrides = [{ name: 'file', value: { type: 'string', value: 'a' }, where: '-p', for_all: false } as const];
    expect(new ParameterStore(required, overrides).values.file).toBe('a');
  });

  it('declares use_sim_time beside the own ones, and tells the host of it', () => {
    const told: unknown[] = [];
    const store = new ParameterStore(z.strictObject({ a: z.number().default(1) }));
    store.attach(hostOf({ changed: (_, standard) => told.push(standard) }));
    expect(store.names).toEqual(['a', 'use_sim_time']);
    expect(store.set(set('use_sim_time', { type: 'bool', value: true }))).toBe('');
    expect(told).toEqual([{ use_sim_time: true }]);
    expect(store.values).toEqual({ a: 1 });
    expect(() => new ParameterStore(z.object({ use_sim_time: z.boolean() }))).toThrow('must not declare use_sim_time');
  });

  it('whatever is asked, values always pass the schema and refusals change nothing', () => {
    const store = new ParameterStore(schema);
    const rng = createRng(7, 'store');
    const draws = [0, 0.5, 1, 2, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300];
    const draw = (): ParameterValue => {
      const number = draws[rng.int(draws.length)];
      const forms: ParameterValue[] = [
        double(number),
        integer(BigInt(rng.int(2000)) - 500n),
        { type: 'string', value: 'ab'[rng.int(2)] },
        { type: 'double_array', value: [number, 1, 2] },
        { type: 'bool', value: true },
        NOT_SET,
      ];
      return forms[rng.int(forms.length)];
    };
    let taken = 0;
    for (let i = 0; i < 2000; i++) {
      const names = Array.from({ length: 1 + rng.int(3) }, () => store.names[rng.int(store.names.length)]);
      const changes = names.map((name) => ({ name, value: draw() }));
      const before = new Map(store.names.map((name) => [name, store.get(name)]));
      const reason = store.set(changes);
      expect(schema.safeParse(store.values).success, JSON.stringify(String(reason))).toBe(true);
      if (reason === '') taken++;
      else for (const name of store.names) expect(store.get(name)).toBe(before.get(name));
    }
    expect(taken).toBeGreaterThan(50);
  });
});
