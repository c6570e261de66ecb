import { parseDocument, type Node as YamlNode } from 'yaml';
import { InputError } from '../../contracts/index.ts';
import { type FileParameters, parametersFor, readParameterFile } from './parameter_file.ts';
import type { ParameterOverride } from './parameter_store.ts';
import { yamlValue } from './yaml_value.ts';

/** A rule of a ROS 2 command line; `node` names the one it is for, null for all of the process. */
interface Rule {
  readonly node: string | null;
  readonly from: string;
  readonly to: string;
}

/** What stood behind `--ros-args`. */
export interface RosArguments {
  readonly remap: readonly Rule[];
  readonly parameters: readonly (ParameterOverride & { readonly node: string | null })[];
  readonly files: readonly FileParameters[];
}

export interface RosNames {
  readonly node_name: string;
  /** Empty, or beginning with a slash. */
  readonly namespace: string;
  /** Rules `from:=to`. */
  readonly remap: readonly string[];
}

const TAKES_VALUE: Readonly<Record<string, 'remap' | 'param' | 'file'>> = {
  '-r': 'remap',
  '--remap': 'remap',
  '-p': 'param',
  '--param': 'param',
  '--params-file': 'file',
};
/** Name of a rule's node, then what is assigned to what. */
const RULE = /^(?:([A-Za-z_]\w*):(?!=))?(.+?):=(.*)$/;
const NODE_NAME = /^[A-Za-z_]\w*$/;
const NAMESPACE = /^(?:\/|(?:\/[A-Za-z_]\w*)+)$/;
const TOPIC = /^(?:~\/?|\/)?[A-Za-z_][\w/]*$|^~$/;

/**
 * Takes the arguments between `--ros-args` and `--` (or the end) apart: -r, -p and --params-file with their long forms
 * (design.ros2.org/articles/ros_command_line_arguments.html). Returns the others as they are. Throws InputErrors.
 */
export function parseRosArguments(args: readonly string[]): { readonly ros: RosArguments; readonly rest: string[] } {
  const ros = {
    remap: [] as Rule[],
    parameters: [] as RosArguments['parameters'][number][],
    files: [] as FileParameters[],
  };
  const rest: string[] = [];
  let within = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--ros-args') within = true;
    else if (!within) rest.push(arg);
    else if (arg === '--') within = false;
    else {
      const kind = TAKES_VALUE[arg];
      if (kind === undefined) throw new InputError(`--ros-args ${arg}`, `takes ${Object.keys(TAKES_VALUE).join(', ')}`);
      const value = args[++i];
      if (value === undefined) throw new InputError(arg, 'needs a value');
      if (kind === 'file') ros.files.push(...readParameterFile(value));
      else if (kind === 'remap') ros.remap.push(remapRule(`${arg} ${value}`, value));
      else ros.parameters.push(parameterRule(`${arg} ${value}`, value));
    }
  }
  return { ros, rest };
}

/**
 * Names of a node that would be `node_name` in `namespace`, with the rules that are for it. As rcl has it, a rule for one
 * node that renames it goes by its first name, all others by its last.
 */
export function namesOf(ros: RosArguments, node_name: string, namespace: string): RosNames {
  const last = (node_name: string, ...keys: string[]): string | undefined =>
    ros.remap.findLast(({ node, from }) => keys.includes(from) && (node === null || node === node_name))?.to;
  const renamed = last(node_name, '__node', '__name') ?? node_name;
  const ns = last(renamed, '__ns') ?? namespace;
  const rules = ros.remap.filter(({ node, from }) => !from.startsWith('__') && (node === null || node === renamed));
  const remap = rules.map(({ from, to }) => `${from}:=${to}`);
  return { node_name: renamed, namespace: ns === '/' ? '' : ns, remap };
}

/** Values of a node: those of the files in their order, then those of the command line. */
export function overridesOf(ros: RosArguments, { node_name, namespace }: RosNames): readonly ParameterOverride[] {
  const direct = ros.parameters.filter(({ node }) => node === null || node === node_name);
  return [...parametersFor(ros.files, `${namespace}/${node_name}`), ...direct];
}

function remapRule(where: string, text: string): Rule {
  const rule = ruleOf(where, text, 'FROM:=TO');
  const { from, to } = rule;
  const [allowed, wanted] =
    from === '__ns'
      ? [NAMESPACE, 'a namespace, as /robot1']
      : from === '__node' || from === '__name'
        ? [NODE_NAME, "a node's name: letters, digits and _"]
        : [TOPIC, 'a name, as /cell/joint_states or ~/state'];
  if (!from.startsWith('__') && !TOPIC.test(from))
    throw new InputError(`${where}: ${from}`, 'must be a name, __ns or __node');
  if (!allowed.test(to)) throw new InputError(`${where}: ${to}`, `must be ${wanted}`);
  return rule;
}

function parameterRule(where: string, text: string): RosArguments['parameters'][number] {
  const { node, from: name, to } = ruleOf(where, text, 'NAME:=VALUE');
  const document = parseDocument<YamlNode>(to, { intAsBigInt: true });
  const value = document.errors.length > 0 ? null : yamlValue(document.contents, where);
  if (value === null) throw new InputError(where, 'must be a number, a text, true or false, or a list of such');
  return { node, name, value, where, for_all: node === null };
}

function ruleOf(where: string, text: string, form: string): Rule {
  const match = RULE.exec(text);
  if (match === null) throw new InputError(where, `must read ${form}, or NODE:${form}`);
  return { node: match[1] ?? null, from: match[2], to: match[3] };
}
