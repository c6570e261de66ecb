import { InputError } from '../../contracts/index.ts';

const HEADER_BYTES = 4;
const BIG_ENDIAN = 0;
const LITTLE_ENDIAN = 1;
/** Longer strings are decoded by the platform. */
const SHORT_STRING = 32;
const SLOTS = 512;
/** Structures, strings and truth values of one message: objects take many times the bytes that they are made of. */
const MOST_VALUES = 4_000_000;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes of one message while it is read. Nothing is taken, nor any room made for it, that the bytes do not hold. */
export class CdrInput {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly little: boolean;
  /** Where the next byte is. */
  at = HEADER_BYTES;
  private values_left = MOST_VALUES;

  /** Throws an InputError unless the bytes begin like plain CDR of either byte order. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < HEADER_BYTES) throw new InputError(`message of ${bytes.length} bytes`, 'has no CDR header');
    if (bytes[0] !== 0 || (bytes[1] !== LITTLE_ENDIAN && bytes[1] !== BIG_ENDIAN)) {
      throw new InputError(`CDR representation ${(bytes[0] << 8) | bytes[1]}`, 'only plain CDR (0 or 1) can be read');
    }
    this.little = bytes[1] === LITTLE_ENDIAN;
  }

  /** Aligns to `size` (1, 2, 4, 8), passes `length` bytes and returns where they begin. */
  take(size: number, length: number): number {
    const start = ((this.at - HEADER_BYTES + size - 1) & -size) + HEADER_BYTES;
    const end = start + length;
    if (end > this.bytes.length) throw this.short(`${length} bytes at byte ${start}`);
    this.at = end;
    return start;
  }

  /** Length of a sequence whose elements have at least `least` bytes each. */
  count(least: number): number {
    const length = this.view.getUint32(this.take(4, 4), this.little);
    if (length * least > this.bytes.length - this.at) {
      throw this.short(`a sequence of ${length} elements at byte ${this.at}`);
    }
    return length;
  }

  /** Counts values that are objects of their own. Throws an InputError beyond what a message may hold. */
  enter(values: number): void {
    this.values_left -= values;
    if (this.values_left >= 0) return;
    throw new InputError(
      `message of ${this.bytes.length} bytes`,
      `may hold at most ${MOST_VALUES} structures and the like`,
    );
  }

  string(): string {
    const length = this.count(1);
    const start = this.take(1, length);
    const { bytes } = this;
    const end = length > 0 && bytes[start + length - 1] === 0 ? start + length - 1 : start + length;
    if (end - start <= SHORT_STRING) {
      const known = shortString(bytes, start, end);
      if (known !== null) return known;
    }
    return decoder.decode(bytes.subarray(start, end));
  }

  private short(wanted: string): InputError {
    return new InputError(`message of ${this.bytes.length} bytes`, `is too short for ${wanted}`);
  }
}

/** Names of joints and frames come in every message: the last string of each slot is kept. */
const slots = new Array<string>(SLOTS).fill('');

/** A string of ASCII, without making it anew where it came lately; null for other strings. */
function shortString(bytes: Uint8Array, start: number, end: number): string | null {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const kept = slots[slot];
  if (kept.length === end - start) {
    let i = 0;
    while (i < kept.length && kept.charCodeAt(i) === bytes[start + i]) i++;
    if (i === kept.length) return kept;
  }
  let text = '';
  for (let i = start; i < end; i++) {
    if (bytes[i] >= 0x80) return null;
    text += String.fromCharCode(bytes[i]);
  }
  slots[slot] = text;
  return text;
}
