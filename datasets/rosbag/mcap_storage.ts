import { setImmediate as breathe } from 'node:timers/promises';
import { type McapTypes, Opcode } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';
import { chunkOf, chunksReady, rawMessageOf, recordsIn, unpackChunk } from '../recording/read_recording_chunk.ts';
import {
  isMagic,
  MCAP_MAGIC,
  parseRecord,
  RECORD_HEADER,
  RecordDamage,
  type RecordFrame,
  RecordingFile,
} from '../recording/read_recording_file.ts';
import type { BagAttachment, BagStorage, StoredMessage, SurveyTarget } from './bag_storage.ts';
import { LIMITS } from './limits.ts';
import { McapTopics } from './mcap_topics.ts';

/** Of unpacked chunks that are kept while messages are read in order of time. */
const CACHED_BYTES = 256 << 20;
const BREATH = 64;
const KEPT: ReadonlySet<number> = new Set([Opcode.SCHEMA, Opcode.CHANNEL, Opcode.METADATA, Opcode.ATTACHMENT]);

/**
 * An MCAP file of any recorder, read from its first byte on and not by its summary: unfinished files and those without chunks
 * are read alike, and no index is believed.
 */
export class McapStorage implements BagStorage {
  serialized_metadata = '';
  readonly metadata = new Map<string, Readonly<Record<string, string>>>();
  readonly attachments: BagAttachment[] = [];
  private readonly path: string;
  private readonly chunks: RecordFrame[] = [];
  private readonly topics = new McapTopics();
  private readonly unpacked = new Map<number, Uint8Array>();
  private unpacked_bytes = 0;
  private loads = 0;
  private file: RecordingFile | null;

  private constructor(path: string, file: RecordingFile) {
    this.path = path;
    this.file = file;
  }

  /** Throws an InputError for what does not begin like MCAP. */
  static async open(path: string): Promise<McapStorage> {
    await chunksReady();
    const file = await RecordingFile.open(path);
    const begins = file.bytes >= MCAP_MAGIC.length && isMagic(await file.at(0, MCAP_MAGIC.length));
    if (begins) return new McapStorage(path, file);
    await file.close();
    throw new InputError(`bag ${path}`, 'is no MCAP file');
  }

  async survey(target: SurveyTarget): Promise<void> {
    const file = await this.opened();
    let offset = MCAP_MAGIC.length;
    for (let records = 1; ; records++) {
      const frame = await file.frame(offset);
      if (frame?.opcode === Opcode.DATA_END || frame?.opcode === Opcode.FOOTER) return;
      if (frame === null || frame.length > file.bytes - offset - RECORD_HEADER) {
        target.note(`ends at byte ${offset} without an end of its data: it was not finished, or is damaged there`);
        return;
      }
      await this.take(file, frame, target);
      offset += RECORD_HEADER + frame.length;
      if (records % BREATH !== 0) continue;
      target.signal.throwIfAborted();
      target.progress(offset / file.bytes);
      await breathe();
    }
  }

  /** `part` is a chunk's number and `at` where the record begins in it; without chunks minus its place, and its length. */
  async read(part: number, at: number): Promise<StoredMessage> {
    try {
      if (part >= 0) {
        const raw = await this.chunk(part);
        const bytes = Number(new DataView(raw.buffer, raw.byteOffset).getBigUint64(at + 1, true));
        return rawMessageOf(raw.subarray(at, at + RECORD_HEADER + bytes));
      }
      const file = await this.opened();
      return rawMessageOf(await file.record({ opcode: Opcode.MESSAGE, offset: -part, length: at }));
    } catch (error) {
      if (!(error instanceof RecordDamage)) throw error;
      throw new InputError(`bag ${this.path}`, `changed while it was read (${error.message})`, { cause: error });
    }
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = null;
    this.unpacked.clear();
    this.unpacked_bytes = 0;
    await file?.close();
  }

  private async opened(): Promise<RecordingFile> {
    this.file ??= await RecordingFile.open(this.path);
    return this.file;
  }

  private async take(file: RecordingFile, frame: RecordFrame, target: SurveyTarget): Promise<void> {
    try {
      await chunksReady();
      if (frame.opcode === Opcode.CHUNK) this.takeChunk(await file.record(frame), frame, target);
      else if (frame.opcode === Opcode.MESSAGE)
        this.takeMessage(await file.record(frame), -frame.offset, frame.length, target);
      else if (KEPT.has(frame.opcode)) this.takeRecord(parseRecord(await file.record(frame)), target);
    } catch (error) {
      if (!(error instanceof RecordDamage)) throw error;
      target.note(`at byte ${frame.offset}: ${error.message}; what it holds from there on is left out`);
    }
  }

  private takeChunk(record: Uint8Array, frame: RecordFrame, target: SurveyTarget): void {
    const raw = unpackChunk(chunkOf(record));
    const part = this.chunks.push(frame) - 1;
    for (const { opcode, offset, bytes } of recordsIn(raw)) {
      if (opcode === Opcode.MESSAGE) this.takeMessage(bytes, part, offset, target);
      else this.takeRecord(parseRecord(bytes), target);
    }
  }

  private takeMessage(record: Uint8Array, part: number, at: number, target: SurveyTarget): void {
    const { channel, log_ns } = rawMessageOf(record);
    if (!this.topics.has(channel)) target.note(`a message of channel ${channel}, which is not declared`);
    else target.message(channel, log_ns, part, at);
  }

  private takeRecord(record: McapTypes.TypedMcapRecord, target: SurveyTarget): void {
    if (record.type === 'Schema') this.topics.addSchema(record, target);
    if (record.type === 'Channel') this.topics.addChannel(record, target);
    if (record.type === 'Metadata') this.addMetadata(record, target);
    if (record.type === 'Attachment') this.addAttachment(record, target);
  }

  private addMetadata({ name, metadata }: McapTypes.Metadata, target: SurveyTarget): void {
    const told = metadata.get('serialized_metadata');
    if (name === 'rosbag2' && told !== undefined) this.serialized_metadata = told;
    else if (this.metadata.size === LIMITS.records) target.note(`more than ${LIMITS.records} records of metadata`);
    else this.metadata.set(name, Object.fromEntries(metadata));
  }

  private addAttachment({ name, mediaType, data }: McapTypes.Attachment, target: SurveyTarget): void {
    const bytes = this.attachments.reduce((sum, each) => sum + each.data.length, data.length);
    if (bytes > LIMITS.attached_bytes)
      target.note(`attachment ${name}: together at most ${LIMITS.attached_bytes} bytes`);
    else this.attachments.push({ name, media_type: mediaType, data: data.slice() });
  }

  private async chunk(part: number): Promise<Uint8Array> {
    const kept = this.unpacked.get(part);
    if (kept !== undefined) return kept;
    if (++this.loads > this.chunks.length * LIMITS.reloads) {
      const remedy = 'put it in order with mcap sort or ros2 bag convert';
      throw new InputError(`bag ${this.path}`, `its messages lie too far out of order; ${remedy}`);
    }
    const file = await this.opened();
    await chunksReady();
    const chunk = chunkOf(await file.record(this.chunks[part]));
    const raw = chunk.compression === '' ? unpackChunk(chunk).slice() : unpackChunk(chunk);
    for (const [oldest, { length }] of this.unpacked) {
      if (this.unpacked_bytes + raw.length <= CACHED_BYTES) break;
      this.unpacked.delete(oldest);
      this.unpacked_bytes -= length;
    }
    this.unpacked.set(part, raw);
    this.unpacked_bytes += raw.length;
    return raw;
  }
}
