import { CHANNEL_PRIORITIES, type ChannelPriority, type Encode } from '../../ros/index.ts';
import { Deque } from './deque.ts';

export interface RecordedChannel {
  readonly id: number;
  readonly topic: string;
  readonly priority: ChannelPriority;
  /** Never left out for want of room: few, and small. */
  readonly spared?: boolean;
}

const NOTHING = new Uint8Array(0);

/** A message that waits to be written. */
export interface WaitingMessage {
  readonly channel: RecordedChannel;
  readonly log_ns: bigint;
  /** Memory it takes. */
  bytes: number;
  /** Nobody writes it any more. */
  left_out: boolean;
  /** What makes its data, where that is still to begin; it holds a picture. */
  encode: Encode | null;
  /** Its CDR bytes, or what becomes of them. */
  data: Uint8Array | Promise<Uint8Array>;
}

/**
 * Messages in the order of their publication, bounded in number and in memory. What has no room puts out what matters less:
 * the newest message of the least priority there is.
 */
export class RecordingQueue {
  private readonly most: { readonly messages: number; readonly bytes: number };
  private readonly waiting = new Deque<WaitingMessage>();
  /** By priority, in the order of CHANNEL_PRIORITIES. */
  private readonly ranks = CHANNEL_PRIORITIES.map(() => new Deque<WaitingMessage>());
  private count = 0;
  private held = 0;

  constructor(most: { readonly messages: number; readonly bytes: number }) {
    this.most = most;
  }

  get messages(): number {
    return this.count;
  }

  get bytes(): number {
    return this.held;
  }

  /** Log time of the message that waits longest; null where none waits. */
  get oldest_ns(): bigint | null {
    this.skip();
    return this.waiting.first?.log_ns ?? null;
  }

  /** Whether one more message of so many bytes may wait; a queue that is empty has room for any. */
  hasRoom(bytes: number): boolean {
    return this.count === 0 || (this.count < this.most.messages && this.held + bytes <= this.most.bytes);
  }

  get full(): boolean {
    return this.count >= this.most.messages || this.held >= this.most.bytes;
  }

  /** At most half full. */
  get relaxed(): boolean {
    return this.count <= this.most.messages / 2 && this.held <= this.most.bytes / 2;
  }

  push(message: WaitingMessage): void {
    this.waiting.push(message);
    this.ranks[rankOf(message.channel.priority)].push(message);
    this.count++;
    this.held += message.bytes;
  }

  /** The message that waits longest, which waits no more. */
  shift(): WaitingMessage | undefined {
    this.skip();
    const message = this.waiting.shift();
    if (message === undefined) return undefined;
    this.ranks[rankOf(message.channel.priority)].shift();
    this.forget(message);
    return message;
  }

  /** Puts out the newest message of the least priority below this one; null where all that waits matters as much. */
  putOut(below: ChannelPriority): WaitingMessage | null {
    for (let rank = 0; rank < rankOf(below); rank++) {
      const message = this.ranks[rank].pop();
      if (message === undefined) continue;
      message.left_out = true;
      message.encode = null;
      message.data = NOTHING;
      this.forget(message);
      return message;
    }
    return null;
  }

  /** A message takes less, or more, than it did. */
  resize(message: WaitingMessage, bytes: number): void {
    if (this.ranks[rankOf(message.channel.priority)].includes(message)) this.held += bytes - message.bytes;
    message.bytes = bytes;
  }

  private forget({ bytes }: WaitingMessage): void {
    this.count--;
    this.held -= bytes;
  }

  private skip(): void {
    while (this.waiting.first?.left_out === true) this.waiting.shift();
  }
}

function rankOf(priority: ChannelPriority): number {
  return CHANNEL_PRIORITIES.indexOf(priority);
}
