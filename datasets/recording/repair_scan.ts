import { type McapTypes, Opcode } from '@mcap/core';
import { sameChannel, sameSchema } from './read_recording_channels.ts';
import {
  chunkOf,
  chunksReady,
  type RawMessage,
  type RecordedChunk,
  rawMessageOf,
  recordsIn,
  unpackChunk,
} from './read_recording_chunk.ts';
import {
  isMagic,
  MCAP_MAGIC,
  parseRecord,
  RECORD_HEADER,
  RecordDamage,
  type RecordFrame,
  type RecordingFile,
} from './read_recording_file.ts';
import { RecordSearch } from './repair_search.ts';

type Schema = McapTypes.Schema;
type Channel = McapTypes.Channel;

/** A message of a chunk, and where in the unpacked chunk its record begins. */
export interface ChunkMessage extends RawMessage {
  readonly at: number;
}

/** A stretch of the file that holds nothing that can be trusted. */
export interface RecordingDamage {
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

/** What a recording is made of, in file order. Bytes are views, good until the next piece is asked for. */
export type RecordingPiece =
  | {
      readonly kind: 'chunk';
      readonly offset: number;
      readonly bytes: number;
      readonly chunk: RecordedChunk;
      readonly raw: Uint8Array;
      /** Ids that it declares. */
      readonly schemas: readonly number[];
      readonly channels: readonly number[];
      readonly messages: readonly ChunkMessage[];
    }
  | { readonly kind: 'message'; readonly offset: number; readonly bytes: number; readonly message: RawMessage }
  | {
      readonly kind: 'record';
      readonly offset: number;
      readonly bytes: number;
      readonly record: McapTypes.TypedMcapRecord;
    }
  | { readonly kind: 'end'; readonly offset: number; readonly bytes: number; readonly opcode: number }
  | ({ readonly kind: 'damage'; readonly opcode: number; readonly end_ns: bigint } & RecordingDamage);

export interface Definitions {
  readonly schemas: Map<number, Schema>;
  readonly channels: Map<number, Channel>;
}

/**
 * Goes through a recording, whatever its state: sound pieces, and damage between them. A chunk is sound when it unpacks to the
 * size and the checksum that it claims and its records fill it. After damage the next sound piece is searched for.
 */
export class RecordingScan {
  /** What is declared in sound pieces; a piece that contradicts an earlier one is damage. */
  readonly definitions: Definitions;
  private readonly file: RecordingFile;
  private readonly search: RecordSearch;

  /** @param known  definitions that are trusted already */
  constructor(file: RecordingFile, known: Definitions = { schemas: new Map(), channels: new Map() }) {
    this.file = file;
    this.definitions = { schemas: new Map(known.schemas), channels: new Map(known.channels) };
    this.search = new RecordSearch(file);
  }

  async *pieces(): AsyncGenerator<RecordingPiece, void, void> {
    const { file } = this;
    let at = MCAP_MAGIC.length;
    if (!isMagic(await file.at(0, Math.min(at, file.bytes)))) {
      at = await this.search.after(0, null);
      yield damage(0, at, 'does not begin like an MCAP file', null);
    }
    while (at < file.bytes) {
      let frame: RecordFrame | null = null;
      let found: RecordingPiece;
      try {
        frame = await file.frame(at);
        if (frame === null || frame.length > file.bytes - at - RECORD_HEADER) {
          throw new RecordDamage('ends within a record; it was not finished');
        }
        await chunksReady();
        found = this.pieceOf(frame, await file.record(frame));
      } catch (error) {
        if (!(error instanceof RecordDamage)) throw error;
        const end_ns = await this.claimedEnd(frame);
        const next = await this.search.after(at, frame);
        yield { ...damage(at, next - at, error.message, frame), end_ns };
        at = next;
        continue;
      }
      yield found;
      at += found.bytes;
      if (found.kind === 'end' && found.opcode === Opcode.FOOTER) at = yield* this.afterFooter(at);
    }
  }

  /** Throws RecordDamage for a piece that is not sound. */
  private pieceOf({ opcode, offset }: RecordFrame, record: Uint8Array): RecordingPiece {
    const bytes = record.length;
    if (opcode === 0) throw new RecordDamage('zeros where a record should be');
    if (opcode === Opcode.DATA_END || opcode === Opcode.FOOTER) return { kind: 'end', offset, bytes, opcode };
    if (opcode === Opcode.MESSAGE) return { kind: 'message', offset, bytes, message: rawMessageOf(record) };
    if (opcode === Opcode.CHUNK) return this.chunkPiece(offset, record);
    const parsed = parseRecord(record);
    if (parsed.type === 'Unknown' && opcode < 0x80) throw new RecordDamage(`a record of the unknown kind ${opcode}`);
    if (parsed.type === 'Schema') this.addSchema(parsed);
    if (parsed.type === 'Channel') this.addChannel(parsed);
    return { kind: 'record', offset, bytes, record: parsed };
  }

  private chunkPiece(offset: number, record: Uint8Array): RecordingPiece {
    const chunk = chunkOf(record);
    const raw = unpackChunk(chunk);
    const messages: ChunkMessage[] = [];
    const schemas: Schema[] = [];
    const channels: Channel[] = [];
    for (const inner of recordsIn(raw)) {
      if (inner.opcode === Opcode.MESSAGE) {
        messages.push({ ...rawMessageOf(inner.bytes), at: inner.offset });
        continue;
      }
      const parsed = parseRecord(inner.bytes);
      if (parsed.type === 'Schema') schemas.push(parsed);
      if (parsed.type === 'Channel') channels.push(parsed);
    }
    for (const schema of schemas) this.addSchema(schema);
    for (const channel of channels) this.addChannel(channel);
    return {
      ...{ kind: 'chunk', offset, bytes: record.length, chunk, raw, messages },
      ...{ schemas: schemas.map(({ id }) => id), channels: channels.map(({ id }) => id) },
    };
  }

  private addSchema(schema: Schema): void {
    const known = this.definitions.schemas.get(schema.id);
    if (known !== undefined && !sameSchema(known, schema)) {
      throw new RecordDamage(`declares schema ${schema.id} differently from before`);
    }
    this.definitions.schemas.set(schema.id, schema);
  }

  private addChannel(channel: Channel): void {
    const known = this.definitions.channels.get(channel.id);
    if (known !== undefined && !sameChannel(known, channel)) {
      throw new RecordDamage(`declares channel ${channel.id} differently from before`);
    }
    this.definitions.channels.set(channel.id, channel);
  }

  private async *afterFooter(at: number): AsyncGenerator<RecordingPiece, number, void> {
    const { file } = this;
    const held = Math.min(MCAP_MAGIC.length, file.bytes - at);
    if (!isMagic(await file.at(at, held))) return at;
    const end = at + held;
    if (end < file.bytes) yield damage(end, file.bytes - end, 'something follows the end', null);
    return file.bytes;
  }

  /** Log time of the last message of a damaged chunk, as its head has it; 0 where it has none. */
  private async claimedEnd(frame: RecordFrame | null): Promise<bigint> {
    if (frame?.opcode !== Opcode.CHUNK || frame.offset + RECORD_HEADER + 16 > this.file.bytes) return 0n;
    const head = await this.file.at(frame.offset + RECORD_HEADER + 8, 8);
    return Buffer.from(head).readBigUInt64LE(0);
  }
}

function damage(offset: number, bytes: number, reason: string, frame: RecordFrame | null) {
  return { kind: 'damage', offset, bytes, reason, opcode: frame?.opcode ?? 0, end_ns: 0n } as const;
}
