import type { McapTypes } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';
import { parseRosDefinition, RosCodec } from '../../ros/index.ts';
import { messageOf, RECORDING_LIMITS, RecordDamage } from './read_recording_file.ts';

type Schema = McapTypes.Schema;
type Channel = McapTypes.Channel;

/** A channel of a recording: how its messages are read, or why they are not. */
export type ReadableChannel =
  | { readonly topic: string; readonly codec: RosCodec }
  | { readonly topic: string; readonly skipped: string };

/** Schemas and channels of a stream of records; a type is compiled when the first message of it is wanted. */
export class RecordingChannels {
  /** Topics that cannot be read, and why. */
  readonly skipped = new Map<string, string>();
  private readonly file: string;
  private readonly schemas = new Map<number, Schema>();
  private readonly channels = new Map<number, Channel>();
  private readonly readable = new Map<number, ReadableChannel>();
  private bytes = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** Throws RecordDamage where the id has another meaning already. */
  addSchema(schema: Schema): void {
    const known = this.schemas.get(schema.id);
    if (known === undefined) this.count(schema.data.length + schema.name.length);
    else if (!sameSchema(known, schema)) throw new RecordDamage(`schema ${schema.id} is declared twice, differently`);
    this.schemas.set(schema.id, known ?? schema);
  }

  /** Throws RecordDamage where the id has another meaning already. */
  addChannel(channel: Channel): void {
    const known = this.channels.get(channel.id);
    if (known === undefined) this.count(channel.topic.length + 64 * (1 + channel.metadata.size));
    else if (!sameChannel(known, channel))
      throw new RecordDamage(`channel ${channel.id} is declared twice, differently`);
    this.channels.set(channel.id, known ?? channel);
  }

  /** Topic of a channel. Throws RecordDamage for one that was not declared. */
  topicOf(id: number): string {
    const channel = this.channels.get(id);
    if (channel === undefined) throw new RecordDamage(`channel ${id} has a message before it is declared`);
    return channel.topic;
  }

  /** Takes note of a channel that cannot be read. Throws RecordDamage for one that was not declared. */
  channel(id: number): ReadableChannel {
    const known = this.readable.get(id);
    if (known !== undefined) return known;
    const topic = this.topicOf(id);
    const made = this.compile(topic, this.channels.get(id));
    if ('skipped' in made) this.skipped.set(topic, made.skipped);
    this.readable.set(id, made);
    return made;
  }

  /** Counts what is kept of definitions and metadata. Throws an InputError beyond the limit. */
  count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes <= RECORDING_LIMITS.definition_bytes) return;
    const limit = `at most ${RECORDING_LIMITS.definition_bytes}; it is no recording of a robot`;
    throw new InputError(`recording ${this.file}: ${this.bytes} bytes of schemas, channels and metadata`, limit);
  }

  private compile(topic: string, channel: Channel | undefined): ReadableChannel {
    if (channel?.messageEncoding !== 'cdr') {
      return { topic, skipped: `messages are ${channel?.messageEncoding || 'of no encoding'}; cdr can be read` };
    }
    const schema = this.schemas.get(channel.schemaId);
    if (schema === undefined) return { topic, skipped: `its schema ${channel.schemaId} is missing` };
    const { name, encoding, data } = schema;
    if (encoding !== 'ros2msg') return { topic, skipped: `schema ${name} is ${encoding}; ros2msg can be read` };
    const most = RECORDING_LIMITS.schema_bytes;
    if (data.length > most) return { topic, skipped: `schema ${name} has ${data.length} bytes, at most ${most}` };
    try {
      return { topic, codec: new RosCodec(parseRosDefinition(name, Buffer.from(data).toString('utf8'))) };
    } catch (error) {
      return { topic, skipped: `schema ${name} cannot be used (${messageOf(error)})` };
    }
  }
}

export const sameSchema = (a: Schema, b: Schema): boolean =>
  a.name === b.name && a.encoding === b.encoding && Buffer.compare(a.data, b.data) === 0;

export const sameChannel = (a: Channel, b: Channel): boolean =>
  a.topic === b.topic &&
  a.schemaId === b.schemaId &&
  a.messageEncoding === b.messageEncoding &&
  a.metadata.size === b.metadata.size &&
  [...a.metadata].every(([key, value]) => b.metadata.get(key) === value);
