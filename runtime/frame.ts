import { crc32 } from './crc32.ts';

const MAGIC = 0x73707266;
/** Before the payload: magic, key, sequence, checksum; after it: sequence, checksum. Each 32 bit. */
const HEADER_BYTES = 16;
const TRAILER_BYTES = 8;

export type FrameVerdict = 'whole' | 'empty' | 'torn' | 'foreign';

export function frameBytes(values: number): number {
  return HEADER_BYTES + 8 * values + TRAILER_BYTES;
}

/**
 * One record as it lies in a channel: doubles between a header and a trailer that both carry its sequence number and the
 * CRC-32 of key, sequence and payload. A record that was read while it was written, was cut, or belongs to another channel
 * does not pass `verdict`.
 */
export class Frame {
  readonly bytes: Uint8Array;
  readonly payload: Float64Array;
  private readonly words: Int32Array;
  private readonly key: number;

  /** A view on `buffer` from `offset` (a multiple of 8). `key`: 32 bits that tell this channel from any other. */
  constructor(values: number, key: number, buffer: ArrayBufferLike = new ArrayBuffer(frameBytes(values)), offset = 0) {
    const length = frameBytes(values);
    this.bytes = new Uint8Array(buffer, offset, length);
    this.words = new Int32Array(buffer, offset, length / 4);
    this.payload = new Float64Array(buffer, offset + HEADER_BYTES, values);
    this.key = key | 0;
  }

  get sequence(): number {
    return this.words[2];
  }

  /** Writes header and trailer around the payload as it stands. */
  seal(sequence: number): void {
    const { words } = this;
    words[0] = MAGIC;
    words[1] = this.key;
    words[2] = sequence;
    const crc = this.crc();
    words[3] = crc;
    words[words.length - 2] = sequence;
    words[words.length - 1] = crc;
  }

  verdict(): FrameVerdict {
    const { words } = this;
    const last = words.length - 1;
    if (words[0] === 0 && words[1] === 0 && words[last] === 0) return 'empty';
    if (words[0] !== MAGIC || words[1] !== this.key) return 'foreign';
    if (words[2] !== words[last - 1] || words[3] !== words[last] || words[3] !== this.crc()) return 'torn';
    return 'whole';
  }

  private crc(): number {
    const head = crc32(this.bytes, 4, 12);
    return crc32(this.bytes, HEADER_BYTES, this.bytes.length - TRAILER_BYTES, head);
  }
}

/** Whether sequence `a` comes after `b`; they count modulo 2³² (RFC 1982). */
export function isNewer(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}
