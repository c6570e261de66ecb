import { open } from 'node:fs/promises';
import zstd from '@foxglove/wasm-zstd';
import { McapStreamReader, type McapTypes } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';
import { parseRosDefinition, RosCodec } from '../../ros/index.ts';

export interface RecordedMessage {
  readonly topic: string;
  /** e.g. `sensor_msgs/msg/JointState`. */
  readonly type: string;
  readonly log_ns: bigint;
  readonly sequence: number;
  /** CDR bytes. */
  readonly data: Uint8Array;
  /** Fields as the definition names them. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** Where reading came to an end. */
export interface RecordingEnd {
  /** The file is whole, with summary and footer. */
  readonly complete: boolean;
  /** Why it is not; empty when it is. */
  readonly reason: string;
  /** Bytes that could be read, up to the end of the last whole record, and bytes there are. */
  readonly bytes_read: number;
  readonly bytes: number;
  readonly messages: number;
  readonly end_ns: bigint;
}

const BLOCK = 1 << 20;

/**
 * Messages of a recording in file order, whole or cut off anywhere: a finished `.mcap`, or the `.part` that a killed process
 * left. After the last message `end` says where and why reading ended; `metadata` fills as its records are met.
 */
export class RecordingReader implements AsyncIterable<RecordedMessage> {
  readonly file: string;
  readonly metadata = new Map<string, Readonly<Record<string, string>>>();
  private readonly topics: readonly string[] | null;
  private finished: RecordingEnd | null = null;

  constructor(file: string, topics: readonly string[] | null = null) {
    this.file = file;
    this.topics = topics;
  }

  /** Known once every message has been read. */
  get end(): RecordingEnd {
    if (this.finished === null) throw new Error('the end of a recording is known after its last message');
    return this.finished;
  }

  /** Throws an InputError where the file cannot be opened or does not begin like an MCAP file. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RecordedMessage, void, void> {
    await zstd.isLoaded;
    const handle = await open(this.file).catch((error: unknown) => {
      throw new InputError(`recording ${this.file}`, `cannot be read (${text(error)})`, { cause: error });
    });
    const reader = new McapStreamReader({
      decompressHandlers: { zstd: (buffer, size) => zstd.decompress(buffer, Number(size)) },
    });
    const decoder = new Decoder(this.metadata, this.topics);
    let [taken, messages, end_ns, whole, reason] = [0, 0, 0n, 0, ''];
    try {
      const { size: bytes } = await handle.stat();
      const block = new Uint8Array(BLOCK);
      for (;;) {
        const { bytesRead } = await handle.read(block, 0, BLOCK);
        if (bytesRead === 0) break;
        taken += bytesRead;
        try {
          reader.append(block.subarray(0, bytesRead));
          for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
            whole = taken - reader.bytesRemaining();
            const message = decoder.take(record);
            if (message === null) continue;
            messages++;
            if (message.log_ns > end_ns) end_ns = message.log_ns;
            yield message;
          }
        } catch (error) {
          if (messages === 0 && whole === 0) {
            throw new InputError(`recording ${this.file}`, `is not an MCAP file (${text(error)})`, { cause: error });
          }
          reason = `damaged after byte ${whole}: ${text(error)}`;
          break;
        }
      }
      const complete = reason === '' && reader.done();
      if (!complete && reason === '') reason = `ends within a record after byte ${whole}; it was not finished`;
      this.finished = { complete, reason, bytes_read: complete ? bytes : whole, bytes, messages, end_ns };
    } finally {
      await handle.close();
    }
  }
}

/**
 * Reads a recording: `for await (const { topic, message } of readRecording(file))`.
 * @param topics  only messages of these are decoded and given; of all without
 */
export function readRecording(file: string, topics: readonly string[] | null = null): RecordingReader {
  return new RecordingReader(file, topics);
}

/** Follows the schemas and channels of a stream of records; the file's own definitions are used. */
class Decoder {
  private readonly codecs = new Map<number, RosCodec>();
  private readonly channels = new Map<number, { readonly topic: string; readonly codec: RosCodec }>();
  private readonly metadata: Map<string, Readonly<Record<string, string>>>;

  private readonly topics: readonly string[] | null;

  constructor(metadata: Map<string, Readonly<Record<string, string>>>, topics: readonly string[] | null) {
    this.metadata = metadata;
    this.topics = topics;
  }

  take(record: McapTypes.TypedMcapRecord): RecordedMessage | null {
    switch (record.type) {
      case 'Schema':
        this.addSchema(record);
        return null;
      case 'Channel':
        this.addChannel(record);
        return null;
      case 'Metadata':
        this.metadata.set(record.name, Object.fromEntries(record.metadata));
        return null;
      case 'Message':
        return this.message(record);
      default:
        return null;
    }
  }

  private addSchema({ id, name, encoding, data }: McapTypes.Schema): void {
    if (this.codecs.has(id)) return;
    if (encoding !== 'ros2msg') throw new InputError(`schema ${name}`, `is ${encoding}; only ros2msg can be read`);
    this.codecs.set(id, new RosCodec(parseRosDefinition(name, Buffer.from(data).toString('utf8'))));
  }

  private addChannel({ id, schemaId, topic }: McapTypes.Channel): void {
    const codec = this.codecs.get(schemaId);
    if (codec === undefined) throw new InputError(`channel ${topic}`, `names the schema ${schemaId}, which is missing`);
    this.channels.set(id, { topic, codec });
  }

  private message({ channelId, logTime, sequence, data }: McapTypes.Message): RecordedMessage | null {
    const channel = this.channels.get(channelId);
    if (channel === undefined) throw new InputError(`channel ${channelId}`, 'has a message before it is declared');
    const { topic, codec } = channel;
    if (this.topics !== null && !this.topics.includes(topic)) return null;
    const bytes = data.slice();
    return { topic, type: codec.definition.name, log_ns: logTime, sequence, data: bytes, message: codec.decode(bytes) };
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
