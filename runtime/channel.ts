import { randomInt } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Frame, frameBytes, isNewer } from './frame.ts';

/** A one-way channel between processes: an open file, the key of its records, and how many doubles each carries. */
export const channelSchema = z.strictObject({
  fd: z.int().nonnegative(),
  key: z.int(),
  values: z.int().positive(),
});
export type Channel = z.infer<typeof channelSchema>;

/** Memory as a file, where the system has it. */
function channelFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

/**
 * A new channel for records of `values` doubles. Its file has no name any more when this returns: nobody else can open it,
 * nothing is left of it when the last process that holds it ends, and a child gets it by inheriting the descriptor.
 */
export function openChannel(values: number): Channel {
  const folder = mkdtempSync(join(channelFolder(), 'surepick-'));
  try {
    const fd = openSync(join(folder, 'channel'), 'wx+', 0o600);
    // Written in full now, so that a later write cannot run out of space.
    writeSync(fd, new Uint8Array(2 * frameBytes(values)), 0, 2 * frameBytes(values), 0);
    return { fd, key: randomInt(-(2 ** 31), 2 ** 31), values };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function closeChannel({ fd }: Channel): void {
  closeSync(fd);
}

/** Writes the newest value, in turn into two slots, so that a reader always finds one that is not being written. */
export class ChannelWriter {
  /** Fill before `send`. */
  readonly payload: Float64Array;
  private readonly fd: number;
  private readonly frame: Frame;
  private readonly reader: ChannelReader;
  private readonly sent: Uint8Array;
  private sequence: number;

  /** Goes on from the sequence number of whoever wrote before. */
  constructor(channel: Channel) {
    this.reader = new ChannelReader(channel);
    this.reader.poll();
    this.sequence = this.reader.sequence;
    this.fd = channel.fd;
    this.frame = new Frame(channel.values, channel.key);
    this.payload = this.frame.payload;
    this.sent = new Uint8Array(this.frame.bytes.length);
  }

  send(): void {
    const { frame } = this;
    this.sequence = (this.sequence + 1) | 0;
    frame.seal(this.sequence);
    const { length } = frame.bytes;
    writeSync(this.fd, frame.bytes, 0, length, (this.sequence & 1) * length);
    this.sent.set(frame.bytes);
  }

  /**
   * Whether the channel holds what this one sent last and nothing newer; true before it sent anything, and once more after
   * each time it was not, for what it sends goes on from what others wrote.
   */
  isAlone(): boolean {
    const { reader, sent, sequence } = this;
    reader.poll();
    if (isNewer(reader.sequence, sequence)) {
      this.sequence = reader.sequence;
      sent.fill(0);
      return false;
    }
    if (sent[0] === 0) return true;
    const kept = reader.holds(sequence & 1, sent);
    if (!kept) sent.fill(0);
    return kept;
  }
}

/** Reads the newest whole value. What is torn or foreign is dropped and counted. */
export class ChannelReader {
  /** The value last taken; zeros before the first. */
  readonly payload: Float64Array;
  /** Of the value last taken. */
  sequence = 0;
  taken = 0;
  torn = 0;
  foreign = 0;
  private readonly fd: number;
  private readonly bytes: Uint8Array;
  private readonly slots: readonly [Frame, Frame];

  constructor({ fd, key, values }: Channel) {
    const length = frameBytes(values);
    const buffer = new ArrayBuffer(2 * length);
    this.fd = fd;
    this.bytes = new Uint8Array(buffer);
    this.slots = [new Frame(values, key, buffer, 0), new Frame(values, key, buffer, length)];
    this.payload = new Float64Array(values);
  }

  /** Takes a value that is newer than the last; false, leaving the last, if there is none. */
  poll(): boolean {
    const { bytes } = this;
    // What a short read leaves out must not be taken for what was read before.
    const read = readSync(this.fd, bytes, 0, bytes.length, 0);
    if (read < bytes.length) bytes.fill(0, read);
    let newest: Frame | null = null;
    for (const slot of this.slots) {
      const verdict = slot.verdict();
      if (verdict === 'torn') this.torn++;
      else if (verdict === 'foreign') this.foreign++;
      else if (verdict === 'whole' && this.isNews(slot) && (newest === null || isNewer(slot.sequence, newest.sequence)))
        newest = slot;
    }
    if (newest === null) return false;
    this.payload.set(newest.payload);
    this.sequence = newest.sequence;
    this.taken++;
    return true;
  }

  /** Whether a slot, as read last, is this to the byte. */
  holds(slot: number, bytes: Uint8Array): boolean {
    const { bytes: read } = this.slots[slot & 1];
    for (let i = 0; i < bytes.length; i++) if (read[i] !== bytes[i]) return false;
    return true;
  }

  private isNews(slot: Frame): boolean {
    return this.taken === 0 || isNewer(slot.sequence, this.sequence);
  }
}
