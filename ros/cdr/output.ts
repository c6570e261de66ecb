const HEADER_BYTES = 4;
const LITTLE_ENDIAN = 1;
/** Above this many units a string is encoded by the platform, below it faster by hand as long as it is ASCII. */
const SHORT_STRING = 64;
const encoder = new TextEncoder();

/** Bytes of one message while it is written: CDR (XCDR1), little endian, aligned to the bytes after the header. */
export class CdrOutput {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Where the next byte goes. */
  at = HEADER_BYTES;

  /** @param capacity  bytes to begin with; it grows as needed */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(Math.max(capacity, HEADER_BYTES));
    this.view = new DataView(this.bytes.buffer);
    this.bytes[1] = LITTLE_ENDIAN;
  }

  /** Aligns to `size` (1, 2, 4, 8), makes room for `length` bytes, and returns where they go. */
  take(size: number, length: number): number {
    const start = ((this.at - HEADER_BYTES + size - 1) & -size) + HEADER_BYTES;
    const end = start + length;
    if (end > this.bytes.length) this.grow(end);
    this.at = end;
    return start;
  }

  /** Length of a sequence. */
  count(length: number): void {
    const at = this.take(4, 4);
    this.view.setUint32(at, length, true);
  }

  /** A string by its bytes in UTF-8 with a NUL behind; what follows a NUL within is lost, as in C. */
  string(value: string): void {
    const length = value.length;
    const at = this.take(4, 4);
    if (length <= SHORT_STRING) {
      const start = this.take(1, length + 1);
      const { bytes } = this;
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit === 0 || unit > 0x7f) break;
        bytes[start + i] = unit;
      }
      if (i === length) {
        this.view.setUint32(at, length + 1, true);
        return;
      }
      bytes.fill(0, start, start + i);
      this.at = start;
    }
    const cut = value.indexOf('\0');
    const whole = cut < 0 ? value : value.slice(0, cut);
    // A unit of UTF-16 needs at most three bytes.
    const start = this.take(1, 3 * whole.length + 1);
    const { written } = encoder.encodeInto(whole, this.bytes.subarray(start));
    this.at = start + written + 1;
    this.view.setUint32(at, written + 1, true);
  }

  /** The message; its bytes are not written again. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.at === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.at);
  }

  private grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
