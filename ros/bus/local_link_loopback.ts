import type { LinkPeer } from './local_link_connection.ts';
import { FRAME, type LinkSubscription, type MessageKind } from './local_link_frames.ts';

interface Waiting {
  readonly sender: object;
  readonly ids: readonly number[];
  readonly cdr: Uint8Array;
  readonly kind: MessageKind;
}

/** The link of a process to itself: messages are handed over after the callback that published them. */
export class LinkLoopback implements LinkPeer {
  readonly participant: string;
  readonly subscriptions: ReadonlyMap<number, LinkSubscription>;
  private readonly deliver: (ids: readonly number[], cdr: Buffer, kind: MessageKind) => void;
  private queue: Waiting[] = [];
  private turn: NodeJS.Immediate | null = null;

  constructor(
    participant: string,
    subscriptions: ReadonlyMap<number, LinkSubscription>,
    deliver: (ids: readonly number[], cdr: Buffer, kind: MessageKind) => void,
  ) {
    this.participant = participant;
    this.subscriptions = subscriptions;
    this.deliver = deliver;
  }

  send(sender: object, ids: readonly number[], cdr: Uint8Array, _keep: number, kind: MessageKind): void {
    if (kind === FRAME.probe) {
      this.deliver(ids, Buffer.from(cdr), kind);
      return;
    }
    // Others may get the same bytes, and each reader may write into its own.
    this.queue.push({ sender, ids, cdr: cdr.slice(), kind });
    this.turn ??= setImmediate(() => this.flush());
  }

  holds(sender: object): boolean {
    return this.queue.some((each) => each.sender === sender);
  }

  close(): void {
    if (this.turn !== null) clearImmediate(this.turn);
    this.turn = null;
    this.queue = [];
  }

  private flush(): void {
    const { queue } = this;
    this.turn = null;
    this.queue = [];
    for (const { ids, cdr, kind } of queue)
      this.deliver(ids, Buffer.from(cdr.buffer, cdr.byteOffset, cdr.byteLength), kind);
  }
}
