import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { parseRosDefinition, RosCodec, type RosDefinition, rosDefinition, rosDefinitionIn } from '../../ros/index.ts';
import type { BagTopic } from './bag_storage.ts';

/** How messages of a topic are read, or why they are not. */
export type TopicCodec = { readonly codec: RosCodec; readonly from: string } | { readonly unreadable: string };

const MSGDEFS = join(
  dirname(createRequire(import.meta.url).resolve('@foxglove/rosmsg-msgs-common/package.json')),
  'msgdefs',
);
/** Where definitions are looked for when a bag has none, the newest first: fields changed between them. */
const DISTRIBUTIONS = ['ros2iron', 'ros2humble', 'ros2galactic'];
const TYPE = /^[A-Za-z]\w*\/(msg|srv|action)\/[A-Za-z]\w*$/;
/** DDS fills up to the next four bytes. */
const MOST_PADDING = 3;

/**
 * The definition that a bag has for a topic's type; else the first of those we know that its first messages fit, to the byte.
 * @param samples  some of its messages
 */
export function topicCodec({ type, definition }: BagTopic, samples: readonly Uint8Array[]): TopicCodec {
  if (!TYPE.test(type)) return { unreadable: `its type ${JSON.stringify(type)} is no name of a ROS 2 type` };
  const reasons: string[] = [];
  if (definition?.encoding === 'ros2msg') {
    const codec = attempt(reasons, () => parseRosDefinition(type, definition.text));
    if (codec !== null) return { codec, from: 'the bag' };
    return { unreadable: `its definition in the bag cannot be used (${reasons[0]})` };
  }
  for (const [from, find] of candidates(type)) {
    const codec = attempt(reasons, find);
    if (codec === null) continue;
    if (samples.every((bytes) => fits(codec, bytes))) return { codec, from };
    reasons.push(`${from} does not fit its messages`);
  }
  const none = definition === null ? 'the bag has no definition' : `the bag has it as ${definition.encoding} alone`;
  return { unreadable: `${none} of ${type}, nor have we one that fits; record it with ROS 2 Iron or later` };
}

function candidates(type: string): [string, () => RosDefinition][] {
  return [
    ['ours (Jazzy)', () => rosDefinition(type)],
    ...DISTRIBUTIONS.map((name): [string, () => RosDefinition] => [
      name,
      () => rosDefinitionIn([join(MSGDEFS, name)], type),
    ]),
  ];
}

function attempt(reasons: string[], find: () => RosDefinition): RosCodec | null {
  try {
    return new RosCodec(find());
  } catch (error) {
    reasons.push(error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** Whether bytes are a message of the type and nothing more. */
export function fits(codec: RosCodec, bytes: Uint8Array): boolean {
  try {
    const left = bytes.length - codec.encode(codec.decode(bytes)).length;
    return left >= 0 && left <= MOST_PADDING;
  } catch (error) {
    if (error instanceof InputError || error instanceof RangeError) return false;
    throw error;
  }
}
