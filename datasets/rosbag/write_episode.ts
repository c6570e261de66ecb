import { InputError } from '../../contracts/index.ts';
import { McapFile } from '../recording/mcap_file.ts';
import type { Bag, BagMessage } from './bag.ts';
import type { BagAttachment } from './bag_storage.ts';
import type { Notes } from './notes.ts';
import { completeQos } from './qos.ts';
import type { EpisodeRange } from './split_bag.ts';
import type { TopicCodec } from './topic_codec.ts';

/** Of what waits before it is written. */
const CHUNK_BYTES = 1 << 20;
const BREATH = 256;

export interface EpisodeContent {
  readonly bag: Bag;
  readonly codecs: readonly TopicCodec[];
  readonly range: EpisodeRange;
  /** Messages from before, of topics whose last message late subscribers are told; they get the log time of the beginning. */
  readonly latched: readonly number[];
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly attachments: readonly BagAttachment[];
  readonly notes: Notes;
  readonly signal: AbortSignal;
  progress(messages: number): void;
}

/**
 * Writes messages of a bag as one recording of ours, their bytes as they are, in order of log time. A message that is none of
 * its type is noted and left out. Returns how many were written.
 */
export async function writeEpisode(path: string, content: EpisodeContent): Promise<number> {
  const { bag, range, latched, metadata, attachments, signal, progress } = content;
  const file = await McapFile.create({ file: path });
  try {
    const start_ns = bag.index.timeOf(range.from);
    for (const { name, media_type, data } of attachments)
      await file.addAttachment({ name, media_type, data }, start_ns);
    const channels = new Channels(file, content);
    for (const k of latched) channels.add({ ...(await bag.read(k)), log_ns: start_ns });
    for (let k = range.from; k < range.to; k++) {
      channels.add(await bag.read(k));
      if (file.pending_bytes >= CHUNK_BYTES) await file.flush();
      if ((k - range.from) % BREATH !== 0) continue;
      signal.throwIfAborted();
      progress(k - range.from);
    }
    const { messages } = file;
    for (const [name, entries] of metadata) await file.addMetadata(name, entries);
    await file.finish();
    return messages;
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Channels of the file by the bag's numbers of topics, one schema for each text of a type. */
class Channels {
  private readonly file: McapFile;
  private readonly content: EpisodeContent;
  private readonly schemas = new Map<string, number>();
  private readonly channels = new Map<number, number>();

  constructor(file: McapFile, content: EpisodeContent) {
    this.file = file;
    this.content = content;
  }

  add({ topic, log_ns, publish_ns, data }: BagMessage): void {
    const codec = this.content.codecs[topic];
    if ('unreadable' in codec) return;
    const { name, type } = this.content.bag.topics[topic];
    try {
      codec.codec.decode(data);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof RangeError)) throw error;
      this.content.notes.add(`${name}: a message that is no ${type} is left out (${error.message})`);
      return;
    }
    this.file.addMessage(this.channelOf(topic), log_ns, publish_ns, data);
  }

  private channelOf(topic: number): number {
    const known = this.channels.get(topic);
    if (known !== undefined) return known;
    const { name, qos, type_hash } = this.content.bag.topics[topic];
    const metadata = new Map([
      ['offered_qos_profiles', completeQos(qos)],
      ['topic_type_hash', type_hash],
    ]);
    const channel = this.file.addChannel(name, this.schemaOf(topic), metadata);
    this.channels.set(topic, channel);
    return channel;
  }

  private schemaOf(topic: number): number {
    const { codecs } = this.content;
    const codec = codecs[topic];
    if ('unreadable' in codec) throw new Error('a topic without a codec has no schema');
    const { name, text } = codec.codec.definition;
    const key = `${name}\n${text}`;
    const schema = this.schemas.get(key) ?? this.file.addSchema(name, 'ros2msg', text);
    this.schemas.set(key, schema);
    return schema;
  }
}
