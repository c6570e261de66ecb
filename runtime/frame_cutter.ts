import { InputError } from '../contracts/index.ts';

const HEADER = 4;

/** Cuts a stream of bytes into frames that have their length before them (uint32, little endian). */
export class FrameCutter {
  private readonly most_bytes: number;
  private readonly header = Buffer.alloc(HEADER);
  private have = 0;
  private frame: Buffer | null = null;

  constructor(most_bytes: number) {
    this.most_bytes = most_bytes;
  }

  /** @param take  is given every frame that is whole, in memory of its own. Throws InputError for a longer one. */
  push(chunk: Buffer, take: (frame: Buffer) => void): void {
    let at = 0;
    while (at < chunk.length) {
      const into: Buffer = this.frame ?? this.header;
      const copied = chunk.copy(into, this.have, at, at + into.length - this.have);
      at += copied;
      this.have += copied;
      if (this.have === into.length) this.next(take);
    }
  }

  private next(take: (frame: Buffer) => void): void {
    const { frame } = this;
    this.have = 0;
    if (frame !== null) {
      this.frame = null;
      take(frame);
      return;
    }
    const length = this.header.readUInt32LE();
    if (length === 0 || length > this.most_bytes)
      throw new InputError(`a frame of ${length} bytes`, `1 to ${this.most_bytes} over a socket`);
    this.frame = Buffer.allocUnsafeSlow(length);
  }
}
