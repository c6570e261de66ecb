import { endianness } from 'node:os';
import { InputError } from '../../contracts/index.ts';
import { CdrInput } from './input.ts';
import {
  compile,
  dataFields,
  type FieldDefinition,
  type FixedType,
  isFixed,
  isTime,
  type MessageDefinition,
  SIZES,
} from './types.ts';

type Read<T = unknown> = (input: CdrInput) => T;
interface Reading<T = unknown> {
  readonly read: Read<T>;
  /** Bytes that a value has at least, padding aside. */
  readonly least: number;
}
type Numbers = { readonly buffer: ArrayBuffer; [index: number]: number | bigint };

const HOST_LITTLE = endianness() === 'LE';
/** From here on copying bytes is quicker than reading numbers. */
const FEW = 16;

const readInt8: Read = (input) => input.view.getInt8(input.take(1, 1));
const readUint8: Read = (input) => input.bytes[input.take(1, 1)];
const readString: Read = (input) => input.string();
const readTime: Read = (input) => {
  const at = input.take(4, 8);
  return { sec: input.view.getInt32(at, input.little), nanosec: input.view.getUint32(at + 4, input.little) };
};

const FIXED: Record<FixedType, Read> = {
  bool: (input) => input.bytes[input.take(1, 1)] !== 0,
  int8: readInt8,
  uint8: readUint8,
  int16: (input) => input.view.getInt16(input.take(2, 2), input.little),
  uint16: (input) => input.view.getUint16(input.take(2, 2), input.little),
  int32: (input) => input.view.getInt32(input.take(4, 4), input.little),
  uint32: (input) => input.view.getUint32(input.take(4, 4), input.little),
  int64: (input) => input.view.getBigInt64(input.take(8, 8), input.little),
  uint64: (input) => input.view.getBigUint64(input.take(8, 8), input.little),
  float32: (input) => input.view.getFloat32(input.take(4, 4), input.little),
  float64: (input) => input.view.getFloat64(input.take(8, 8), input.little),
};

const ARRAYS = {
  int8: (length: number) => new Int8Array(length),
  int16: (length: number) => new Int16Array(length),
  uint16: (length: number) => new Uint16Array(length),
  int32: (length: number) => new Int32Array(length),
  uint32: (length: number) => new Uint32Array(length),
  int64: (length: number) => new BigInt64Array(length),
  uint64: (length: number) => new BigUint64Array(length),
  float32: (length: number) => new Float32Array(length),
  float64: (length: number) => new Float64Array(length),
} satisfies Partial<Record<FixedType, (length: number) => Numbers>>;

/**
 * A reader of a type's messages: objects with the definition's fields, typed arrays for arrays of numbers (those of bytes
 * are views of the message), bigint for 64 bits. Throws an InputError for bytes that are too short or beyond a bound.
 */
export function compileReader(types: readonly MessageDefinition[]): (bytes: Uint8Array) => Record<string, unknown> {
  const { read } = compile(types, structReading);
  return (bytes) => read(new CdrInput(bytes));
}

type StructReading = Reading<Record<string, unknown>>;

function structReading(type: MessageDefinition, inner: (name: string) => StructReading): StructReading {
  const fields = dataFields(type);
  // IDL knows no empty structure: a byte stands for it.
  if (fields.length === 0) {
    const read = (input: CdrInput) => {
      input.take(1, 1);
      input.enter(1);
      return {};
    };
    return { least: 1, read };
  }
  const names = fields.map(({ name }) => name);
  if (names.includes('__proto__')) throw new InputError('field __proto__', 'is no name of a field');
  const readings = fields.map((field) => fieldReading(field, inner));
  const reads = readings.map(({ read }) => read);
  return {
    least: readings.reduce((sum, { least }) => sum + least, 0),
    read: (input) => {
      input.enter(1);
      const message: Record<string, unknown> = {};
      for (let i = 0; i < reads.length; i++) message[names[i]] = reads[i](input);
      return message;
    },
  };
}

function fieldReading(field: FieldDefinition, inner: (name: string) => StructReading): Reading {
  const { type, name, isArray, isComplex, arrayLength, arrayUpperBound, upperBound } = field;
  const element = isComplex === true ? inner(type) : primitiveReading(type, name, upperBound);
  if (isArray !== true) return element;
  const many = isComplex === true || !isFixed(type) ? eachReading(element.read) : arrayReading(type);
  if (arrayLength !== undefined) {
    return { least: arrayLength * element.least, read: (input) => many(input, arrayLength) };
  }
  const limit = arrayUpperBound ?? Number.POSITIVE_INFINITY;
  return {
    least: 4,
    read: (input) => {
      const length = input.count(element.least);
      if (length > limit) throw new InputError(`${name} of ${length} elements`, `may have at most ${limit}`);
      return many(input, length);
    },
  };
}

function primitiveReading(type: string, name: string, bound: number | undefined): Reading {
  if (isFixed(type)) return { read: FIXED[type], least: SIZES[type] };
  if (isTime(type)) return { read: readTime, least: 8 };
  if (type !== 'string')
    throw new InputError(`field ${name} of type ${type}`, 'cannot be read: no such primitive type');
  if (bound === undefined) return { read: readString, least: 4 };
  return {
    least: 4,
    read: (input) => {
      const text = input.string();
      if (Buffer.byteLength(text) > bound)
        throw new InputError(`${name} ${JSON.stringify(text)}`, `may have at most ${bound} bytes`);
      return text;
    },
  };
}

function eachReading(read: Read): (input: CdrInput, length: number) => unknown[] {
  return (input, length) => {
    input.enter(length);
    const values: unknown[] = [];
    for (let i = 0; i < length; i++) values.push(read(input));
    return values;
  };
}

function arrayReading(type: FixedType): (input: CdrInput, length: number) => unknown {
  if (type === 'bool') return eachReading(FIXED.bool);
  if (type === 'uint8') {
    return (input, length) => {
      const start = input.take(1, length);
      return new Uint8Array(input.bytes.buffer, input.bytes.byteOffset + start, length);
    };
  }
  const create: (length: number) => Numbers = ARRAYS[type];
  const size = SIZES[type];
  const read = FIXED[type] as (input: CdrInput) => number | bigint;
  return (input, length) => {
    if (length === 0) return create(0);
    const start = input.take(size, size * length);
    const values = create(length);
    if (length >= FEW && input.little === HOST_LITTLE) {
      new Uint8Array(values.buffer).set(input.bytes.subarray(start, start + size * length));
      return values;
    }
    input.at = start;
    for (let i = 0; i < length; i++) values[i] = read(input);
    return values;
  };
}
