import { InputError } from '../../contracts/index.ts';

/** Types of a ROS parameter by their numbers in rcl_interfaces/ParameterType. */
export const PARAMETER_TYPES = {
  not_set: 0,
  bool: 1,
  integer: 2,
  double: 3,
  string: 4,
  byte_array: 5,
  bool_array: 6,
  integer_array: 7,
  double_array: 8,
  string_array: 9,
} as const;
export type ParameterType = keyof typeof PARAMETER_TYPES;
const TYPE_NAMES = Object.keys(PARAMETER_TYPES) as readonly ParameterType[];

interface Payload {
  readonly bool: boolean;
  readonly integer: bigint;
  readonly double: number;
  readonly string: string;
  readonly byte_array: readonly number[];
  readonly bool_array: readonly boolean[];
  readonly integer_array: readonly bigint[];
  readonly double_array: readonly number[];
  readonly string_array: readonly string[];
}
type SetType = keyof Payload;

/** A value as ROS has it; integers are 64 bit. */
export type ParameterValue =
  | { readonly type: 'not_set' }
  | { [K in SetType]: { readonly type: K; readonly value: Payload[K] } }[SetType];

export const NOT_SET: ParameterValue = { type: 'not_set' };

const SHOWN = 80;

/** A value for people, shortened. */
export function showValue(value: ParameterValue): string {
  if (value.type === 'not_set') return 'not set';
  const { value: payload } = value;
  const text = typeof payload === 'object' ? `[${payload.join(', ')}]` : String(payload);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/**
 * The value as `type`; integers widen to doubles, and an empty array is one of any type. Throws an InputError that names
 * the parameter for other types, for what is not set, and for numbers that are not finite.
 */
export function valueAs(type: ParameterType, value: ParameterValue, name: string): ParameterValue {
  const where = `${name} = ${showValue(value)}`;
  if (value.type === 'not_set') throw new InputError(where, `must have a value of type ${type}`);
  const fitting = widened(type, value);
  if (fitting === null) throw new InputError(where, `is of type ${value.type}, must be of type ${type}`);
  if (fitting.type === 'double') requireFinite(fitting.value, name);
  if (fitting.type === 'double_array')
    for (const [i, each] of fitting.value.entries()) requireFinite(each, `${name}[${i}]`);
  return fitting;
}

function requireFinite(value: number, name: string): void {
  if (!Number.isFinite(value)) throw new InputError(`${name} = ${value}`, 'must be a finite number');
}

function widened(type: ParameterType, value: ParameterValue): ParameterValue | null {
  if (value.type === type) return value;
  if (type === 'double' && value.type === 'integer') return { type, value: Number(value.value) };
  if (type === 'double_array' && value.type === 'integer_array') return { type, value: value.value.map(Number) };
  const empty = 'value' in value && typeof value.value === 'object' && value.value.length === 0;
  return empty && type.endsWith('_array') ? fromPlain(type, []) : null;
}

type Plain = undefined | boolean | number | string | readonly (boolean | number | string)[];

/** As the node's options have it: integers as numbers. Integers beyond ±(2⁵³ − 1) are for the schema to refuse. */
export function plainOf(value: ParameterValue): Plain {
  switch (value.type) {
    case 'not_set':
      return undefined;
    case 'integer':
      return Number(value.value);
    case 'integer_array':
      return value.value.map(Number);
    default:
      return value.value;
  }
}

/** A number, text or array of a default or a file as a parameter of `type`; null where it has another form. */
export function fromPlain(type: ParameterType, plain: unknown): ParameterValue | null {
  switch (type) {
    case 'not_set':
      return plain === undefined ? NOT_SET : null;
    case 'bool':
      return typeof plain === 'boolean' ? { type, value: plain } : null;
    case 'integer':
      return Number.isSafeInteger(plain) ? { type, value: BigInt(plain as number) } : null;
    case 'double':
      return typeof plain === 'number' ? { type, value: plain } : null;
    case 'string':
      return typeof plain === 'string' ? { type, value: plain } : null;
    case 'byte_array':
    case 'double_array':
      return isArrayOf(plain, 'number') ? { type, value: plain } : null;
    case 'bool_array':
      return isArrayOf(plain, 'boolean') ? { type, value: plain } : null;
    case 'string_array':
      return isArrayOf(plain, 'string') ? { type, value: plain } : null;
    case 'integer_array':
      return isArrayOf(plain, 'number') && plain.every(Number.isSafeInteger)
        ? { type, value: plain.map(BigInt) }
        : null;
  }
}

interface Elements {
  readonly number: number;
  readonly boolean: boolean;
  readonly string: string;
}

function isArrayOf<K extends keyof Elements>(value: unknown, type: K): value is readonly Elements[K][] {
  return Array.isArray(value) && value.every((each) => typeof each === type);
}

/** Fields of an rcl_interfaces/ParameterValue; those of other types stay absent. */
export function valueToRos(value: ParameterValue): object {
  const type = PARAMETER_TYPES[value.type];
  return value.type === 'not_set' ? { type } : { type, [`${value.type}_value`]: value.value };
}

/** From the fields of an rcl_interfaces/ParameterValue; throws an InputError for a type that does not exist. */
export function valueFromRos(fields: Readonly<Record<string, unknown>>, name: string): ParameterValue {
  const type = TYPE_NAMES[Number(fields.type)];
  if (type === undefined)
    throw new InputError(`${name}: type ${fields.type}`, 'must be 0 to 9 (rcl_interfaces/ParameterType)');
  if (type === 'not_set') return NOT_SET;
  const payload = fields[`${type}_value`];
  switch (type) {
    case 'bool':
      return { type, value: payload === true };
    case 'integer':
      return { type, value: integer(payload) };
    case 'double':
      return { type, value: Number(payload) };
    case 'string':
      return { type, value: String(payload) };
    case 'byte_array':
    case 'double_array':
      return { type, value: Array.from(list(payload), Number) };
    case 'bool_array':
      return { type, value: Array.from(list(payload), (each) => each === true) };
    case 'integer_array':
      return { type, value: Array.from(list(payload), integer) };
    case 'string_array':
      return { type, value: Array.from(list(payload), String) };
  }
}

function list(payload: unknown): Iterable<unknown> {
  return typeof payload === 'object' && payload !== null && Symbol.iterator in payload
    ? (payload as Iterable<unknown>)
    : [];
}

function integer(payload: unknown): bigint {
  return typeof payload === 'bigint' ? payload : BigInt(typeof payload === 'string' ? payload : Number(payload));
}
