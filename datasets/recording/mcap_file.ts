import { type FileHandle, open, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import zstd from '@foxglove/wasm-zstd';
import { McapChunkBuilder, McapRecordBuilder, type McapTypes, Opcode } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';

type Channel = McapTypes.Channel;
type Schema = McapTypes.Schema;

export interface McapFileOptions {
  /** Final name; what is being written has `.part` appended until it is whole. */
  readonly file: string;
  /** zstd level of chunks. Default 1. */
  readonly compression_level?: number;
}

/** What an unfinished recording is called. */
export const partialName = (file: string): string => `${file}.part`;

/**
 * Writes one MCAP file (mcap.dev, version 0, profile ros2), append-only, each chunk with its message indexes in one write:
 * whatever was written last, everything up to the last whole chunk can be read. Only a finished file bears its final name.
 * Calls must not overlap. Built on the record builders of @mcap/core, whose own writer cannot end a chunk on demand.
 */
export class McapFile {
  private readonly options: McapFileOptions;
  private readonly handle: FileHandle;
  private readonly chunk = new McapChunkBuilder({ useMessageIndex: true });
  private readonly records = new McapRecordBuilder();
  private readonly schemas: Schema[] = [];
  private readonly channels: Channel[] = [];
  private readonly written = new Set<number>();
  private readonly chunk_indexes: McapTypes.ChunkIndex[] = [];
  private readonly metadata_indexes: McapTypes.MetadataIndex[] = [];
  private readonly counts = new Map<number, bigint>();
  private first_ns = 0n;
  private last_ns = 0n;
  private position = 0;
  private data_crc = 0;
  private closed = false;

  private constructor(options: McapFileOptions, handle: FileHandle) {
    this.options = options;
    this.handle = handle;
  }

  /** Creates the file; throws an InputError where it cannot be written. */
  static async create(options: McapFileOptions): Promise<McapFile> {
    await zstd.isLoaded;
    const handle = await open(partialName(options.file), 'w').catch((error: unknown) => {
      throw writeError(options.file, error);
    });
    const file = new McapFile(options, handle);
    file.records.writeMagic();
    file.records.writeHeader({ profile: 'ros2', library: 'surepick' });
    await file.writeRecords();
    return file;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.position;
  }

  /** Uncompressed bytes that wait for the end of their chunk. */
  get pending_bytes(): number {
    return this.chunk.byteLength;
  }

  get messages(): number {
    let total = 0n;
    for (const count of this.counts.values()) total += count;
    return Number(total);
  }

  addSchema(name: string, encoding: string, text: string): number {
    const id = this.schemas.length + 1;
    this.schemas.push({ id, name, encoding, data: Buffer.from(text, 'utf8') });
    return id;
  }

  addChannel(topic: string, schemaId: number, metadata: ReadonlyMap<string, string> = new Map()): number {
    const id = this.channels.length;
    this.channels.push({ id, schemaId, topic, messageEncoding: 'cdr', metadata: new Map(metadata) });
    return id;
  }

  /** Adds to the current chunk; nothing reaches the disk before `flush`. */
  addMessage(channelId: number, log_ns: bigint, publish_ns: bigint, data: Uint8Array): void {
    if (!this.written.has(channelId)) this.introduce(channelId);
    const count = this.counts.get(channelId) ?? 0n;
    if (this.counts.size === 0 || log_ns < this.first_ns) this.first_ns = log_ns;
    if (log_ns > this.last_ns) this.last_ns = log_ns;
    this.counts.set(channelId, count + 1n);
    this.chunk.addMessage({ channelId, sequence: Number(count), logTime: log_ns, publishTime: publish_ns, data });
  }

  /** Ends the chunk and writes it. */
  async flush(): Promise<void> {
    if (this.chunk.numMessages === 0) return;
    const raw = this.chunk.buffer;
    const { messageStartTime, messageEndTime } = this.chunk;
    const records = zstd.compress(raw, this.options.compression_level ?? 1);
    const uncompressedSize = BigInt(raw.length);
    const chunkStartOffset = BigInt(this.position);
    const chunkLength = this.records.writeChunk({
      messageStartTime,
      messageEndTime,
      uncompressedSize,
      uncompressedCrc: crc32(raw),
      compression: 'zstd',
      records,
    });
    const messageIndexOffsets = new Map<number, bigint>();
    let messageIndexLength = 0n;
    for (const index of this.chunk.indices) {
      messageIndexOffsets.set(index.channelId, chunkStartOffset + chunkLength + messageIndexLength);
      messageIndexLength += this.records.writeMessageIndex(index);
    }
    this.chunk_indexes.push({
      messageStartTime,
      messageEndTime,
      chunkStartOffset,
      chunkLength,
      messageIndexOffsets,
      messageIndexLength,
      compression: 'zstd',
      compressedSize: BigInt(records.length),
      uncompressedSize,
    });
    this.chunk.reset();
    await this.writeRecords();
  }

  /** Writes a metadata record at once, after ending the chunk. */
  async addMetadata(name: string, entries: Readonly<Record<string, string>>): Promise<void> {
    await this.flush();
    const offset = BigInt(this.position);
    const length = this.records.writeMetadata({ name, metadata: new Map(Object.entries(entries)) });
    this.metadata_indexes.push({ name, offset, length });
    await this.writeRecords();
  }

  /** Writes the summary and gives the file its final name. */
  async finish(): Promise<void> {
    await this.flush();
    this.records.writeDataEnd({ dataSectionCrc: this.data_crc });
    await this.writeRecords();
    await this.writeSummary();
    await this.abandon();
    await rename(partialName(this.options.file), this.options.file).catch((error: unknown) => {
      throw writeError(this.options.file, error);
    });
  }

  /** Closes the file as it is, unfinished, under its partial name. */
  async abandon(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.handle.close();
  }

  private introduce(channelId: number): void {
    const channel = this.channels[channelId];
    const schema = this.schemas[channel.schemaId - 1];
    if (![...this.written].some((id) => this.channels[id].schemaId === schema.id)) this.chunk.addSchema(schema);
    this.chunk.addChannel(channel);
    this.written.add(channelId);
  }

  /** What has messages: a topic that nobody published on needs no definition in the file. */
  private used(): { readonly channels: readonly Channel[]; readonly schemas: readonly Schema[] } {
    const channels = this.channels.filter(({ id }) => this.written.has(id));
    const schemas = this.schemas.filter(({ id }) => channels.some(({ schemaId }) => schemaId === id));
    return { channels, schemas };
  }

  private async writeSummary(): Promise<void> {
    const start = BigInt(this.position);
    const { records } = this;
    const groups: [Opcode, () => void][] = [
      [Opcode.SCHEMA, () => each(this.used().schemas, (schema) => records.writeSchema(schema))],
      [Opcode.CHANNEL, () => each(this.used().channels, (channel) => records.writeChannel(channel))],
      [Opcode.STATISTICS, () => records.writeStatistics(this.statistics())],
      [Opcode.METADATA_INDEX, () => each(this.metadata_indexes, (index) => records.writeMetadataIndex(index))],
      [Opcode.CHUNK_INDEX, () => each(this.chunk_indexes, (index) => records.writeChunkIndex(index))],
    ];
    const offsets: McapTypes.SummaryOffset[] = [];
    for (const [groupOpcode, write] of groups) {
      const before = this.records.length;
      write();
      const groupLength = BigInt(this.records.length - before);
      if (groupLength > 0n) offsets.push({ groupOpcode, groupStart: start + BigInt(before), groupLength });
    }
    const summaryOffsetStart = start + BigInt(this.records.length);
    for (const offset of offsets) this.records.writeSummaryOffset(offset);
    const footer = Buffer.alloc(1 + 8 + 8 + 8);
    footer.writeUInt8(Opcode.FOOTER, 0);
    footer.writeBigUInt64LE(20n, 1);
    footer.writeBigUInt64LE(start, 9);
    footer.writeBigUInt64LE(summaryOffsetStart, 17);
    const summaryCrc = crc32(footer, crc32(this.records.buffer));
    this.records.writeFooter({ summaryStart: start, summaryOffsetStart, summaryCrc });
    this.records.writeMagic();
    await this.writeRecords();
  }

  private statistics(): McapTypes.Statistics {
    return {
      messageCount: BigInt(this.messages),
      schemaCount: this.used().schemas.length,
      channelCount: this.used().channels.length,
      attachmentCount: 0,
      metadataCount: this.metadata_indexes.length,
      chunkCount: this.chunk_indexes.length,
      messageStartTime: this.first_ns,
      messageEndTime: this.last_ns,
      channelMessageCounts: this.counts,
    };
  }

  private async writeRecords(): Promise<void> {
    const bytes = this.records.buffer;
    this.data_crc = crc32(bytes, this.data_crc);
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.handle.write(bytes, done, bytes.length - done)).bytesWritten;
      }
    } catch (error) {
      throw writeError(this.options.file, error);
    }
    this.position += bytes.length;
    this.records.reset();
  }
}

function each<T>(items: readonly T[], write: (item: T) => unknown): void {
  for (const item of items) write(item);
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or choose another folder',
  EACCES: 'may not be written; choose a folder of your own',
  EPERM: 'may not be written; choose a folder of your own',
  EROFS: 'lies on a read-only file system; choose another folder',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'part of its path is a file, not a folder',
  EISDIR: 'is a folder',
  EMFILE: 'too many open files',
};

function writeError(file: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REMEDIES[code] ?? (error instanceof Error ? error.message : String(error));
  return new InputError(`recording ${file}`, reason, { cause: error });
}
