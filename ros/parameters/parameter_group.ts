import type { z } from 'zod';
import { InputError, type NodeParameters } from '../../contracts/index.ts';
import { type ParameterSpec, parameterSpecs } from './parameter_specs.ts';
import { type ParameterValue, plainOf, showValue, valueAs } from './parameter_value.ts';

/** Values that have passed the schema and wait to be taken. */
export interface PreparedValues<S extends NodeParameters> {
  readonly raw: ReadonlyMap<string, ParameterValue>;
  readonly values: z.output<S>;
}

/** The values of one schema: as ROS has them, and parsed, as the node's options. */
export class ParameterGroup<S extends NodeParameters> {
  readonly specs: ReadonlyMap<string, ParameterSpec>;
  private readonly schema: S;
  private current: PreparedValues<S>;

  /** Throws an InputError for a value that the schema refuses, or a required one that is missing. */
  constructor(schema: S, overrides: ReadonlyMap<string, ParameterValue> = new Map()) {
    this.schema = schema;
    const specs = parameterSpecs(schema);
    this.specs = new Map(specs.map((spec) => [spec.name, spec]));
    const initial = new Map(specs.map((spec) => [spec.name, spec.initial]));
    for (const { name, type, required } of specs) {
      if (required && !overrides.has(name)) throw new InputError(`parameter ${name}`, `must be given, of type ${type}`);
    }
    this.current = this.parse(initial, overrides);
  }

  get values(): z.output<S> {
    return this.current.values;
  }

  get(name: string): ParameterValue | undefined {
    return this.current.raw.get(name);
  }

  /** What the values would be with these changes; throws an InputError that names value and limit. */
  prepare(changes: ReadonlyMap<string, ParameterValue>): PreparedValues<S> {
    return this.parse(this.current.raw, changes);
  }

  take(prepared: PreparedValues<S>): void {
    this.current = prepared;
  }

  private parse(
    before: ReadonlyMap<string, ParameterValue>,
    changes: ReadonlyMap<string, ParameterValue>,
  ): PreparedValues<S> {
    const raw = new Map(before);
    for (const [name, value] of changes) {
      const spec = this.specs.get(name);
      if (spec === undefined) throw new InputError(`parameter ${name}`, 'is not declared');
      raw.set(name, valueAs(spec.type, value, name));
    }
    const parsed = this.schema.safeParse(nested(raw));
    if (parsed.success) return { raw, values: parsed.data };
    const [{ path, message }] = parsed.error.issues;
    const { name, shown } = placeOf(path, raw, changes);
    throw new InputError(`${name} = ${shown}`, message);
  }
}

/** The parameter that an issue is about; one that spans several is told of what was changed. */
function placeOf(
  path: readonly PropertyKey[],
  raw: ReadonlyMap<string, ParameterValue>,
  changes: ReadonlyMap<string, ParameterValue>,
): { name: string; shown: string } {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join('.');
    const value = raw.get(name);
    if (value === undefined) continue;
    if (length === path.length || !('value' in value) || typeof value.value !== 'object') {
      return { name, shown: showValue(value) };
    }
    const index = Number(path[length]);
    return { name: `${name}[${index}]`, shown: String(value.value[index]) };
  }
  const names = [...changes.keys()];
  return { name: names.join(', '), shown: [...changes.values()].map(showValue).join(', ') };
}

function nested(raw: ReadonlyMap<string, ParameterValue>): object {
  const root: Record<string, unknown> = {};
  for (const [name, value] of raw) {
    const plain = plainOf(value);
    const path = name.split('.');
    let at = root;
    for (const key of path.slice(0, -1)) at = childOf(at, key);
    if (plain !== undefined) at[path[path.length - 1]] = plain;
  }
  return root;
}

function childOf(parent: Record<string, unknown>, key: string): Record<string, unknown> {
  const child = parent[key] ?? {};
  parent[key] = child;
  return child as Record<string, unknown>;
}
