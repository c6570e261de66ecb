import { endianness } from 'node:os';
import { InputError } from '../../contracts/index.ts';
import { CdrOutput } from './output.ts';
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

type Write = (output: CdrOutput, value: unknown) => void;

/** Bytes that are made as they are written, in place of an uint8[]: a picture that is converted is copied once. */
export interface RosBytes {
  readonly byteLength: number;
  writeTo(target: Uint8Array): void;
}

const HOST_LITTLE = endianness() === 'LE';
/** From here on copying bytes is quicker than writing numbers. */
const FEW = 16;
const FIRST_CAPACITY = 256;

/** A value that its field cannot take; `path` grows on the way out to the message. */
class ValueError extends Error {
  readonly value: unknown;
  readonly allowed: string;
  path = '';

  constructor(value: unknown, allowed: string) {
    super(allowed);
    this.value = value;
    this.allowed = allowed;
  }
}

function integer(value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most && Math.trunc(value) === value) return value;
  throw new ValueError(value, `must be an integer from ${least} to ${most}`);
}

function big(value: unknown, least: bigint, most: bigint): bigint {
  const exact = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof exact === 'bigint' && exact >= least && exact <= most) return exact;
  throw new ValueError(value, `must be an integer from ${least} to ${most}`);
}

function real(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new ValueError(value, 'must be a number');
}

// `take` may replace the view: it comes first.
const FIXED: Record<FixedType, Write> = {
  bool: (output, value) => {
    if (typeof value !== 'boolean') throw new ValueError(value, 'must be true or false');
    const at = output.take(1, 1);
    output.bytes[at] = value ? 1 : 0;
  },
  int8: (output, value) => {
    const at = output.take(1, 1);
    output.view.setInt8(at, integer(value, -128, 127));
  },
  uint8: (output, value) => {
    const at = output.take(1, 1);
    output.view.setUint8(at, integer(value, 0, 255));
  },
  int16: (output, value) => {
    const at = output.take(2, 2);
    output.view.setInt16(at, integer(value, -32_768, 32_767), true);
  },
  uint16: (output, value) => {
    const at = output.take(2, 2);
    output.view.setUint16(at, integer(value, 0, 65_535), true);
  },
  int32: (output, value) => {
    const at = output.take(4, 4);
    output.view.setInt32(at, integer(value, -(2 ** 31), 2 ** 31 - 1), true);
  },
  uint32: (output, value) => {
    const at = output.take(4, 4);
    output.view.setUint32(at, integer(value, 0, 2 ** 32 - 1), true);
  },
  int64: (output, value) => {
    const at = output.take(8, 8);
    output.view.setBigInt64(at, big(value, -(2n ** 63n), 2n ** 63n - 1n), true);
  },
  uint64: (output, value) => {
    const at = output.take(8, 8);
    output.view.setBigUint64(at, big(value, 0n, 2n ** 64n - 1n), true);
  },
  float32: (output, value) => {
    const at = output.take(4, 4);
    output.view.setFloat32(at, real(value), true);
  },
  float64: (output, value) => {
    const at = output.take(8, 8);
    output.view.setFloat64(at, real(value), true);
  },
};

type ArrayKind = abstract new (...args: never) => ArrayBufferView & { readonly length: number };
/** Arrays whose bytes are those of the message, where the machine is little endian. */
const SAME_BYTES: Partial<Record<FixedType, ArrayKind>> = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/**
 * A writer of a type's messages. Absent fields become the definition's defaults, else zero, empty or false. Throws an
 * InputError that names the field for a value that it cannot take.
 */
export function compileWriter(
  types: readonly MessageDefinition[],
  name: string,
): (message: object) => Uint8Array<ArrayBuffer> {
  const root = compile(types, structWriting);
  let capacity = FIRST_CAPACITY;
  return (message) => {
    const output = new CdrOutput(capacity);
    try {
      root(output, message);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new InputError(`${name}${error.path} = ${shown(error.value)}`, error.allowed);
    }
    capacity = output.at;
    return output.finish();
  };
}

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 60))
    : typeof value === 'object'
      ? 'an object'
      : String(value);

function structWriting(type: MessageDefinition, inner: (name: string) => Write): Write {
  const fields = dataFields(type);
  if (fields.length === 0) return (output) => void output.take(1, 1);
  const names = fields.map(({ name }) => name);
  const writes = fields.map((field) => fieldWriting(field, inner));
  return (output, message) => {
    if (typeof message !== 'object' || message === null) throw new ValueError(message, 'must be an object');
    const values = message as Readonly<Record<string, unknown>>;
    let i = 0;
    try {
      for (; i < writes.length; i++) writes[i](output, values[names[i]]);
    } catch (error) {
      if (error instanceof ValueError) error.path = `.${names[i]}${error.path}`;
      throw error;
    }
  };
}

const NO_FIELDS = Object.freeze({});

function fieldWriting(field: FieldDefinition, inner: (name: string) => Write): Write {
  const { type, isArray, isComplex, arrayLength, arrayUpperBound, upperBound } = field;
  const element = isComplex === true ? inner(type) : primitiveWriting(type, field.name, upperBound);
  const absent = (isArray === true ? undefined : field.defaultValue) ?? (isComplex === true ? NO_FIELDS : zeroOf(type));
  if (isArray !== true) return (output, value) => element(output, value ?? absent);
  const elements = arrayWriting(type, element);
  return (output, given) => {
    const values = given ?? field.defaultValue ?? new Array<unknown>(arrayLength ?? 0).fill(absent);
    const length = lengthOf(values);
    if (length !== (arrayLength ?? length)) throw new ValueError(`${length} elements`, `must be ${arrayLength}`);
    if (length > (arrayUpperBound ?? length))
      throw new ValueError(`${length} elements`, `must be at most ${arrayUpperBound}`);
    if (arrayLength === undefined) output.count(length);
    if (length > 0) elements(output, values, length);
  };
}

function zeroOf(type: string): unknown {
  if (type === 'string') return '';
  if (type === 'bool') return false;
  if (isTime(type)) return { sec: 0, nanosec: 0 };
  return type === 'int64' || type === 'uint64' ? 0n : 0;
}

function lengthOf(values: unknown): number {
  if (Array.isArray(values)) return values.length;
  if (ArrayBuffer.isView(values) && 'length' in values && typeof values.length === 'number') return values.length;
  if (isRosBytes(values)) return values.byteLength;
  throw new ValueError(values, 'must be an array');
}

const isRosBytes = (value: unknown): value is RosBytes =>
  typeof value === 'object' && value !== null && 'writeTo' in value && typeof value.writeTo === 'function';

function primitiveWriting(type: string, name: string, bound: number | undefined): Write {
  if (isFixed(type)) return FIXED[type];
  if (isTime(type)) return writeTime;
  if (type !== 'string')
    throw new InputError(`field ${name} of type ${type}`, 'cannot be written: no such primitive type');
  return (output, value) => {
    if (typeof value !== 'string') throw new ValueError(value, 'must be a string');
    if (bound !== undefined && Buffer.byteLength(value) > bound)
      throw new ValueError(value, `must be of at most ${bound} bytes`);
    output.string(value);
  };
}

const writeTime: Write = (output, value) => {
  if (typeof value !== 'object' || value === null) throw new ValueError(value, 'must have sec and nanosec');
  const { sec = 0, nanosec = 0 } = value as { readonly sec?: unknown; readonly nanosec?: unknown };
  const at = output.take(4, 8);
  output.view.setInt32(at, integer(sec, -(2 ** 31), 2 ** 31 - 1), true);
  output.view.setUint32(at + 4, integer(nanosec, 0, 2 ** 32 - 1), true);
};

function arrayWriting(type: string, element: Write): (output: CdrOutput, values: unknown, length: number) => void {
  const size = isFixed(type) ? SIZES[type] : 1;
  const kind = isFixed(type) ? SAME_BYTES[type] : undefined;
  return (output, values, length) => {
    if (kind !== undefined && HOST_LITTLE && length >= FEW && values instanceof kind) {
      const start = output.take(size, size * length);
      output.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
    } else if (isRosBytes(values)) {
      if (type !== 'uint8') throw new ValueError(values, `must be an array of ${type}`);
      const start = output.take(1, length);
      values.writeTo(output.bytes.subarray(start, start + length));
    } else {
      const entries = values as readonly unknown[];
      let i = 0;
      try {
        for (; i < length; i++) element(output, entries[i]);
      } catch (error) {
        if (error instanceof ValueError) error.path = `[${i}]${error.path}`;
        throw error;
      }
    }
  };
}
