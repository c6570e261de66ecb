import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import zstd from '@foxglove/wasm-zstd';
import { McapChunkBuilder, McapRecordBuilder, type McapTypes } from '@mcap/core';
import { InputError, withoutSecrets } from '../../contracts/index.ts';
import { type Disk, type DiskFile, SYSTEM_DISK } from './disk.ts';
import { DiskSyncs } from './disk_syncs.ts';
import { type McapContent, writeMcapSummary } from './mcap_summary.ts';

type Channel = McapTypes.Channel;
type Schema = McapTypes.Schema;

export interface McapFileOptions {
  /** Final name; what is being written has `.part` appended until it is whole. */
  readonly file: string;
  /** zstd level of chunks. Default 1. */
  readonly compression_level?: number;
  /** Default the machine's file system. */
  readonly disk?: Disk;
}

/** A file within a recording. */
export interface McapAttachment {
  readonly name: string;
  readonly media_type: string;
  readonly data: Uint8Array;
}

/** What an unfinished recording is called. */
export const partialName = (file: string): string => `${file}.part`;

/** Every so many chunks, and in the second one and those whose number is a power of two, everything is declared again. */
const DECLARED_EVERY = 64;

/**
 * Writes one MCAP file (mcap.dev, version 0, profile ros2), append-only, each chunk with its message indexes in one write:
 * whatever was written last, everything up to the last whole chunk can be read. Declarations are repeated in later chunks, as the
 * format allows, so that no chunk that is lost takes those behind it with it. Every chunk is synced to the disk, without
 * anybody waiting for it. Only a finished file, whole on the disk, bears its final name. Calls must not overlap. Built on the
 * record builders of @mcap/core, whose own writer cannot end a chunk on demand.
 */
export class McapFile {
  private readonly options: McapFileOptions;
  private readonly disk: Disk;
  private readonly handle: DiskFile;
  private readonly syncs: DiskSyncs;
  private readonly chunk = new McapChunkBuilder({ useMessageIndex: true });
  private readonly records = new McapRecordBuilder();
  private readonly schemas: Schema[] = [];
  private readonly channels: Channel[] = [];
  private readonly written = new Set<number>();
  private readonly chunk_indexes: McapTypes.ChunkIndex[] = [];
  private readonly attachment_indexes: McapTypes.AttachmentIndex[] = [];
  private readonly metadata_indexes: McapTypes.MetadataIndex[] = [];
  private readonly counts = new Map<number, bigint>();
  private first_ns = 0n;
  private last_ns = 0n;
  private position = 0;
  private data_crc = 0;
  private named = false;
  private closed = false;

  private constructor(options: McapFileOptions, disk: Disk, handle: DiskFile) {
    this.options = options;
    this.disk = disk;
    this.handle = handle;
    this.syncs = new DiskSyncs(() => this.sync());
  }

  /** Creates the file; throws an InputError where it cannot be written. */
  static async create(options: McapFileOptions): Promise<McapFile> {
    await zstd.isLoaded;
    const disk = options.disk ?? SYSTEM_DISK;
    const handle = await disk.create(partialName(options.file)).catch((error: unknown) => {
      throw writeError(options.file, error);
    });
    const file = new McapFile(options, disk, handle);
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
    if (this.chunk.numMessages === 0 && isDeclaredAgain(this.chunk_indexes.length)) this.declareAgain();
    if (!this.written.has(channelId)) this.introduce(channelId);
    const count = this.counts.get(channelId) ?? 0n;
    if (this.counts.size === 0 || log_ns < this.first_ns) this.first_ns = log_ns;
    if (log_ns > this.last_ns) this.last_ns = log_ns;
    this.counts.set(channelId, count + 1n);
    this.chunk.addMessage({ channelId, sequence: Number(count), logTime: log_ns, publishTime: publish_ns, data });
  }

  /** Ends the chunk and writes it; it is synced to the disk after that. */
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
      // A channel that was only declared again.
      if (index.records.length === 0) continue;
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
    this.syncs.request();
  }

  /** Resolves once everything flushed is on the disk. */
  async synced(): Promise<void> {
    await this.try(this.syncs.settled());
  }

  /** Writes an attachment at once, after ending the chunk. @param log_ns  log time; its time of creation is left 0, unknown */
  async addAttachment({ name, media_type, data }: McapAttachment, log_ns: bigint): Promise<void> {
    await this.flush();
    const times = { logTime: log_ns, createTime: 0n };
    const offset = BigInt(this.position);
    const length = this.records.writeAttachment({ ...times, name, mediaType: media_type, data });
    const dataSize = BigInt(data.byteLength);
    this.attachment_indexes.push({ ...times, name, mediaType: media_type, offset, length, dataSize });
    await this.writeRecords();
    this.syncs.request();
  }

  /** Writes a metadata record at once, after ending the chunk. */
  async addMetadata(name: string, entries: Readonly<Record<string, string>>): Promise<void> {
    await this.flush();
    const offset = BigInt(this.position);
    const length = this.records.writeMetadata({ name, metadata: cleaned(entries) });
    this.metadata_indexes.push({ name, offset, length });
    await this.writeRecords();
    this.syncs.request();
  }

  /** Writes the summary, waits until everything is on the disk, and gives the file its final name there. */
  async finish(): Promise<void> {
    await this.flush();
    this.records.writeDataEnd({ dataSectionCrc: this.data_crc });
    await this.writeRecords();
    writeMcapSummary(this.records, BigInt(this.position), this.content());
    await this.writeRecords();
    await this.try(this.syncs.settled());
    await this.try(this.handle.sync());
    await this.abandon();
    const { file } = this.options;
    await this.try(this.disk.rename(partialName(file), file));
    await this.try(this.disk.syncFolder(dirname(file)));
  }

  /** Closes the file as it is, unfinished, under its partial name. */
  async abandon(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.syncs.settled().catch(() => {});
    await this.handle.close();
  }

  private async sync(): Promise<void> {
    await this.handle.datasync();
    if (this.named) return;
    await this.disk.syncFolder(dirname(this.options.file));
    this.named = true;
  }

  /** Work of the disk, whose failure is told in words. */
  private async try(work: Promise<void>): Promise<void> {
    try {
      await work;
      if (this.syncs.failure !== null) throw this.syncs.failure.error;
    } catch (error) {
      throw writeError(this.options.file, error);
    }
  }

  private introduce(channelId: number): void {
    const channel = this.channels[channelId];
    const schema = this.schemas[channel.schemaId - 1];
    if (![...this.written].some((id) => this.channels[id].schemaId === schema.id)) this.chunk.addSchema(schema);
    this.chunk.addChannel(channel);
    this.written.add(channelId);
  }

  /** What is in the file already; a topic that nobody published on needs no definition there. */
  private declared(): Pick<McapContent, 'schemas' | 'channels'> {
    const channels = this.channels.filter(({ id }) => this.written.has(id));
    const schemas = this.schemas.filter(({ id }) => channels.some(({ schemaId }) => schemaId === id));
    return { schemas, channels };
  }

  private declareAgain(): void {
    const { schemas, channels } = this.declared();
    for (const schema of schemas) this.chunk.addSchema(schema);
    for (const channel of channels) this.chunk.addChannel(channel);
  }

  private content(): McapContent {
    const { schemas, channels } = this.declared();
    return {
      ...{ schemas, channels },
      statistics: this.statistics(schemas.length, channels.length),
      attachments: this.attachment_indexes,
      metadata: this.metadata_indexes,
      chunks: this.chunk_indexes,
    };
  }

  private statistics(schemaCount: number, channelCount: number): McapTypes.Statistics {
    return {
      messageCount: BigInt(this.messages),
      ...{ schemaCount, channelCount },
      attachmentCount: this.attachment_indexes.length,
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
    await this.try(this.handle.append(bytes));
    this.position += bytes.length;
    this.records.reset();
  }
}

/** @param chunk  its number, from 0 */
function isDeclaredAgain(chunk: number): boolean {
  return chunk > 0 && (chunk % DECLARED_EVERY === 0 || (chunk & (chunk - 1)) === 0);
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
  EIO: 'the disk cannot be written; look at its health and choose another one',
};

function writeError(file: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REMEDIES[code] ?? (error instanceof Error ? error.message : String(error));
  return new InputError(`recording ${file}`, reason, { cause: error });
}

/** What is told in a recording shows no secret. */
function cleaned(entries: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(entries).map(([name, value]) => [name, withoutSecrets(value)]));
}
