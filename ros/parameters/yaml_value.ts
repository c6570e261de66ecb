import { isScalar, isSeq, type Node as YamlNode } from 'yaml';
import { InputError } from '../../contracts/index.ts';
import { NOT_SET, type ParameterValue } from './parameter_value.ts';

/**
 * A YAML scalar or sequence as a parameter; null for what is neither. Read with integers as bigint, so that 1 and 1.0 are of
 * different types as in rcl_yaml_param_parser. Throws an InputError for a sequence of several types.
 */
export function yamlValue(node: YamlNode | null, where: string): ParameterValue | null {
  if (node === null) return NOT_SET;
  if (isScalar(node)) return scalar(node.value, where);
  if (!isSeq(node)) return null;
  const elements = node.items.map((item) => (isScalar(item) ? scalar(item.value, where) : null));
  return arrayOf(elements) ?? mixed(where, node.toString());
}

function scalar(value: unknown, where: string): ParameterValue {
  switch (typeof value) {
    case 'boolean':
      return { type: 'bool', value };
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) throw new InputError(`${where}: ${value}`, 'must be a 64-bit integer');
      return { type: 'integer', value };
    case 'number':
      return { type: 'double', value };
    case 'string':
      return { type: 'string', value };
    default:
      return NOT_SET;
  }
}

function arrayOf(elements: readonly (ParameterValue | null)[]): ParameterValue | null {
  const types = new Set(elements.map((element) => element?.type));
  const all = <T extends ParameterValue['type']>(...allowed: readonly T[]): boolean =>
    [...types].every((type) => (allowed as readonly unknown[]).includes(type));
  const values = elements.map((element) => (element !== null && 'value' in element ? element.value : null));
  if (all('integer')) return { type: 'integer_array', value: values as bigint[] };
  if (all('double', 'integer')) return { type: 'double_array', value: values.map(Number) };
  if (all('bool')) return { type: 'bool_array', value: values as boolean[] };
  return all('string') ? { type: 'string_array', value: values as string[] } : null;
}

function mixed(where: string, text: string): never {
  throw new InputError(`${where}: ${text}`, 'must be a list of numbers, of true and false, or of texts');
}
