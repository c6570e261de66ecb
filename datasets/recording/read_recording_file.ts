import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { McapStreamReader, type McapTypes, Opcode } from '@mcap/core';
import { InputError } from '../../contracts/index.ts';

/** What recordings may hold: beyond it they are refused or passed over, whatever they claim. */
export const RECORDING_LIMITS = {
  /** Of a chunk, uncompressed; no more room is made for one. */
  chunk_bytes: 256 * 1024 * 1024,
  /** Of a chunk. */
  chunk_messages: 1_000_000,
  /** Of a record that is no chunk, message or attachment. */
  record_bytes: 32 * 1024 * 1024,
  /** Of one definition of a message type. */
  schema_bytes: 256 * 1024,
  /** Of all schemas, channels and metadata together. */
  definition_bytes: 64 * 1024 * 1024,
} as const;

export const MCAP_MAGIC = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);
/** Opcode and length before the content of a record. */
export const RECORD_HEADER = 9;
const BLOCK = 1 << 20;
const LARGE: ReadonlySet<number> = new Set([Opcode.CHUNK, Opcode.MESSAGE, Opcode.ATTACHMENT]);

/** Bytes of a recording that are not what they should be, at a place that the catcher knows. */
export class RecordDamage extends Error {}

/** A record as it stands in the file. */
export interface RecordFrame {
  readonly opcode: number;
  /** Of its opcode. */
  readonly offset: number;
  /** Of its content, as it claims; may be more than there is. */
  readonly length: number;
}

/** A recording on the disk, read by pieces. */
export class RecordingFile {
  readonly file: string;
  readonly bytes: number;
  private readonly handle: FileHandle;
  private readonly window: Buffer;
  private from = 0;
  private held = 0;

  private constructor(file: string, bytes: number, handle: FileHandle) {
    this.file = file;
    this.bytes = bytes;
    this.handle = handle;
    this.window = Buffer.alloc(Math.min(BLOCK, bytes));
  }

  /** Throws an InputError for what cannot be opened and for what is no file: folders, pipes, devices. */
  static async open(file: string): Promise<RecordingFile> {
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
    const handle = await open(file, flags).catch((error: unknown) => {
      throw new InputError(`recording ${file}`, `cannot be read (${messageOf(error)})`, { cause: error });
    });
    const stat = await handle.stat();
    if (stat.isFile()) return new RecordingFile(file, stat.size, handle);
    await handle.close();
    throw new InputError(`recording ${file}`, 'cannot be read: it is no regular file but a folder, a pipe or a device');
  }

  /** Bytes of the file, to be used before the next call. Throws RecordDamage beyond its end. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || offset + length > this.bytes) throw new RecordDamage(`it ends at byte ${this.bytes}`);
    if (length > BLOCK) return this.fill(Buffer.allocUnsafe(length), offset, length);
    if (offset < this.from || offset + length > this.from + this.held) {
      this.held = 0;
      this.from = offset;
      const most = Math.min(BLOCK, this.bytes - offset);
      await this.fill(this.window, offset, most);
      this.held = most;
    }
    return this.window.subarray(offset - this.from, offset - this.from + length);
  }

  /** Opcode and length of the record that begins here; null where there are fewer bytes than that. */
  async frame(offset: number): Promise<RecordFrame | null> {
    if (offset + RECORD_HEADER > this.bytes) return null;
    const header = await this.at(offset, RECORD_HEADER);
    return { opcode: header[0], offset, length: Number(viewOf(header).getBigUint64(1, true)) };
  }

  /** A whole record with its header. Throws RecordDamage where it claims more than there is or than it may. */
  async record({ opcode, offset, length }: RecordFrame): Promise<Uint8Array> {
    const most = LARGE.has(opcode) ? RECORDING_LIMITS.chunk_bytes : RECORDING_LIMITS.record_bytes;
    if (length > most) throw new RecordDamage(`a record of ${length} bytes, at most ${most}`);
    return this.at(offset, RECORD_HEADER + length);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async fill(target: Buffer, offset: number, length: number): Promise<Buffer> {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.handle.read(target, done, length - done, offset + done);
      if (bytesRead === 0) throw new RecordDamage(`it has become shorter than ${this.bytes} bytes`);
      done += bytesRead;
    }
    return target;
  }
}

/** Reads one record with its header, whatever it is but a chunk or a footer. Throws RecordDamage. */
export function parseRecord(record: Uint8Array): McapTypes.TypedMcapRecord {
  const reader = new McapStreamReader({ noMagicPrefix: true });
  try {
    reader.append(record);
    const parsed = reader.nextRecord();
    if (parsed !== undefined) return parsed;
  } catch (error) {
    throw new RecordDamage(messageOf(error));
  }
  throw new RecordDamage('a record ends within itself');
}

export interface RecordingFooter {
  readonly summary_start: number;
  readonly summary_crc: number;
}

export const FOOTER_LENGTH = 20;

/** @param record  with its header */
export function footerOf(record: Uint8Array): RecordingFooter {
  if (record.length !== RECORD_HEADER + FOOTER_LENGTH) throw new RecordDamage(`a footer of ${record.length} bytes`);
  const view = viewOf(record);
  return { summary_start: Number(view.getBigUint64(9, true)), summary_crc: view.getUint32(25, true) };
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const isMagic = (bytes: Uint8Array): boolean =>
  bytes.length === MCAP_MAGIC.length && MCAP_MAGIC.every((value, i) => bytes[i] === value);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
