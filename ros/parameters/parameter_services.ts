import type { NodeParameters } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { fieldsOf, messagesOf, type RawService, textsOf } from '../raw_service.ts';
import { listParameters } from './list_parameters.ts';
import type { ParameterSpec } from './parameter_specs.ts';
import type { ParameterChange, ParameterStore } from './parameter_store.ts';
import { PARAMETER_TYPES, valueFromRos, valueToRos } from './parameter_value.ts';

/**
 * The six parameter services of a node. What is not declared is answered as rclcpp and rclpy do: empty lists where
 * values or descriptors are asked for, a reason where it should be set.
 */
export function parameterServices<S extends NodeParameters>(store: ParameterStore<S>): readonly RawService[] {
  const service = (type: string, name: string, answer: RawService['answer']): RawService => ({
    type: `rcl_interfaces/srv/${type}`,
    name: `~/${name}`,
    answer,
  });
  return [
    service('GetParameters', 'get_parameters', ({ names }) => ({
      values: ifAll(textsOf(names).map((name) => store.get(name))).map(valueToRos),
    })),
    service('GetParameterTypes', 'get_parameter_types', ({ names }) => ({
      types: ifAll(textsOf(names).map((name) => store.describe(name))).map(({ type }) => PARAMETER_TYPES[type]),
    })),
    service('DescribeParameters', 'describe_parameters', ({ names }) => ({
      descriptors: ifAll(textsOf(names).map((name) => store.describe(name))).map(descriptorToRos),
    })),
    service('ListParameters', 'list_parameters', ({ prefixes, depth }) => ({
      result: listParameters(store.names, textsOf(prefixes), Number(depth)),
    })),
    service('SetParameters', 'set_parameters', ({ parameters }) => ({
      results: messagesOf(parameters).map((each) => resultOf(store, [each])),
    })),
    service('SetParametersAtomically', 'set_parameters_atomically', ({ parameters }) => ({
      result: resultOf(store, messagesOf(parameters)),
    })),
  ];
}

/** Fields of an rcl_interfaces/ParameterDescriptor. */
export function descriptorToRos(spec: ParameterSpec): object {
  const { name, type, description, constraints, range, update } = spec;
  const integer = type === 'integer';
  const bounds = range === null ? [] : [rangeToRos(range, integer)];
  return {
    name,
    type: PARAMETER_TYPES[type],
    description,
    additional_constraints: constraints,
    read_only: update === 'start',
    dynamic_typing: false,
    floating_point_range: integer ? [] : bounds,
    integer_range: integer ? bounds : [],
  };
}

function rangeToRos({ from, to, step }: NonNullable<ParameterSpec['range']>, integer: boolean): object {
  return integer
    ? { from_value: BigInt(from), to_value: BigInt(to), step: BigInt(step) }
    : { from_value: from, to_value: to, step };
}

/** Fields of an rcl_interfaces/ParameterEvent: what a node declares first is new, all else has changed. */
export function parameterEvent(node: string, stamp_ns: bigint, changes: readonly ParameterChange[], declared: boolean) {
  const parameters = changes.map(({ name, value }) => ({ name, value: valueToRos(value) }));
  return {
    stamp: { sec: Number(stamp_ns / 1_000_000_000n), nanosec: Number(stamp_ns % 1_000_000_000n) },
    node,
    new_parameters: declared ? parameters : [],
    changed_parameters: declared ? [] : parameters,
    deleted_parameters: [],
  };
}

function ifAll<T>(found: readonly (T | undefined)[]): readonly T[] {
  const all = found.filter((each) => each !== undefined);
  return all.length === found.length ? all : [];
}

function resultOf<S extends NodeParameters>(store: ParameterStore<S>, parameters: readonly RosFields[]): object {
  const reason = trySet(store, parameters);
  return { successful: reason === '', reason };
}

function trySet<S extends NodeParameters>(store: ParameterStore<S>, parameters: readonly RosFields[]): string {
  try {
    return store.set(
      parameters.map(({ name, value }) => ({
        name: String(name),
        value: valueFromRos(fieldsOf(value), String(name)),
      })),
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
