import { Opcode } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';
import { RecordingChannels } from './read_recording_channels.ts';
import { RecordingChecksums } from './read_recording_checksums.ts';
import { chunkOf, chunksReady, type RawMessage, rawMessageOf, recordsIn, unpackChunk } from './read_recording_chunk.ts';
import {
  isMagic,
  MCAP_MAGIC,
  messageOf,
  parseRecord,
  RECORD_HEADER,
  RecordDamage,
  RecordingFile,
} from './read_recording_file.ts';

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
  /** The file is whole, with summary and footer, and its checksums hold. */
  readonly complete: boolean;
  /** Why it is not; empty when it is. */
  readonly reason: string;
  /** Bytes that could be read, up to the end of the last whole record, and bytes there are. */
  readonly bytes_read: number;
  readonly bytes: number;
  readonly messages: number;
  readonly end_ns: bigint;
}

/**
 * Messages of a recording in file order, whole or cut off anywhere: a finished `.mcap`, or the `.part` that a killed process
 * left. After the last message `end` says where and why reading ended; `metadata` fills as its records are met, `skipped` as
 * topics are that cannot be read. No more memory is used than a chunk may take, whatever the file claims.
 */
export class RecordingReader implements AsyncIterable<RecordedMessage> {
  readonly file: string;
  readonly metadata = new Map<string, Readonly<Record<string, string>>>();
  private readonly topics: ReadonlySet<string> | null;
  private channels: RecordingChannels;
  private finished: RecordingEnd | null = null;

  constructor(file: string, topics: readonly string[] | null = null) {
    this.file = file;
    this.topics = topics === null ? null : new Set(topics);
    this.channels = new RecordingChannels(file);
  }

  /** Known once every message has been read. */
  get end(): RecordingEnd {
    if (this.finished === null) throw new Error('the end of a recording is known after its last message');
    return this.finished;
  }

  /** Topics of those asked for whose messages are of another encoding, or of a schema that is of no use, and why. */
  get skipped(): ReadonlyMap<string, string> {
    return this.channels.skipped;
  }

  /**
   * Throws an InputError where the file cannot be opened, does not begin like an MCAP file, has no topic that can be read, has
   * one that was asked for by name and cannot, or a message that is none of its type.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<RecordedMessage, void, void> {
    this.channels = new RecordingChannels(this.file);
    this.metadata.clear();
    const file = await RecordingFile.open(this.file);
    const { bytes } = file;
    let [at, messages, end_ns, reason] = [0, 0, 0n, ''];
    try {
      at = await this.begin(file);
      const sums = new RecordingChecksums();
      while (!sums.done) {
        let found: readonly RawMessage[] = [];
        try {
          const frame = await file.frame(at);
          if (frame === null || frame.length > bytes - at - RECORD_HEADER) {
            reason = `ends within a record after byte ${at}; it was not finished`;
            break;
          }
          const record = await file.record(frame);
          await chunksReady();
          found = this.take(frame.opcode, record);
          await sums.add(file, at, record);
          at += record.length;
        } catch (error) {
          if (!(error instanceof RecordDamage)) throw error;
          reason = `damaged after byte ${at}: ${error.message}`;
          break;
        }
        for (const raw of found) {
          const message = this.decode(raw);
          if (message === null) continue;
          messages++;
          if (message.log_ns > end_ns) end_ns = message.log_ns;
          yield message;
        }
      }
    } finally {
      await file.close();
    }
    if (messages === 0 && this.skipped.size > 0 && this.topics === null) throw this.unreadable();
    const complete = reason === '';
    this.finished = { complete, reason, bytes_read: complete ? bytes : at, bytes, messages, end_ns };
  }

  private async begin(file: RecordingFile): Promise<number> {
    const start = await file.at(0, Math.min(MCAP_MAGIC.length, file.bytes));
    if (isMagic(start)) return start.length;
    const begins = file.bytes === 0 ? 'is empty' : `begins with ${Buffer.from(start).toString('hex')}`;
    throw new InputError(`recording ${this.file}`, `is not an MCAP file: it ${begins}, not ${hex(MCAP_MAGIC)}`);
  }

  /** Follows the definitions in a record; returns the messages in it, of a chunk only when all of it is sound. */
  private take(opcode: number, record: Uint8Array): readonly RawMessage[] {
    if (opcode === Opcode.CHUNK) return this.unpack(record);
    const messages: RawMessage[] = [];
    this.takePlain(opcode, record, messages);
    return messages;
  }

  private unpack(record: Uint8Array): readonly RawMessage[] {
    const messages: RawMessage[] = [];
    for (const { opcode, bytes } of recordsIn(unpackChunk(chunkOf(record)))) this.takePlain(opcode, bytes, messages);
    return messages;
  }

  private takePlain(opcode: number, record: Uint8Array, messages: RawMessage[]): void {
    if (opcode !== Opcode.MESSAGE) {
      this.define(opcode, record);
      return;
    }
    const message = rawMessageOf(record);
    if (this.wanted(message)) messages.push(message);
  }

  private define(opcode: number, record: Uint8Array): void {
    if (opcode !== Opcode.SCHEMA && opcode !== Opcode.CHANNEL && opcode !== Opcode.METADATA) return;
    const parsed = parseRecord(record);
    if (parsed.type === 'Schema') this.channels.addSchema(parsed);
    else if (parsed.type === 'Channel') this.channels.addChannel(parsed);
    else if (parsed.type === 'Metadata') {
      this.channels.count(record.length);
      this.metadata.set(parsed.name, Object.fromEntries(parsed.metadata));
    }
  }

  private wanted({ channel }: RawMessage): boolean {
    const topic = this.channels.topicOf(channel);
    return this.topics === null || this.topics.has(topic);
  }

  private decode({ channel, sequence, log_ns, data: view }: RawMessage): RecordedMessage | null {
    const known = this.channels.channel(channel);
    const { topic } = known;
    if ('skipped' in known) {
      if (this.topics === null) return null;
      throw new InputError(`recording ${this.file}: topic ${topic}`, `cannot be read: ${known.skipped}`);
    }
    const data = view.slice();
    try {
      return { topic, type: known.codec.definition.name, log_ns, sequence, data, message: known.codec.decode(data) };
    } catch (error) {
      const what = `recording ${this.file}: message ${sequence} of ${topic}, logged at ${log_ns} ns`;
      throw new InputError(what, `is no ${known.codec.definition.name} (${messageOf(error)}); read other topics only`, {
        cause: error,
      });
    }
  }

  private unreadable(): InputError {
    const [[topic, why]] = this.skipped;
    const others = this.skipped.size > 1 ? `, and so on for ${this.skipped.size - 1} more` : '';
    return new InputError(`recording ${this.file}`, `has no topic that can be read: of ${topic}, ${why}${others}`);
  }
}

/**
 * Reads a recording: `for await (const { topic, message } of readRecording(file))`.
 * @param topics  only messages of these are decoded and given; of all without
 */
export function readRecording(file: string, topics: readonly string[] | null = null): RecordingReader {
  return new RecordingReader(file, topics);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
