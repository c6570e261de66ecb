import type { WebSocket } from 'ws';
import type { ChannelPriority } from '../../ros/index.ts';
import { type BucketLimits, TokenBucket } from '../access/index.ts';
import { messageData, parseClientMessage, status } from './protocol.ts';
import { SEND_BUDGET, SendQueue } from './send_queue.ts';

/** What a client takes part in. */
export interface ClientEvents {
  /** A channel is read by this client from now on. */
  readonly subscribed: (channel: number) => void;
  readonly unsubscribed: (channel: number) => void;
  readonly hasChannel: (channel: number) => boolean;
}

/** Requests of one client; an app subscribes in bursts. */
const REQUESTS: BucketLimits = { burst: 200, per_s: 20 };
const POLICY_VIOLATION = 1008;
/** A socket that takes nothing for this long is given up. */
const STUCK_MS = 30_000;

/** One connection of Foxglove: its subscriptions, and what waits to be sent to it alone. */
export class FoxgloveClient {
  private readonly socket: WebSocket;
  private readonly events: ClientEvents;
  private readonly now_ms: () => number;
  private readonly queue = new SendQueue();
  private readonly requests: TokenBucket;
  /** Channel by the client's number, and the other way round. */
  private readonly channels = new Map<number, number>();
  private readonly subscriptions = new Map<number, number>();
  private moved_ms: number;
  private told_dropped = 0;

  constructor(socket: WebSocket, events: ClientEvents, now_ms: () => number) {
    this.socket = socket;
    this.events = events;
    this.now_ms = now_ms;
    this.moved_ms = now_ms();
    this.requests = new TokenBucket(REQUESTS, this.moved_ms);
    socket.on('message', (data, binary) => this.hear(binary ? null : String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      for (const channel of this.subscriptions.keys()) events.unsubscribed(channel);
      this.subscriptions.clear();
    });
  }

  /** Sends what is no message of a topic. */
  tell(text: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(text);
  }

  /** Whether a picture of a channel would be sent soon: else it need not be encoded. */
  wants(channel: number, priority: ChannelPriority): boolean {
    if (!this.subscriptions.has(channel)) return false;
    return priority !== 'picture' || this.socket.bufferedAmount <= SEND_BUDGET.picture;
  }

  /** A message of a channel, if this client reads it. */
  offer(channel: number, priority: ChannelPriority, log_ns: bigint, data: Uint8Array): void {
    const subscription = this.subscriptions.get(channel);
    if (subscription === undefined) return;
    this.queue.push(priority, { subscription, log_ns, data });
    this.pump();
  }

  /** Gives up a peer that takes nothing, and says what was left out for one that takes little. About once a second. */
  look(): void {
    if (this.socket.bufferedAmount === 0) this.moved_ms = this.now_ms();
    if (this.now_ms() - this.moved_ms > STUCK_MS) {
      this.socket.terminate();
      return;
    }
    const { dropped } = this.queue;
    if (dropped === this.told_dropped || this.socket.bufferedAmount > 0) return;
    this.tell(status('warning', `${dropped - this.told_dropped} messages left out: this connection was too slow`));
    this.told_dropped = dropped;
  }

  close(): void {
    this.socket.close(1001, 'the server ends');
  }

  private hear(text: string | null): void {
    if (!this.requests.take(this.now_ms())) {
      this.socket.close(POLICY_VIOLATION, 'too many requests');
      return;
    }
    const message = text === null ? null : parseClientMessage(text);
    if (message === null) {
      this.tell(status('error', 'refused: this server is read-only, it knows subscribe and unsubscribe'));
      return;
    }
    if (message.op === 'subscribe')
      for (const { id, channelId } of message.subscriptions) this.subscribe(id, channelId);
    else for (const id of message.subscriptionIds) this.unsubscribe(id);
  }

  private subscribe(id: number, channel: number): void {
    const refused = !this.events.hasChannel(channel)
      ? `there is no channel ${channel}`
      : this.channels.has(id)
        ? `subscription ${id} is in use`
        : this.subscriptions.has(channel)
          ? `channel ${channel} is subscribed already`
          : '';
    if (refused !== '') {
      this.tell(status('error', refused));
      return;
    }
    this.channels.set(id, channel);
    this.subscriptions.set(channel, id);
    this.events.subscribed(channel);
  }

  private unsubscribe(id: number): void {
    const channel = this.channels.get(id);
    if (channel === undefined) {
      this.tell(status('warning', `there is no subscription ${id}`));
      return;
    }
    this.channels.delete(id);
    this.subscriptions.delete(channel);
    this.queue.forget(id);
    this.events.unsubscribed(channel);
  }

  private pump(): void {
    const { socket } = this;
    while (socket.readyState === socket.OPEN) {
      const next = this.queue.next(socket.bufferedAmount);
      if (next === null) return;
      socket.send(messageData(next.subscription, next.log_ns, next.data), () => {
        this.moved_ms = this.now_ms();
        this.pump();
      });
    }
  }
}
