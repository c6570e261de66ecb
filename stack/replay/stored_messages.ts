import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import zstd from '@foxglove/wasm-zstd';
import { McapStreamReader, type McapTypes } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';

/** A message as it is stored: its bytes, not its fields. */
export interface StoredMessage {
  readonly topic: string;
  /** e.g. `sensor_msgs/msg/JointState`, and the text of its definition. */
  readonly type: string;
  readonly definition: string;
  readonly log_ns: bigint;
  readonly publish_ns: bigint;
  /** CDR. */
  readonly data: Uint8Array;
}

export type Metadata = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** More than any chunk of a recording; what claims more is none. */
const MOST_CHUNK_BYTES = 256 * 1024 * 1024;
const BLOCK = 1 << 20;

/** Takes an MCAP file in pieces and gives its messages in the order of the file. `await zstd.isLoaded` comes first. */
export class MessageStream {
  readonly metadata = new Map<string, Readonly<Record<string, string>>>();
  /** SHA-256 by name. */
  readonly attachments = new Map<string, string>();
  private readonly reader = new McapStreamReader({ decompressHandlers: { zstd: decompress } });
  private readonly schemas = new Map<number, McapTypes.Schema>();
  private readonly channels = new Map<number, Pick<StoredMessage, 'topic' | 'type' | 'definition'>>();

  append(bytes: Uint8Array): void {
    this.reader.append(bytes);
  }

  /** The file has ended as it should. */
  get done(): boolean {
    return this.reader.done();
  }

  /** The next message; null until more is appended. Throws for what is no MCAP. */
  next(): StoredMessage | null {
    for (let record = this.reader.nextRecord(); record !== undefined; record = this.reader.nextRecord()) {
      const message = this.take(record);
      if (message !== null) return message;
    }
    return null;
  }

  private take(record: McapTypes.TypedMcapRecord): StoredMessage | null {
    switch (record.type) {
      case 'Schema':
        this.schemas.set(record.id, record);
        return null;
      case 'Channel': {
        const schema = this.schemas.get(record.schemaId);
        if (schema === undefined)
          throw new Error(`channel ${record.topic} names schema ${record.schemaId}, which is missing`);
        const definition = Buffer.from(schema.data).toString('utf8');
        this.channels.set(record.id, { topic: record.topic, type: schema.name, definition });
        return null;
      }
      case 'Metadata':
        this.metadata.set(record.name, Object.fromEntries(record.metadata));
        return null;
      case 'Attachment':
        this.attachments.set(record.name, createHash('sha256').update(record.data).digest('hex'));
        return null;
      case 'Message': {
        const channel = this.channels.get(record.channelId);
        if (channel === undefined) throw new Error(`channel ${record.channelId} has a message before it is declared`);
        return { ...channel, log_ns: record.logTime, publish_ns: record.publishTime, data: record.data };
      }
      default:
        return null;
    }
  }
}

function decompress(bytes: Uint8Array, size: bigint): Uint8Array {
  if (size > MOST_CHUNK_BYTES) throw new Error(`a chunk of ${size} bytes, at most ${MOST_CHUNK_BYTES}`);
  return zstd.decompress(bytes, Number(size));
}

/** A recording on disk, read one message at a time; a block and a chunk of it are in memory. */
export class StoredRecording {
  readonly file: string;
  /** Why it could not be read to its end; empty while it could. */
  damage = '';
  private readonly handle: FileHandle;
  private readonly stream = new MessageStream();
  private readonly block = new Uint8Array(BLOCK);
  private readonly hash = createHash('sha256');
  private taken = 0;
  private ended = false;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.handle = handle;
  }

  /** Throws an InputError for a file that cannot be opened. */
  static async open(file: string): Promise<StoredRecording> {
    await zstd.isLoaded;
    const handle = await open(file).catch((error: unknown) => {
      throw new InputError(`recording ${file}`, `cannot be read (${text(error)})`, { cause: error });
    });
    return new StoredRecording(file, handle);
  }

  /** Fills as its records are met. */
  get metadata(): Metadata {
    return this.stream.metadata;
  }

  get attachments(): ReadonlyMap<string, string> {
    return this.stream.attachments;
  }

  /** The next message; null at the end, or where it is damaged. */
  async next(): Promise<StoredMessage | null> {
    while (!this.ended) {
      const message = this.nextWithin();
      if (message !== null) return message;
      if (!this.ended) await this.read();
    }
    return null;
  }

  /** SHA-256 of the whole file, hexadecimal, however much of it was understood. */
  async sha256(): Promise<string> {
    while ((await this.readBlock()) > 0);
    return this.hash.copy().digest('hex');
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private nextWithin(): StoredMessage | null {
    try {
      return this.stream.next();
    } catch (error) {
      this.damage = `damaged before byte ${this.taken}: ${text(error)}`;
      this.ended = true;
      return null;
    }
  }

  private async read(): Promise<void> {
    const length = await this.readBlock();
    if (length > 0) {
      this.stream.append(this.block.subarray(0, length));
      return;
    }
    this.ended = true;
    if (!this.stream.done) this.damage = `ends at byte ${this.taken}, unfinished`;
  }

  private async readBlock(): Promise<number> {
    const { bytesRead } = await this.handle.read(this.block, 0, BLOCK);
    this.hash.update(this.block.subarray(0, bytesRead));
    this.taken += bytesRead;
    return bytesRead;
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
