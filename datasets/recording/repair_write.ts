import { crc32 } from 'node:zlib';
import zstd from '@foxglove/wasm-zstd';
import { McapRecordBuilder, type McapTypes, Opcode } from '@mcap/core';
import { type Disk, type DiskFile, SYSTEM_DISK } from './disk.ts';
import { writeMcapSummary } from './mcap_summary.ts';
import { recordsIn } from './read_recording_chunk.ts';
import { RECORD_HEADER, type RecordingFile } from './read_recording_file.ts';
import { type Examination, usableChannels } from './repair_examine.ts';
import { type ChunkMessage, type RecordingPiece, RecordingScan } from './repair_scan.ts';

type Chunk = Extract<RecordingPiece, { readonly kind: 'chunk' }>;

/** Messages that stand outside chunks are gathered into chunks of this size, bytes. */
const CHUNK_BYTES = 1 << 20;

/**
 * Writes what is sound of a recording into a file of its own: chunks as they are, with new indexes, checksums, statistics and
 * summary, metadata and attachments, and last the metadata record `repaired`.
 * @param target  is synced to the disk, and closed
 * @returns bytes written
 */
export async function writeRepaired(
  file: RecordingFile,
  target: string,
  examination: Examination,
  repaired: Readonly<Record<string, string>>,
  disk: Disk = SYSTEM_DISK,
): Promise<number> {
  const out = await disk.create(target);
  try {
    const writer = new RepairWriter(out, examination);
    await writer.begin();
    const scan = new RecordingScan(file, examination.definitions);
    for await (const piece of scan.pieces()) await writer.take(piece);
    const bytes = await writer.finish(repaired);
    await out.sync();
    return bytes;
  } finally {
    await out.close();
  }
}

class RepairWriter {
  private readonly out: DiskFile;
  private readonly examination: Examination;
  private readonly usable: ReadonlySet<number>;
  private readonly records = new McapRecordBuilder();
  private readonly declared = new Set<number>();
  private readonly declared_schemas = new Set<number>();
  private readonly counts = new Map<number, bigint>();
  private readonly chunks: McapTypes.ChunkIndex[] = [];
  private readonly metadata: McapTypes.MetadataIndex[] = [];
  private readonly attachments: McapTypes.AttachmentIndex[] = [];
  private loose: Buffer[] = [];
  private loose_bytes = 0;
  private start_ns: bigint | null = null;
  private end_ns = 0n;
  private position = 0;
  private crc = 0;

  constructor(out: DiskFile, examination: Examination) {
    this.out = out;
    this.examination = examination;
    this.usable = usableChannels(examination.definitions);
  }

  async begin(): Promise<void> {
    this.records.writeMagic();
    this.records.writeHeader({ profile: this.examination.profile, library: 'surepick' });
    await this.write();
  }

  async take(piece: RecordingPiece): Promise<void> {
    if (piece.kind === 'message') await this.takeLoose(piece.message);
    else if (piece.kind === 'chunk') {
      await this.gather();
      await this.takeChunk(piece);
    } else if (piece.kind === 'record') await this.takeRecord(piece.record);
  }

  async finish(repaired: Readonly<Record<string, string>>): Promise<number> {
    await this.gather();
    await this.takeRecord({ type: 'Metadata', name: 'repaired', metadata: new Map(Object.entries(repaired)) });
    this.records.writeDataEnd({ dataSectionCrc: this.crc });
    await this.write();
    const channels = [...this.examination.definitions.channels.values()].filter(({ id }) => this.usable.has(id));
    const schemas = [...this.examination.definitions.schemas.values()].filter(({ id }) =>
      channels.some(({ schemaId }) => schemaId === id),
    );
    let messageCount = 0n;
    for (const count of this.counts.values()) messageCount += count;
    writeMcapSummary(this.records, BigInt(this.position), {
      ...{ schemas, channels, chunks: this.chunks, metadata: this.metadata, attachments: this.attachments },
      statistics: {
        ...{ messageCount, schemaCount: schemas.length, channelCount: channels.length },
        ...{ attachmentCount: this.attachments.length, metadataCount: this.metadata.length },
        ...{ chunkCount: this.chunks.length, channelMessageCounts: this.counts },
        ...{ messageStartTime: this.start_ns ?? 0n, messageEndTime: this.end_ns },
      },
    });
    await this.write();
    return this.position;
  }

  private async takeChunk({ raw, messages, schemas, channels, chunk }: Chunk): Promise<void> {
    if (messages.every(({ channel }) => this.usable.has(channel))) {
      await this.writeChunk(
        messages,
        { schemas, channels },
        {
          ...{ uncompressedSize: BigInt(raw.length), uncompressedCrc: crc32(raw) },
          ...{ compression: chunk.compression, records: chunk.records },
        },
      );
      return;
    }
    const kept: Buffer[] = [];
    const left: ChunkMessage[] = [];
    const sound = new Map(messages.map((message) => [message.at, message]));
    let at = 0;
    for (const { opcode, offset, bytes } of recordsIn(raw)) {
      const message = sound.get(offset);
      if (opcode === Opcode.MESSAGE && (message === undefined || !this.usable.has(message.channel))) continue;
      if (message !== undefined) left.push({ ...message, at });
      kept.push(Buffer.from(bytes));
      at += bytes.length;
    }
    if (left.length > 0) await this.writeChunk(left, { schemas, channels }, compressed(Buffer.concat(kept)));
  }

  private async takeLoose(message: Omit<ChunkMessage, 'at'>): Promise<void> {
    if (!this.usable.has(message.channel)) return;
    const one = new McapRecordBuilder();
    const { channel, sequence, log_ns, publish_ns, data } = message;
    one.writeMessage({ channelId: channel, sequence, logTime: log_ns, publishTime: publish_ns, data });
    this.loose.push(Buffer.from(one.buffer));
    this.loose_bytes += one.length;
    if (this.loose_bytes >= CHUNK_BYTES) await this.gather();
  }

  /** Writes the loose messages as a chunk. */
  private async gather(): Promise<void> {
    if (this.loose.length === 0) return;
    const messages: ChunkMessage[] = [];
    let at = 0;
    for (const record of this.loose) {
      const log_ns = record.readBigUInt64LE(RECORD_HEADER + 6);
      messages.push({
        ...{ at, log_ns, channel: record.readUInt16LE(RECORD_HEADER), sequence: 0, publish_ns: 0n, data: record },
      });
      at += record.length;
    }
    const raw = Buffer.concat(this.loose);
    this.loose = [];
    this.loose_bytes = 0;
    await this.writeChunk(messages, { schemas: [], channels: [] }, compressed(raw));
  }

  private async writeChunk(
    messages: readonly ChunkMessage[],
    declares: Pick<Chunk, 'schemas' | 'channels'>,
    content: Pick<McapTypes.Chunk, 'uncompressedSize' | 'uncompressedCrc' | 'compression' | 'records'>,
  ): Promise<void> {
    if (messages.length === 0) return;
    const entries = new Map<number, [bigint, bigint][]>();
    let [messageStartTime, messageEndTime] = [messages[0].log_ns, messages[0].log_ns];
    for (const { channel, log_ns, at } of messages) {
      if (log_ns < messageStartTime) messageStartTime = log_ns;
      if (log_ns > messageEndTime) messageEndTime = log_ns;
      const known = entries.get(channel);
      if (known === undefined) entries.set(channel, [[log_ns, BigInt(at)]]);
      else known.push([log_ns, BigInt(at)]);
      this.counts.set(channel, (this.counts.get(channel) ?? 0n) + 1n);
    }
    this.declare([...entries.keys()], declares);
    await this.write();
    const chunkStartOffset = BigInt(this.position);
    const chunkLength = this.records.writeChunk({ ...content, messageStartTime, messageEndTime });
    const messageIndexOffsets = new Map<number, bigint>();
    let messageIndexLength = 0n;
    for (const [channelId, records] of entries) {
      messageIndexOffsets.set(channelId, chunkStartOffset + chunkLength + messageIndexLength);
      messageIndexLength += this.records.writeMessageIndex({ channelId, records });
    }
    this.chunks.push({
      ...{ messageStartTime, messageEndTime, chunkStartOffset, chunkLength, messageIndexOffsets, messageIndexLength },
      ...{ compression: content.compression, compressedSize: BigInt(content.records.byteLength) },
      uncompressedSize: content.uncompressedSize,
    });
    if (this.start_ns === null || messageStartTime < this.start_ns) this.start_ns = messageStartTime;
    if (messageEndTime > this.end_ns) this.end_ns = messageEndTime;
    await this.write();
  }

  /** Declares what a chunk needs and what was declared in a chunk that is lost, or outside chunks. */
  private declare(ids: readonly number[], inside: Pick<Chunk, 'schemas' | 'channels'>): void {
    const { schemas, channels } = this.examination.definitions;
    for (const id of new Set([...ids, ...inside.channels])) {
      const channel = channels.get(id);
      if (channel === undefined || this.declared.has(id)) continue;
      const schema = schemas.get(channel.schemaId);
      if (schema !== undefined && !this.declared_schemas.has(schema.id) && !inside.schemas.includes(schema.id)) {
        this.records.writeSchema(schema);
        this.declared_schemas.add(schema.id);
      }
      if (!inside.channels.includes(id)) this.records.writeChannel(channel);
      this.declared.add(id);
    }
    for (const id of inside.schemas) this.declared_schemas.add(id);
  }

  private async takeRecord(record: McapTypes.TypedMcapRecord): Promise<void> {
    if (record.type !== 'Metadata' && record.type !== 'Attachment') return;
    await this.gather();
    const offset = BigInt(this.position);
    if (record.type === 'Metadata') {
      const length = this.records.writeMetadata(record);
      this.metadata.push({ name: record.name, offset, length });
    } else {
      const { name, mediaType, logTime, createTime, data } = record;
      const length = this.records.writeAttachment(record);
      const dataSize = BigInt(data.byteLength);
      this.attachments.push({ name, mediaType, logTime, createTime, dataSize, offset, length });
    }
    await this.write();
  }

  private async write(): Promise<void> {
    const bytes = this.records.buffer;
    if (bytes.length === 0) return;
    this.crc = crc32(bytes, this.crc);
    await this.out.append(bytes);
    this.position += bytes.length;
    this.records.reset();
  }
}

function compressed(raw: Buffer) {
  return {
    ...{ uncompressedSize: BigInt(raw.length), uncompressedCrc: crc32(raw) },
    ...{ compression: 'zstd', records: zstd.compress(raw, 1) },
  };
}
