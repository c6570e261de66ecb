import { createRequire } from 'node:module';
import { crc32 } from 'node:zlib';
import lz4 from '@foxglove/wasm-lz4';
import zstd from '@foxglove/wasm-zstd';
import { Opcode } from '@mcap/core';
import { RECORD_HEADER, RECORDING_LIMITS, RecordDamage, viewOf } from './read_recording_file.ts';

/** Content of a Chunk record (mcap.dev, version 0). */
export interface RecordedChunk {
  readonly start_ns: bigint;
  readonly end_ns: bigint;
  readonly uncompressed_bytes: number;
  /** 0 for none. */
  readonly uncompressed_crc: number;
  readonly compression: string;
  /** Compressed records; a view. */
  readonly records: Uint8Array;
}

/** A message within unpacked bytes. */
export interface RawMessage {
  readonly channel: number;
  readonly sequence: number;
  readonly log_ns: bigint;
  readonly publish_ns: bigint;
  /** A view. */
  readonly data: Uint8Array;
}

/** A record within a chunk. */
export interface InnerRecord {
  readonly opcode: number;
  /** Of its opcode, from the start of the chunk's records. */
  readonly offset: number;
  /** With its header; a view. */
  readonly bytes: Uint8Array;
}

const FIXED = 8 + 8 + 8 + 4 + 4;
const MESSAGE_PREFIX = 2 + 4 + 8 + 8;

const require = createRequire(import.meta.url);
let lz4_now: typeof lz4 = lz4;

/** Resolves once chunks can be unpacked; before each is, because one that failed may have to be recovered from. */
export async function chunksReady(): Promise<void> {
  await zstd.isLoaded;
  await lz4_now.isLoaded;
}

const UNPACK: Readonly<Record<string, (records: Uint8Array, bytes: number) => Uint8Array>> = {
  '': (records) => records,
  zstd: (records, bytes) => zstd.decompress(records, bytes),
  lz4: (records, bytes) => {
    try {
      return lz4_now(records, bytes);
    } catch (error) {
      // Its one context stays in the middle of the frame that failed, and fails every frame behind it.
      delete require.cache[require.resolve('@foxglove/wasm-lz4')];
      lz4_now = require('@foxglove/wasm-lz4');
      throw error;
    }
  },
};

/** @param record  with its header. Throws RecordDamage unless its lengths agree. */
export function chunkOf(record: Uint8Array): RecordedChunk {
  const view = viewOf(record);
  if (record.length < RECORD_HEADER + FIXED + 8) throw new RecordDamage('a chunk without content');
  const name_bytes = view.getUint32(RECORD_HEADER + 28, true);
  const size_at = RECORD_HEADER + FIXED + name_bytes;
  if (name_bytes > 32 || size_at + 8 > record.length) throw new RecordDamage('a chunk whose lengths disagree');
  if (view.getBigUint64(size_at, true) !== BigInt(record.length - size_at - 8)) {
    throw new RecordDamage('a chunk whose lengths disagree');
  }
  return {
    start_ns: view.getBigUint64(RECORD_HEADER, true),
    end_ns: view.getBigUint64(RECORD_HEADER + 8, true),
    uncompressed_bytes: Number(view.getBigUint64(RECORD_HEADER + 16, true)),
    uncompressed_crc: view.getUint32(RECORD_HEADER + 24, true),
    compression: Buffer.from(record.subarray(RECORD_HEADER + FIXED, size_at)).toString('latin1'),
    records: record.subarray(size_at + 8),
  };
}

/**
 * Records of a chunk as one piece. Room is made for what the chunk claims, no more than may be, and never exceeded. Throws
 * RecordDamage for a wrong size or checksum, and for a compression that is not known.
 */
export function unpackChunk({ uncompressed_bytes, uncompressed_crc, compression, records }: RecordedChunk): Uint8Array {
  const most = RECORDING_LIMITS.chunk_bytes;
  if (uncompressed_bytes > most) throw new RecordDamage(`a chunk of ${uncompressed_bytes} bytes, at most ${most}`);
  const unpack = Object.hasOwn(UNPACK, compression) ? UNPACK[compression] : undefined;
  if (unpack === undefined) {
    const known = Object.keys(UNPACK).filter((name) => name !== '');
    throw new RecordDamage(`a chunk compressed by ${JSON.stringify(compression)}; ${known.join(', ')} can be read`);
  }
  const raw = unpackedBy(unpack, records, uncompressed_bytes);
  if (raw.length !== uncompressed_bytes) {
    throw new RecordDamage(`a chunk of ${raw.length} bytes that claims ${uncompressed_bytes}`);
  }
  if (uncompressed_crc !== 0 && crc32(raw) !== uncompressed_crc)
    throw new RecordDamage('a chunk that fails its checksum');
  return raw;
}

function unpackedBy(
  unpack: (records: Uint8Array, bytes: number) => Uint8Array,
  records: Uint8Array,
  bytes: number,
): Uint8Array {
  if (bytes === 0 && records.length === 0) return records;
  try {
    return unpack(records, bytes);
  } catch {
    throw new RecordDamage(`a chunk that does not unpack to the ${bytes} bytes that it claims`);
  }
}

/** Records of an unpacked chunk. Throws RecordDamage where they do not fill it, are none that a chunk may hold, or too many. */
export function* recordsIn(raw: Uint8Array): Generator<InnerRecord> {
  const view = viewOf(raw);
  let messages = 0;
  for (let offset = 0; offset < raw.length; ) {
    const opcode = raw[offset];
    const rest = raw.length - offset - RECORD_HEADER;
    const length = rest < 0 ? Number.POSITIVE_INFINITY : Number(view.getBigUint64(offset + 1, true));
    if (length > rest) throw new RecordDamage(`a record that leads out of its chunk at byte ${offset} of it`);
    const allowed =
      opcode === Opcode.SCHEMA || opcode === Opcode.CHANNEL || opcode === Opcode.MESSAGE || opcode >= 0x10;
    if (!allowed) throw new RecordDamage(`a record of kind ${opcode} within a chunk`);
    if (opcode === Opcode.MESSAGE && ++messages > RECORDING_LIMITS.chunk_messages) {
      throw new RecordDamage(`a chunk of more than ${RECORDING_LIMITS.chunk_messages} messages`);
    }
    yield { opcode, offset, bytes: raw.subarray(offset, offset + RECORD_HEADER + length) };
    offset += RECORD_HEADER + length;
  }
}

/** @param record  a Message record with its header */
export function rawMessageOf(record: Uint8Array): RawMessage {
  if (record.length < RECORD_HEADER + MESSAGE_PREFIX) throw new RecordDamage('a message without its head');
  const view = viewOf(record);
  return {
    channel: view.getUint16(RECORD_HEADER, true),
    sequence: view.getUint32(RECORD_HEADER + 2, true),
    log_ns: view.getBigUint64(RECORD_HEADER + 6, true),
    publish_ns: view.getBigUint64(RECORD_HEADER + 14, true),
    data: record.subarray(RECORD_HEADER + MESSAGE_PREFIX),
  };
}
