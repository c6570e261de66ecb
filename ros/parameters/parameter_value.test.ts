import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import {
  fromPlain,
  NOT_SET,
  PARAMETER_TYPES,
  type ParameterType,
  type ParameterValue,
  plainOf,
  showValue,
  valueAs,
  valueFromRos,
  valueToRos,
} from './parameter_value.ts';

const TYPES = Object.keys(PARAMETER_TYPES) as ParameterType[];

function draw(rng: Rng, type: ParameterType): ParameterValue {
  const number = () => [0, -0, 1.5, -1e300, Number.NaN, Number.NEGATIVE_INFINITY, rng.normal()][rng.int(7)];
  const whole = () => [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), BigInt(rng.int(1000))][rng.int(5)];
  const text = () => ['', 'ä 箱 🤖', 'plain', '\n'][rng.int(4)];
  const several = <T>(make: () => T): T[] => Array.from({ length: rng.int(4) }, make);
  switch (type) {
    case 'not_set':
      return NOT_SET;
    case 'bool':
      return { type, value: rng.uniform() < 0.5 };
    case 'integer':
      return { type, value: whole() };
    case 'double':
      return { type, value: number() };
    case 'string':
      return { type, value: text() };
    case 'byte_array':
      return { type, value: several(() => rng.int(256)) };
    case 'bool_array':
      return { type, value: several(() => rng.uniform() < 0.5) };
    case 'integer_array':
      return { type, value: several(whole) };
    case 'double_array':
      return { type, value: several(number) };
    case 'string_array':
      return { type, value: several(text) };
  }
}

describe('parameter values', () => {
  it('of every type come back from their ROS message as they went', () => {
    const codec = new RosCodec('rcl_interfaces/msg/ParameterValue');
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed, 'value');
      for (const type of TYPES) {
        const value = draw(rng, type);
        const back = valueFromRos(codec.decode(codec.encode(valueToRos(value))), 'p');
        expect(back, `seed ${seed} ${type}`).toEqual(value);
      }
    }
  });

  it('that are finite and of a declared type come back from a plain value', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed, 'plain');
      for (const type of TYPES) {
        const value = draw(rng, type);
        const plain = plainOf(value);
        const numbers = [plain].flat().filter((each) => typeof each === 'number');
        const safe = !type.startsWith('integer') || numbers.every(Number.isSafeInteger);
        expect(fromPlain(type, plain), `seed ${seed} ${type} ${showValue(value)}`).toEqual(safe ? value : null);
      }
    }
  });

  it('widen from integers, take an empty array for any, and refuse the rest by name', () => {
    expect(valueAs('double', { type: 'integer', value: 3n }, 'p')).toEqual({ type: 'double', value: 3 });
    expect(valueAs('string_array', { type: 'integer_array', value: [] }, 'p')).toEqual({
      type: 'string_array',
      value: [],
    });
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'as');
      for (const from of TYPES) {
        for (const to of TYPES.slice(1)) {
          const value = draw(rng, from);
          let got: ParameterValue | string;
          try {
            got = valueAs(to, value, 'p');
          } catch (error) {
            got = String(error);
          }
          const widens = `${from} ${to}` === 'integer double' || `${from} ${to}` === 'integer_array double_array';
          const empty =
            'value' in value && Array.isArray(value.value) && value.value.length === 0 && to.endsWith('_array');
          if (typeof got === 'string') expect(got).toMatch(/^InputError: p(?:\[\d\])? = /);
          else expect(got.type, `${from} to ${to}`).toBe(to);
          if (typeof got !== 'string') expect(from === to || widens || empty, `${from} to ${to}`).toBe(true);
        }
      }
    }
  });

  it('of a type that does not exist, or in a strange form, are refused or read as nothing, never trusted', () => {
    for (const type of [10, -1, 255, 'x', undefined]) {
      expect(() => valueFromRos({ type }, 'p')).toThrow('p: type');
    }
    expect(valueFromRos({ type: 8 }, 'p')).toEqual({ type: 'double_array', value: [] });
    expect(valueFromRos({ type: 6, bool_array_value: 'x' }, 'p')).toEqual({ type: 'bool_array', value: [] });
    expect(valueFromRos({ type: 7, integer_array_value: BigInt64Array.of(1n, -2n) }, 'p')).toEqual({
      type: 'integer_array',
      value: [1n, -2n],
    });
    expect(valueFromRos({ type: 2, integer_value: '-7' }, 'p')).toEqual({ type: 'integer', value: -7n });
  });

  it('are shown short', () => {
    expect(showValue({ type: 'string', value: 'x'.repeat(1e6) })).toHaveLength(81);
    expect(showValue({ type: 'bool_array', value: [true, false] })).toBe('[true, false]');
    expect(showValue(NOT_SET)).toBe('not set');
  });
});
