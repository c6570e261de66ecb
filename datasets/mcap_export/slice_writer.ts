import { InputError } from '../../contracts/index.ts';
import { McapFile } from '../recording/mcap_file.ts';
import type { Bag, BagMessage } from '../rosbag/bag.ts';
import type { BagTopic } from '../rosbag/bag_storage.ts';
import { completeQos, qosOrUsual, qosText } from '../rosbag/qos.ts';
import { bagMetadata, type WrittenBag } from './bag_folder.ts';
import type { Slice } from './bag_slice.ts';

const CHUNK_BYTES = 1 << 20;
const BREATH = 256;

/** Writes slices of episodes into one MCAP file, the bytes of their messages as they are. */
export class SliceWriter {
  private readonly file: McapFile;
  private readonly name: string;
  private readonly schemas = new Map<string, number>();
  private readonly channels = new Map<string, { readonly id: number; readonly topic: BagTopic; messages: number }>();
  private start_ns: bigint | null = null;
  private end_ns = 0n;

  private constructor(file: McapFile, name: string) {
    this.file = file;
    this.name = name;
  }

  /** @param path  of the MCAP file; @param name  as metadata call it */
  static async create(path: string, name: string): Promise<SliceWriter> {
    return new SliceWriter(await McapFile.create({ file: path }), name);
  }

  /** Log time of the last message; null before the first. */
  get last_ns(): bigint | null {
    return this.start_ns === null ? null : this.end_ns;
  }

  get messages(): number {
    return this.file.messages;
  }

  /** @param moved_ns  what is added to log and publish times */
  async add(bag: Bag, slice: Slice, moved_ns: bigint, signal: AbortSignal): Promise<void> {
    for (const k of slice.latched) this.message(bag, { ...(await bag.read(k)), log_ns: slice.start_ns }, moved_ns);
    for (const [n, k] of slice.messages.entries()) {
      this.message(bag, await bag.read(k), moved_ns);
      if (this.file.pending_bytes >= CHUNK_BYTES) await this.file.flush();
      if (n % BREATH === 0) signal.throwIfAborted();
    }
  }

  /** Attachments of an episode, and its records of metadata with `more`. */
  async addRecords(bag: Bag, more: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void> {
    await this.addAttachments(bag, '');
    for (const [name, entries] of bag.metadata) if (!(name in more)) await this.file.addMetadata(name, entries);
    for (const [name, entries] of Object.entries(more)) await this.file.addMetadata(name, entries);
  }

  /** @param before  put before their names, where a file has those of several episodes */
  async addAttachments(bag: Bag, before: string): Promise<void> {
    for (const attachment of bag.attachments) {
      await this.file.addAttachment({ ...attachment, name: `${before}${attachment.name}` }, this.start_ns ?? 0n);
    }
  }

  addMetadata(name: string, entries: Readonly<Record<string, string>>): Promise<void> {
    return this.file.addMetadata(name, entries);
  }

  /** Finishes the file and returns the text of `metadata.yaml`. */
  async finish(custom_data: Readonly<Record<string, string>>): Promise<string> {
    const used = [...this.channels.values()].filter(({ messages }) => messages > 0);
    const written: WrittenBag = {
      ...{ file: this.name, start_ns: this.start_ns ?? 0n, end_ns: this.end_ns, messages: this.file.messages },
      ...{ topics: used.map(({ topic, messages }) => ({ topic, messages })), custom_data },
    };
    const { folder, file } = bagMetadata(written);
    await this.file.addMetadata('rosbag2', { serialized_metadata: file });
    await this.file.finish();
    return folder;
  }

  abandon(): Promise<void> {
    return this.file.abandon();
  }

  private message(bag: Bag, { topic, log_ns, publish_ns, data }: BagMessage, moved_ns: bigint): void {
    const channel = this.channelOf(bag.topics[topic]);
    const at = log_ns + moved_ns;
    this.start_ns ??= at;
    if (at > this.end_ns) this.end_ns = at;
    channel.messages++;
    this.file.addMessage(channel.id, at, publish_ns + moved_ns, data);
  }

  private channelOf(told: BagTopic): { readonly id: number; messages: number } {
    const { name, type, definition } = told;
    const text = definition?.text ?? '';
    const qos = completeQos(told.qos) || qosText(qosOrUsual(told));
    const key = JSON.stringify([name, type, text, qos]);
    const known = this.channels.get(key);
    if (known !== undefined) return known;
    if (definition === null) throw new InputError(`topic ${name}`, `has no definition of ${type}`);
    const schema = this.schemas.get(`${type}\n${text}`) ?? this.file.addSchema(type, definition.encoding, text);
    this.schemas.set(`${type}\n${text}`, schema);
    const metadata = new Map([
      ['offered_qos_profiles', qos],
      ['topic_type_hash', told.type_hash],
    ]);
    const channel = { id: this.file.addChannel(name, schema, metadata), topic: { ...told, qos }, messages: 0 };
    this.channels.set(key, channel);
    return channel;
  }
}
