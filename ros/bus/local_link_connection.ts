import type { Socket } from 'node:net';
import {
  controlFrame,
  FRAME,
  type FrameKind,
  FrameReader,
  type LinkHello,
  type LinkSubscription,
  type MessageKind,
  messageFrame,
  readHello,
  readMessage,
  readSeen,
  readSubscription,
  readUnsubscribe,
  seenFrame,
  unsubscribeFrame,
} from './local_link_frames.ts';
import { LinkOutbox } from './local_link_outbox.ts';

/** A process that links reach, this one included. */
export interface LinkPeer {
  /** What the ids of its endpoints in the graph begin with. */
  readonly participant: string;
  readonly subscriptions: ReadonlyMap<number, LinkSubscription>;
  /**
   * @param sender  the publisher; its messages keep their order
   * @param keep  most of its messages that wait for a peer that does not read
   */
  send(sender: object, ids: readonly number[], cdr: Uint8Array, keep: number, kind: MessageKind): void;
  /** Whether messages of this publisher still wait here. */
  holds(sender: object): boolean;
}

export interface ConnectionEvents {
  /** Checks who it is; throws to refuse. */
  onHello(hello: LinkHello): void;
  onChange(): void;
  /** @param seen  answers a probe */
  onMessage(ids: readonly number[], cdr: Buffer, kind: MessageKind, seen: (token: number) => void): void;
  onSeen(token: number): void;
  /** @param fault  why this side closed it; null when the other did */
  onClose(fault: string | null): void;
}

/** Bytes that wait for a peer that does not read; beyond it the connection is given up. */
const MOST_BYTES = 64 * 2 ** 20;
const HELLO_WAIT_MS = 10_000;
const MOST_SUBSCRIPTIONS = 10_000;
const CONTROL = {};

/** One connection to another process of this user and domain. */
export class LinkConnection implements LinkPeer {
  readonly subscriptions = new Map<number, LinkSubscription>();
  private readonly socket: Socket;
  private readonly events: ConnectionEvents;
  private readonly outbox = new LinkOutbox();
  private readonly patience: NodeJS.Timeout;
  private readonly written = () => this.pump();
  private readonly seen = (token: number) => this.write(CONTROL, [seenFrame(token)], Number.POSITIVE_INFINITY);
  private hello: LinkHello | null = null;
  private fault: string | null = null;

  constructor(socket: Socket, own: LinkHello, events: ConnectionEvents) {
    this.socket = socket;
    this.events = events;
    const reader = new FrameReader((kind, body) => this.take(kind, body));
    socket.on('data', (chunk: Buffer) => {
      if (this.fault !== null) return;
      try {
        reader.push(chunk);
      } catch (error) {
        this.close(error instanceof Error ? error.message : String(error));
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(this.patience);
      events.onClose(this.fault);
    });
    this.patience = setTimeout(() => this.close('it does not say who it is'), HELLO_WAIT_MS).unref();
    socket.unref();
    this.write(CONTROL, [controlFrame(FRAME.hello, own)], Number.POSITIVE_INFINITY);
  }

  get participant(): string {
    return this.hello?.participant ?? '';
  }

  get peerHello(): LinkHello | null {
    return this.hello;
  }

  get dropped(): number {
    return this.outbox.dropped;
  }

  /** Whether all that was sent has left this process. */
  get flushed(): boolean {
    return this.fault !== null || (this.outbox.empty && this.socket.writableLength === 0);
  }

  announce(subscription: LinkSubscription): void {
    this.write(CONTROL, [controlFrame(FRAME.subscribe, subscription)], Number.POSITIVE_INFINITY);
  }

  retract(id: number): void {
    this.write(CONTROL, [unsubscribeFrame(id)], Number.POSITIVE_INFINITY);
  }

  send(sender: object, ids: readonly number[], cdr: Uint8Array, keep: number, kind: MessageKind): void {
    this.write(sender, messageFrame(ids, cdr, kind), keep);
  }

  holds(sender: object): boolean {
    return this.outbox.has(sender);
  }

  close(fault: string): void {
    this.fault ??= fault;
    this.socket.destroy();
  }

  private write(key: object, pieces: readonly Uint8Array[], keep: number): void {
    if (this.fault !== null) return;
    if (this.outbox.empty && this.socket.writableLength === 0) {
      this.put(pieces);
      return;
    }
    this.outbox.add(key, pieces, keep);
    if (this.outbox.bytes > MOST_BYTES) this.close('it does not read');
  }

  private pump(): void {
    while (this.fault === null && this.socket.writableLength === 0) {
      const pieces = this.outbox.next();
      if (pieces === undefined) return;
      this.put(pieces);
    }
  }

  private put(pieces: readonly Uint8Array[]): void {
    const { socket } = this;
    if (pieces.length === 1) {
      socket.write(pieces[0], this.written);
      return;
    }
    socket.cork();
    for (let i = 0; i < pieces.length - 1; i++) socket.write(pieces[i]);
    socket.write(pieces[pieces.length - 1], this.written);
    socket.uncork();
  }

  private take(kind: FrameKind, body: Buffer): void {
    if (this.fault !== null) return;
    if (kind === FRAME.hello) {
      if (this.hello !== null) throw new Error('a second hello');
      const hello = readHello(body);
      this.events.onHello(hello);
      clearTimeout(this.patience);
      this.hello = hello;
      for (const each of hello.subscriptions) this.subscriptions.set(each.id, each);
      this.events.onChange();
      return;
    }
    if (this.hello === null) throw new Error('a frame before its hello');
    switch (kind) {
      case FRAME.subscribe: {
        const subscription = readSubscription(body);
        if (this.subscriptions.size >= MOST_SUBSCRIPTIONS) throw new Error('too many subscriptions');
        this.subscriptions.set(subscription.id, subscription);
        this.events.onChange();
        return;
      }
      case FRAME.unsubscribe:
        this.subscriptions.delete(readUnsubscribe(body));
        this.events.onChange();
        return;
      case FRAME.message:
      case FRAME.drained:
      case FRAME.probe: {
        const { ids, cdr } = readMessage(body);
        this.events.onMessage(ids, cdr, kind, this.seen);
        return;
      }
      case FRAME.seen:
        this.events.onSeen(readSeen(body));
        return;
      default:
        kind satisfies never;
    }
  }
}
