import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';
import type { MessageDefinition } from './cdr/types.ts';

/** A ROS 2 type with every type it contains. */
export interface RosDefinition {
  /** e.g. `sensor_msgs/msg/JointState`. */
  readonly name: string;
  /** The .msg text, then that of every type within, separated as in MCAP schemas of encoding `ros2msg`. */
  readonly text: string;
  readonly types: readonly MessageDefinition[];
}

const SEPARATOR = `\n${'='.repeat(80)}\n`;
const OWN_FOLDER = join(PACKAGE_ROOT, 'ros', 'packages');
const COMMON_FOLDER = join(
  dirname(createRequire(import.meta.url).resolve('@foxglove/rosmsg-msgs-common/package.json')),
  'msgdefs',
  'ros2jazzy',
);
const PRIMITIVES =
  /^(bool|byte|char|float32|float64|int8|uint8|int16|uint16|int32|uint32|int64|uint64|string|wstring)$/;

const SIDES: Readonly<Record<string, readonly string[]>> = {
  srv: ['Request', 'Response'],
  action: ['Goal', 'Result', 'Feedback'],
};

const known = new Map<string, RosDefinition>();

/**
 * Definition of a ROS 2 type by its full name: a message (`package/msg/Name`), or a side of a service or action
 * (`package/srv/Name_Request`, `_Response`, `package/action/Name_Goal`, `_Result`, `_Feedback`). Own packages stand in
 * ros/packages, the common ones come from @foxglove/rosmsg-msgs-common (Jazzy). Throws an InputError for a type in neither.
 */
export function rosDefinition(name: string): RosDefinition {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const definition = rosDefinitionIn([OWN_FOLDER, COMMON_FOLDER], name);
  known.set(name, definition);
  return definition;
}

/** The same from folders of packages, as a ROS installation's share/ is one; the first that has a type counts. */
export function rosDefinitionIn(folders: readonly string[], name: string): RosDefinition {
  const root = readType(folders, name);
  const texts = new Map<string, string>([[name, root]]);
  const open = [name];
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    for (const inner of innerTypes(type, texts.get(type) ?? '')) {
      if (texts.has(inner)) continue;
      texts.set(inner, readType(folders, inner));
      open.push(inner);
    }
  }
  texts.delete(name);
  const text = [root, ...[...texts].map(([type, body]) => `MSG: ${type.replace('/msg/', '/')}\n${body}`)].join(
    SEPARATOR,
  );
  return parseRosDefinition(name, text);
}

/** A definition from its text, as it stands in a recording's schema. */
export function parseRosDefinition(name: string, text: string): RosDefinition {
  return { name, text, types: parse(text, { ros2: true }) };
}

/** Full names of the message types a definition's fields have. */
function innerTypes(name: string, text: string): string[] {
  const own = name.split('/')[0];
  const types: string[] = [];
  for (const line of text.split('\n')) {
    const type = /^\s*([A-Za-z][\w/]*)(?:<=\d+)?(?:\[[^\]]*\])?\s+\w+/.exec(line)?.[1];
    if (type === undefined || PRIMITIVES.test(type)) continue;
    const parts = type.split('/');
    types.push(`${parts.length === 1 ? own : parts[0]}/msg/${parts[parts.length - 1]}`);
  }
  return types;
}

/** What a name stands for: its file, and which of the parts between its lines of dashes. */
function partOf(name: string): { readonly file: string; readonly part: number } {
  if (/^\w+\/msg\/\w+$/.test(name)) return { file: `${name}.msg`, part: 0 };
  const [, base, kind, side] = /^(\w+\/(srv|action)\/\w+)_([A-Z][a-z]+)$/.exec(name) ?? [];
  const part = kind === undefined ? -1 : (SIDES[kind]?.indexOf(side) ?? -1);
  if (part < 0) {
    const allowed = 'must read package/msg/Name, package/srv/Name_Request or package/action/Name_Goal, and the like';
    throw new InputError(`message type ${name}`, allowed);
  }
  return { file: `${base}.${kind}`, part };
}

function readType(folders: readonly string[], name: string): string {
  const { file, part } = partOf(name);
  const folder = folders.find((candidate) => existsSync(join(candidate, file)));
  if (folder === undefined) throw new InputError(`message type ${name}`, 'is not among the definitions shipped');
  // The common package's files carry their inner types along; those are gathered here for all packages alike.
  const text = readFileSync(join(folder, file), 'utf8').split(SEPARATOR)[0];
  return text.split(/^---.*$/m)[part] ?? '';
}
