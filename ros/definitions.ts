import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';

type MessageDefinition = ReturnType<typeof parse>[number];

/** A ROS 2 message type with every type it contains. */
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

const known = new Map<string, RosDefinition>();

/**
 * Definition of a ROS 2 message type by its full name. Own packages stand in ros/packages, the common ones come from
 * @foxglove/rosmsg-msgs-common (Jazzy). Throws an InputError for a type in neither.
 */
export function rosDefinition(name: string): RosDefinition {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const root = readMessage(name);
  const texts = new Map<string, string>([[name, root]]);
  const open = [name];
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    for (const inner of innerTypes(type, texts.get(type) ?? '')) {
      if (texts.has(inner)) continue;
      texts.set(inner, readMessage(inner));
      open.push(inner);
    }
  }
  texts.delete(name);
  const text = [root, ...[...texts].map(([type, body]) => `MSG: ${type.replace('/msg/', '/')}\n${body}`)].join(
    SEPARATOR,
  );
  const definition = parseRosDefinition(name, text);
  known.set(name, definition);
  return definition;
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

function readMessage(name: string): string {
  const file = `${name}.msg`;
  if (!/^\w+\/msg\/\w+$/.test(name)) throw new InputError(`message type ${name}`, 'must read package/msg/Name');
  const folder = [OWN_FOLDER, COMMON_FOLDER].find((candidate) => existsSync(join(candidate, file)));
  if (folder === undefined) throw new InputError(`message type ${name}`, 'is not among the definitions shipped');
  // The common package's files carry their inner types along; those are gathered here for all packages alike.
  return readFileSync(join(folder, file), 'utf8').split(SEPARATOR)[0];
}
