import { InputError } from '../../contracts/index.ts';
import type { Encode } from '../../ros/index.ts';
import type { DiskSpace } from './disk_space.ts';
import { LeftOut, type LeftOutReason } from './left_out.ts';
import type { McapFile } from './mcap_file.ts';
import { type RecordedChannel, RecordingQueue, type WaitingMessage } from './recording_queue.ts';
import { WorkLimit } from './work_limit.ts';

export interface RecordingWriterOptions {
  readonly file: string;
  /** Publishers never wait: what has no room is left out, what matters least first. Else they wait, and nothing is. */
  readonly live: boolean;
  /** Messages that may wait to be written. */
  readonly queue: number;
  /** Memory that what waits may take, bytes. */
  readonly queue_bytes: number;
  /** Recorded time after which a chunk is written, s; of a live recording wall time, too. */
  readonly flush_s: number;
  /** Uncompressed size at which a chunk is written before that, bytes. */
  readonly chunk_bytes: number;
}

/** How a writer is heard. */
export interface WriterEvents {
  readonly tell: (level: 'warn' | 'error', text: string) => void;
  /** Nothing more is written, whatever comes. */
  readonly ended: () => void;
}

/** Pictures that are encoded at once: the pool has four threads, and one of them writes. */
const ENCODERS = 3;
/** How far what waits may lie behind where publishers wait, s: with two chunks it is less than a second that a kill loses. */
const MOST_WAITING_NS = 250_000_000n;
/** How far it may lie behind for the encoders' sake where nobody waits, s. */
const MOST_BEHIND_NS = 500_000_000n;
/** What a message takes beside its bytes. */
const OVERHEAD_BYTES = 256;
/** Between two words on what is left out, ms. */
const TELL_MS = 1000;

/**
 * Takes messages as they come and writes them to one file in the order of their publication, where publishers wait by channels
 * within an instant; pictures are encoded beside that. Memory is bounded. Every chunk goes to the disk at once; where publishers wait, they do until at most one is on its way.
 */
export class RecordingWriter {
  /** Why nothing more is written; null where it is. */
  failure: { readonly error: unknown } | null = null;
  readonly left_out = new LeftOut();
  private readonly options: RecordingWriterOptions;
  private readonly out: McapFile;
  private readonly space: DiskSpace;
  private readonly events: WriterEvents;
  private readonly queue: RecordingQueue;
  private readonly encoders = new WorkLimit(ENCODERS);
  private readonly flush_ns: bigint;
  private room: { readonly promise: Promise<void>; readonly free: () => void } | null = null;
  private writing: Promise<void> | null = null;
  private newest_ns = 0n;
  private chunk_start_ns: bigint | null = null;
  private chunk_begun_ms = 0;
  /** Where publishers wait: messages of one instant, which nodes that work at once publish as they get done. */
  private readonly instant: { readonly id: number; readonly log_ns: bigint; readonly bytes: Uint8Array }[] = [];
  private due = false;
  private ended = false;
  private awaits_encoder = false;
  private refusal = '';
  private told_ms = 0;

  constructor(out: McapFile, space: DiskSpace, options: RecordingWriterOptions, events: WriterEvents) {
    this.options = options;
    this.out = out;
    this.space = space;
    this.events = events;
    this.queue = new RecordingQueue({ messages: options.queue, bytes: options.queue_bytes });
    this.flush_ns = BigInt(Math.round(options.flush_s * 1e9));
  }

  /** What waits. */
  get waiting(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.queue.messages, bytes: this.queue.bytes };
  }

  /**
   * Takes one message. A promise where its publisher has to wait. Throws, where publishers wait, what keeps from writing.
   * @param held_bytes  of a picture, until it is encoded
   */
  add(channel: RecordedChannel, log_ns: bigint, encode: Encode, held_bytes: number): void | Promise<void> {
    const { live } = this.options;
    if (this.failure !== null) {
      if (!live) throw this.failure.error;
      this.leaveOut(channel, 'ended');
      return;
    }
    const picture = channel.priority === 'picture';
    if (picture && this.space.level === 'no_pictures') return this.leaveOut(channel, 'disk');
    if (picture && live && this.encodersAreBehind(log_ns)) return this.leaveOut(channel, 'encoders');
    if (picture && live && !this.makeRoom(channel, held_bytes)) return;
    const message: WaitingMessage = picture
      ? this.encodeBeside({ channel, log_ns, bytes: held_bytes, left_out: false, encode, data: NOTHING })
      : encoded(channel, log_ns, encode);
    if (!picture && live && !this.makeRoom(channel, message.bytes)) return;
    this.queue.push(message);
    this.newest_ns = log_ns;
    this.writing ??= this.drain();
    if (live || !this.mustWait(log_ns)) return;
    this.room ??= gate();
    return this.room.promise.then(() => {
      if (this.failure !== null) throw this.failure.error;
    });
  }

  /** To be called now and then in a live recording: closes chunks by wall time, looks at the disk, tells what is left out. */
  tick(): void {
    const now_ms = performance.now();
    if (this.out.pending_bytes > 0 && now_ms - this.chunk_begun_ms > 1000 * this.options.flush_s) this.flushSoon();
    if (now_ms - this.told_ms < TELL_MS || this.failure !== null) return;
    this.told_ms = now_ms;
    this.writing ??= this.drain(true);
    const news = this.left_out.news();
    if (news !== '') this.events.tell('warn', `${news}${this.refusal}`);
  }

  /** Has the chunk closed after what waits, without being waited for. */
  flushSoon(): void {
    if (this.failure !== null) return;
    this.due = true;
    this.writing ??= this.drain();
  }

  /**
   * Writes what waits and ends the file, with its metadata. Throws what kept it from being written; a live recording that was
   * ended whole before its disk was full has ended well.
   */
  async finish(metadata: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void> {
    while (this.writing !== null) await this.writing;
    if (this.ended && this.options.live) return;
    try {
      if (this.failure !== null) throw this.failure.error;
      await this.placeInstant();
      for (const [name, entries] of Object.entries(metadata)) await this.out.addMetadata(name, entries);
      await this.finishFile();
    } catch (error) {
      await this.out.abandon();
      throw error;
    }
  }

  private makeRoom(channel: RecordedChannel, bytes: number): boolean {
    while (!this.queue.hasRoom(bytes)) {
      const other = this.queue.putOut(channel.priority);
      if (other === null && channel.spared) return true;
      this.leaveOut(other?.channel ?? channel, 'no room');
      if (other === null) return false;
    }
    return true;
  }

  /** States wait behind pictures: where these take too long, a kill would lose more than a second of everything. */
  private encodersAreBehind(log_ns: bigint): boolean {
    const { oldest_ns } = this.queue;
    return this.awaits_encoder && oldest_ns !== null && log_ns - oldest_ns >= MOST_BEHIND_NS;
  }

  private mustWait(log_ns: bigint): boolean {
    const oldest_ns = this.queue.oldest_ns;
    return this.queue.full || (oldest_ns !== null && log_ns - oldest_ns >= MOST_WAITING_NS);
  }

  private encodeBeside(message: WaitingMessage): WaitingMessage {
    const data = this.encoders.run(() => message.encode?.() ?? NOTHING);
    message.data = data.then((bytes) => {
      message.encode = null;
      this.queue.resize(message, OVERHEAD_BYTES + bytes.length);
      return bytes;
    });
    // Seen when its turn comes; until then a picture that failed must not count as unhandled.
    message.data.catch(() => {});
    return message;
  }

  private leaveOut({ topic }: RecordedChannel, reason: LeftOutReason): void {
    this.left_out.add(topic, reason);
  }

  private async drain(look = false): Promise<void> {
    await null;
    try {
      if (look) await this.lookAtDisk();
      for (let message = this.queue.shift(); message !== undefined; message = this.queue.shift()) {
        await this.write(message);
        if (this.queue.relaxed && !this.mustWait(this.newest_ns)) this.admit();
      }
      if (this.due) await this.closeChunk();
      if (this.ended) await this.finishFile();
    } catch (error) {
      this.fail(error);
    }
    this.writing = null;
    this.admit();
  }

  private async write({ channel, log_ns, data }: WaitingMessage): Promise<void> {
    if (this.ended && channel.priority === 'picture') return this.leaveOut(channel, 'disk');
    const bytes = data instanceof Promise ? await this.pictureOf(channel, data) : data;
    if (bytes === null) return;
    if (this.options.live) return this.place(channel.id, log_ns, bytes);
    if (this.instant.length > 0 && this.instant[0].log_ns !== log_ns) await this.placeInstant();
    this.instant.push({ id: channel.id, log_ns, bytes });
  }

  /** Messages of one instant by their channels, so that equal episodes give equal bytes. */
  private async placeInstant(): Promise<void> {
    const waiting = this.instant.splice(0).sort((a, b) => a.id - b.id);
    for (const { id, log_ns, bytes } of waiting) await this.place(id, log_ns, bytes);
  }

  private async place(id: number, log_ns: bigint, bytes: Uint8Array): Promise<void> {
    if (this.due || (this.chunk_start_ns !== null && log_ns - this.chunk_start_ns >= this.flush_ns))
      await this.closeChunk();
    if (this.chunk_start_ns === null) {
      this.chunk_start_ns = log_ns;
      this.chunk_begun_ms = performance.now();
    }
    this.out.addMessage(id, log_ns, log_ns, bytes);
    if (this.out.pending_bytes >= this.options.chunk_bytes) await this.closeChunk();
  }

  /** In a live graph a picture that cannot be one is left out; nobody would hear of the failure otherwise. */
  private async pictureOf(channel: RecordedChannel, data: Promise<Uint8Array>): Promise<Uint8Array | null> {
    if (!this.options.live) return data;
    this.awaits_encoder = true;
    try {
      return await data;
    } catch (error) {
      this.leaveOut(channel, 'refused');
      this.refusal = `; a picture of ${channel.topic} is none: ${textOf(error)}`;
      return null;
    } finally {
      this.awaits_encoder = false;
    }
  }

  private async closeChunk(): Promise<void> {
    if (!this.options.live) await this.out.synced();
    await this.out.flush();
    this.chunk_start_ns = null;
    this.due = false;
    await this.lookAtDisk();
  }

  private async lookAtDisk(): Promise<void> {
    if (!(await this.space.look())) return;
    const { level, text } = this.space;
    if (level !== 'enough') this.events.tell(level === 'ended' ? 'error' : 'warn', text);
    if (level !== 'ended') return;
    // What waits is still written, but for pictures: there is room for it.
    this.ended = true;
    this.failure = { error: new InputError(`recording ${this.options.file}`, text) };
    this.events.ended();
  }

  private async finishFile(): Promise<void> {
    const { live } = this.options;
    await this.placeInstant();
    if (live || this.left_out.messages > 0 || this.ended) {
      const ended_early = this.ended ? this.space.text : '';
      await this.out.addMetadata('recording', { live: String(live), ...this.left_out.entries(), ended_early });
    }
    await this.out.finish();
  }

  private fail(error: unknown): void {
    this.events.tell('error', textOf(error));
    this.ended = false;
    this.failure = { error };
    for (let message = this.queue.shift(); message !== undefined; message = this.queue.shift())
      this.leaveOut(message.channel, 'ended');
    this.events.ended();
  }

  private admit(): void {
    this.room?.free();
    this.room = null;
  }
}

const NOTHING = new Uint8Array(0);

function encoded(channel: RecordedChannel, log_ns: bigint, encode: Encode): WaitingMessage {
  const data = encode();
  const bytes = OVERHEAD_BYTES + (data instanceof Promise ? 0 : data.length);
  if (data instanceof Promise) data.catch(() => {});
  return { channel, log_ns, bytes, left_out: false, encode: null, data };
}

function gate(): { readonly promise: Promise<void>; readonly free: () => void } {
  let free = () => {};
  const promise = new Promise<void>((resolve) => {
    free = resolve;
  });
  return { promise, free };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
