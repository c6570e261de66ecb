import { z } from 'zod';
import { type NodeParameters, PARAMETER_UPDATES, type ParameterUpdate } from '../../contracts/index.ts';
import { fromPlain, NOT_SET, type ParameterType, type ParameterValue } from './parameter_value.ts';

/** Inclusive bounds; a step of 0 means any value between. */
export interface ParameterRange {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** One parameter as a node declares it: a leaf of its schema. */
export interface ParameterSpec {
  /** Fields from the root, joined by dots. */
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  /** What a range cannot say, in words. */
  readonly constraints: string;
  readonly range: ParameterRange | null;
  readonly update: ParameterUpdate;
  /** `not_set` where the schema has no default. */
  readonly initial: ParameterValue;
  readonly required: boolean;
}

interface Json {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly items?: Json | boolean;
  readonly prefixItems?: readonly Json[];
  readonly default?: unknown;
  readonly description?: string;
  readonly update?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const SCALARS: Readonly<Record<string, ParameterType>> = {
  boolean: 'bool',
  integer: 'integer',
  number: 'double',
  string: 'string',
};

/** The parameters of a schema, in its order. Throws an Error where a field has no form as a ROS parameter. */
export function parameterSpecs(schema: NodeParameters): readonly ParameterSpec[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Json;
  return leaves(root, '', root.default, true);
}

function leaves(json: Json, prefix: string, fallback: unknown, required: boolean): ParameterSpec[] {
  return Object.entries(json.properties ?? {}).flatMap(([key, inner]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (key.includes('.')) throw new Error(`parameter ${name}: a field's name must not have a dot`);
    const initial = fieldOf(fallback, key) ?? inner.default;
    const needed = required && (json.required ?? []).includes(key);
    if (inner.properties !== undefined) return leaves(inner, name, initial, needed || initial !== undefined);
    return [leaf(inner, name, initial, needed)];
  });
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function leaf(json: Json, name: string, plain: unknown, required: boolean): ParameterSpec {
  const type = typeOf(json);
  if (type === null) throw new Error(`parameter ${name}: ROS has no parameter of this form`);
  const initial = plain === undefined ? NOT_SET : fromPlain(type, plain);
  if (initial === null) throw new Error(`parameter ${name}: its default is no ${type}`);
  return {
    name,
    type,
    description: json.description ?? '',
    constraints: constraintsOf(json),
    range: type === 'integer' || type === 'double' ? rangeOf(json, type) : null,
    update: PARAMETER_UPDATES.find((update) => update === json.update) ?? 'configure',
    initial,
    required: required && initial.type === 'not_set',
  };
}

function typeOf(json: Json): ParameterType | null {
  if (json.type !== 'array') return typeof json.type === 'string' ? (SCALARS[json.type] ?? null) : null;
  const inner = new Set(
    (json.prefixItems ?? [json.items]).map((each) => (typeof each === 'object' ? typeOf(each) : null)),
  );
  if (inner.size > 1 && inner.has('double') && inner.has('integer')) inner.delete('integer');
  const [element] = inner;
  if (inner.size !== 1 || element === null || element.endsWith('_array')) return null;
  return `${element}_array` as ParameterType;
}

function rangeOf(json: Json, type: 'integer' | 'double'): ParameterRange | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = json;
  const above = type === 'integer' ? (x: number) => x + 1 : (x: number) => nextDouble(x, 1);
  const below = type === 'integer' ? (x: number) => x - 1 : (x: number) => nextDouble(x, -1);
  const lows = [minimum ?? [], exclusiveMinimum === undefined ? [] : above(exclusiveMinimum)].flat();
  const highs = [maximum ?? [], exclusiveMaximum === undefined ? [] : below(exclusiveMaximum)].flat();
  if (lows.length + highs.length === 0) return null;
  const limit = type === 'integer' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
  return { from: Math.max(-limit, ...lows), to: Math.min(limit, ...highs), step: multipleOf ?? 0 };
}

const words = new BigInt64Array(1);
const double = new Float64Array(words.buffer);

/** The double next to x, above (1) or below (-1). */
function nextDouble(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * Number.MIN_VALUE;
  double[0] = x;
  words[0] += x > 0 === direction > 0 ? 1n : -1n;
  return double[0];
}

function constraintsOf(json: Json): string {
  const said: string[] = [];
  const say = (value: unknown, text: string): void => {
    if (value !== undefined) said.push(text);
  };
  say(json.enum, `one of ${json.enum?.join(', ')}`);
  say(json.const, `only ${json.const}`);
  say(json.exclusiveMinimum, `more than ${json.exclusiveMinimum}`);
  say(json.exclusiveMaximum, `less than ${json.exclusiveMaximum}`);
  say(json.multipleOf, `a multiple of ${json.multipleOf}`);
  say(json.minLength, `at least ${json.minLength} characters`);
  say(json.maxLength, `at most ${json.maxLength} characters`);
  say(json.pattern, `matching ${json.pattern}`);
  if (json.type !== 'array') return said.join('; ');
  if (json.minItems !== undefined && json.minItems === json.maxItems) said.push(`exactly ${json.minItems} elements`);
  else {
    say(json.minItems, `at least ${json.minItems} elements`);
    say(json.maxItems, `at most ${json.maxItems} elements`);
  }
  const elements = [...new Set((json.prefixItems ?? [json.items]).map((each) => elementConstraints(each)))];
  for (const each of elements) if (each !== '') said.push(`each ${each}`);
  return said.join('; ');
}

function elementConstraints(json: Json | boolean | undefined): string {
  if (typeof json !== 'object') return '';
  const bounds = [
    json.minimum === undefined || json.minimum === -Number.MAX_SAFE_INTEGER ? [] : `at least ${json.minimum}`,
    json.maximum === undefined || json.maximum === Number.MAX_SAFE_INTEGER ? [] : `at most ${json.maximum}`,
  ].flat();
  return [...bounds, constraintsOf(json)].filter((text) => text !== '').join('; ');
}
