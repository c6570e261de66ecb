import { Opcode } from '@mcap/core';
import { chunkOf, chunksReady, unpackChunk } from './read_recording_chunk.ts';
import {
  FOOTER_LENGTH,
  MCAP_MAGIC,
  parseRecord,
  RECORD_HEADER,
  RECORDING_LIMITS,
  RecordDamage,
  type RecordFrame,
  type RecordingFile,
  viewOf,
} from './read_recording_file.ts';

const BLOCK = 1 << 18;
/** Head of a chunk record up to the length of the name of its compression. */
const CHUNK_HEAD = RECORD_HEADER + 32;
/** Bytes that candidates which turn out false may cost, beyond a multiple of the file's own. */
const SLACK_BYTES = 512 * 1024 * 1024;
const WORK_PER_BYTE = 32;
/** What looking elsewhere in the file costs. */
const PLACE_BYTES = 64 * 1024;
const MOST_NAME_BYTES = 64 * 1024;
const KINDS: ReadonlySet<number> = new Set([
  ...[Opcode.CHUNK, Opcode.ATTACHMENT, Opcode.METADATA, Opcode.DATA_END, Opcode.FOOTER],
]);

/** Finds where sound records begin again behind damage; what that may cost is bounded by the size of the file. */
export class RecordSearch {
  private readonly file: RecordingFile;
  private work: number;

  constructor(file: RecordingFile) {
    this.file = file;
    this.work = SLACK_BYTES + WORK_PER_BYTE * file.bytes;
  }

  /**
   * Byte of the next sound record behind the one at `offset`; the end of the file where there is none.
   * @param frame  of the damaged record, whose length may be right
   */
  async after(offset: number, frame: RecordFrame | null): Promise<number> {
    const { file } = this;
    if (frame !== null && (await this.continues(offset + RECORD_HEADER + frame.length))) {
      return offset + RECORD_HEADER + frame.length;
    }
    for (let from = offset + 1; from < file.bytes && this.work > 0; from += BLOCK) {
      const length = Math.min(BLOCK + RECORD_HEADER - 1, file.bytes - from);
      const block = (await file.at(from, length)).slice();
      const view = viewOf(block);
      for (let i = 0; i < BLOCK && i + RECORD_HEADER <= length && this.work > 0; i++) {
        if (!KINDS.has(block[i])) continue;
        const claimed = Number(view.getBigUint64(i + 1, true));
        if (claimed > file.bytes - from - i - RECORD_HEADER) continue;
        if (await this.isSound({ opcode: block[i], offset: from + i, length: claimed })) return from + i;
      }
    }
    return file.bytes;
  }

  /** Whether a chain of records goes on here: two in a row, or the end of the file. */
  private async continues(offset: number): Promise<boolean> {
    let at = offset;
    for (let k = 0; k < 2; k++) {
      if (at === this.file.bytes) return true;
      const frame = await this.file.frame(at);
      if (frame === null || !isPlausible(frame, this.file.bytes)) return false;
      if (frame.opcode === Opcode.FOOTER)
        return at + RECORD_HEADER + frame.length + MCAP_MAGIC.length === this.file.bytes;
      at += RECORD_HEADER + frame.length;
    }
    return true;
  }

  private async isSound(frame: RecordFrame): Promise<boolean> {
    const { opcode, length, offset } = frame;
    const end = offset + RECORD_HEADER + length;
    if (opcode === Opcode.FOOTER) return length === FOOTER_LENGTH && end + MCAP_MAGIC.length === this.file.bytes;
    if (opcode === Opcode.DATA_END) return length === 4 && (await this.continues(end));
    if (opcode === Opcode.CHUNK && !(await this.looksLikeChunk(frame))) return false;
    if (opcode === Opcode.METADATA && !(await this.looksLikeMetadata(frame))) return false;
    this.work -= length + PLACE_BYTES;
    try {
      await chunksReady();
      const record = await this.file.record(frame);
      if (opcode !== Opcode.CHUNK) return parseRecord(record).type !== 'Unknown' && (await this.continues(end));
      const chunk = chunkOf(record);
      this.work -= Math.min(chunk.uncompressed_bytes, RECORDING_LIMITS.chunk_bytes);
      unpackChunk(chunk);
      return true;
    } catch (error) {
      if (error instanceof RecordDamage) return false;
      throw error;
    }
  }

  /** Whether the lengths in the head of a chunk agree, before all of it is read. */
  private async looksLikeChunk({ offset, length }: RecordFrame): Promise<boolean> {
    if (length < CHUNK_HEAD) return false;
    const head = viewOf(await this.file.at(offset, Math.min(CHUNK_HEAD + 40, this.file.bytes - offset)));
    const name_bytes = head.getUint32(RECORD_HEADER + 28, true);
    if (name_bytes > 32 || CHUNK_HEAD + name_bytes + 8 > head.byteLength) return false;
    return Number(head.getBigUint64(CHUNK_HEAD + name_bytes, true)) === length - 40 - name_bytes;
  }

  /** Whether name and entries fill the record. */
  private async looksLikeMetadata({ offset, length }: RecordFrame): Promise<boolean> {
    if (length < 8 || length > RECORDING_LIMITS.record_bytes) return false;
    const name_bytes = viewOf(await this.file.at(offset + RECORD_HEADER, 4)).getUint32(0, true);
    if (name_bytes > Math.min(length - 8, MOST_NAME_BYTES)) return false;
    const entries = viewOf(await this.file.at(offset + RECORD_HEADER + 4 + name_bytes, 4)).getUint32(0, true);
    return 8 + name_bytes + entries === length;
  }
}

/** Whether a frame may be one: a kind of record that is known, of a length that the file has. */
function isPlausible({ opcode, offset, length }: RecordFrame, bytes: number): boolean {
  return opcode > 0 && opcode <= Opcode.DATA_END && length <= bytes - offset - RECORD_HEADER;
}
