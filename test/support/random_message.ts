import type { Rng } from '../../contracts/index.ts';
import type { FieldDefinition, MessageDefinition } from '../../ros/cdr/types.ts';

/** Numbers at the ends of each integer type's range, as bigint. */
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};
const FLOATS = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -1.7e308];
const TEXTS = ['', 'panda_joint1', 'grüße', '手の先', 'a\u{1f916}b', 'e\u0301', '\ufeffx', '"\\\n\t', 'x'.repeat(300)];

/** A drawn message of the first type, in the terms of RosCodec.decode, so that a round trip can be compared for equality. */
export function randomMessage(types: readonly MessageDefinition[], rng: Rng, longest = 4): Record<string, unknown> {
  const known = new Map(types.map((type) => [type.name ?? '', type]));
  const struct = (type: MessageDefinition): Record<string, unknown> =>
    Object.fromEntries(
      type.definitions.filter(({ isConstant }) => isConstant !== true).map((each) => [each.name, field(each)]),
    );
  const field = (definition: FieldDefinition): unknown => {
    const { isArray, arrayLength, arrayUpperBound } = definition;
    if (isArray !== true) return value(definition);
    const length = arrayLength ?? rng.int(Math.min(longest, arrayUpperBound ?? longest) + 1);
    return typed(
      definition.type,
      Array.from({ length }, () => value(definition)),
    );
  };
  const value = ({ type, isComplex, upperBound }: FieldDefinition): unknown => {
    if (isComplex === true) return struct(known.get(type) ?? types[0]);
    switch (type) {
      case 'bool':
        return rng.int(2) === 1;
      case 'string':
        return TEXTS[rng.int(TEXTS.length)].slice(0, upperBound);
      case 'float64':
        return rng.int(3) === 0 ? FLOATS[rng.int(FLOATS.length)] : rng.normal() * 10 ** rng.range(-20, 20);
      case 'float32':
        return Math.fround(rng.int(3) === 0 ? FLOATS[rng.int(6)] : rng.normal() * 10 ** rng.range(-20, 20));
      case 'time':
      case 'duration':
        return { sec: integer('int32'), nanosec: Math.abs(integer('int32')) % 1e9 };
      case 'int64':
      case 'uint64':
        return big(type);
      default:
        return integer(type);
    }
  };
  const integer = (type: string): number => Number(big(type));
  const big = (type: string): bigint => {
    const [least, most] = RANGES[type];
    if (rng.int(3) === 0) return rng.int(2) === 0 ? least : most;
    const drawn = (BigInt(rng.int(2 ** 31)) << 33n) + BigInt(rng.int(2 ** 31)) * 4n + BigInt(rng.int(4));
    return least + (drawn % (most - least + 1n));
  };
  return struct(types[0]);
}

/** The typed array that stands for an array of these numbers. */
function typed(type: string, values: unknown[]): unknown {
  const kinds: Readonly<Record<string, (numbers: unknown[]) => unknown>> = {
    int8: (n) => Int8Array.from(n as number[]),
    uint8: (n) => Uint8Array.from(n as number[]),
    int16: (n) => Int16Array.from(n as number[]),
    uint16: (n) => Uint16Array.from(n as number[]),
    int32: (n) => Int32Array.from(n as number[]),
    uint32: (n) => Uint32Array.from(n as number[]),
    int64: (n) => BigInt64Array.from(n as bigint[]),
    uint64: (n) => BigUint64Array.from(n as bigint[]),
    float32: (n) => Float32Array.from(n as number[]),
    float64: (n) => Float64Array.from(n as number[]),
  };
  return kinds[type]?.(values) ?? values;
}
