import { z } from 'zod';

/**
 * Kinds of frames. `drained`: a message before which the reader hears what the middleware holds for it. `probe`: a message
 * that comes by the middleware (its first id is a token); `seen`: it has come.
 */
export const FRAME = { hello: 0, subscribe: 1, unsubscribe: 2, message: 3, drained: 4, probe: 5, seen: 6 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** Kinds that carry a message. */
export type MessageKind = typeof FRAME.message | typeof FRAME.drained | typeof FRAME.probe;

export const LINK_VERSION = 1;
const PREFIX_BYTES = 5;
/** Longest frame, bytes: messages, and all others. */
const LONGEST_MESSAGE = 64 * 2 ** 20;
const LONGEST_CONTROL = 2 ** 20;
/** Memory is given to a frame as its bytes come, not as its length claims. */
const FIRST_ROOM = 2 ** 20;

const subscription = z.strictObject({
  id: z.int().min(0).max(0xffff_ffff),
  topic: z.string().min(1).max(1024),
  type: z.string().min(1).max(1024),
  reliability: z.enum(['reliable', 'best_effort']),
});
/** One subscription of a process, by its full topic name. */
export type LinkSubscription = Readonly<z.infer<typeof subscription>>;

const hello = z.strictObject({
  version: z.literal(LINK_VERSION),
  domain: z.int(),
  /** What the ids of all the process's endpoints in the graph begin with. */
  participant: z.string().regex(/^[0-9a-f]{24}$/),
  socket: z.string().max(100),
  subscriptions: z.array(subscription).max(10_000),
});
export type LinkHello = Readonly<z.infer<typeof hello>>;

export const readHello = (body: Buffer): LinkHello => hello.parse(JSON.parse(body.toString('utf8')));
export const readSubscription = (body: Buffer): LinkSubscription =>
  subscription.parse(JSON.parse(body.toString('utf8')));

export function readUnsubscribe(body: Buffer): number {
  if (body.length !== 4) throw new Error(`an end of a subscription of ${body.length} bytes`);
  return body.readUInt32LE(0);
}

/** Who a message is for, and its bytes. */
export function readMessage(body: Buffer): { readonly ids: readonly number[]; readonly cdr: Buffer } {
  const count = body.readUInt16LE(0);
  const start = 2 + 4 * count;
  if (count === 0 || start > body.length) throw new Error(`a message of ${body.length} bytes for ${count}`);
  return { ids: Array.from({ length: count }, (_, i) => body.readUInt32LE(2 + 4 * i)), cdr: body.subarray(start) };
}

export function readSeen(body: Buffer): number {
  if (body.length !== 4) throw new Error(`a sight of a message of ${body.length} bytes`);
  return body.readUInt32LE(0);
}

export const controlFrame = (kind: 0 | 1, content: LinkHello | LinkSubscription): Buffer => {
  const text = Buffer.from(JSON.stringify(content));
  return Buffer.concat([frameHead(kind, text.length), text]);
};

export const unsubscribeFrame = (id: number): Buffer => numberFrame(FRAME.unsubscribe, id);
export const seenFrame = (token: number): Buffer => numberFrame(FRAME.seen, token);

function numberFrame(kind: FrameKind, value: number): Buffer {
  const frame = Buffer.concat([frameHead(kind, 4), Buffer.alloc(4)]);
  frame.writeUInt32LE(value, PREFIX_BYTES);
  return frame;
}

/** What goes before the bytes of a message; in one piece with them while they are few. */
export function messageFrame(ids: readonly number[], cdr: Uint8Array, kind: MessageKind): readonly Uint8Array[] {
  const length = 2 + 4 * ids.length;
  const small = cdr.length <= SMALL;
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + length + (small ? cdr.length : 0));
  frame.writeUInt32LE(length + cdr.length, 0);
  frame[4] = kind;
  frame.writeUInt16LE(ids.length, PREFIX_BYTES);
  for (let i = 0; i < ids.length; i++) frame.writeUInt32LE(ids[i], PREFIX_BYTES + 2 + 4 * i);
  if (!small) return [frame, cdr];
  frame.set(cdr, PREFIX_BYTES + length);
  return [frame];
}
const SMALL = 4096;

function frameHead(kind: FrameKind, length: number): Buffer {
  const head = Buffer.alloc(PREFIX_BYTES);
  head.writeUInt32LE(length, 0);
  head[4] = kind;
  return head;
}

const isMessage = (kind: FrameKind) => kind === FRAME.message || kind === FRAME.drained || kind === FRAME.probe;

function kindOf(code: number): FrameKind {
  const kind = Object.values(FRAME).find((each) => each === code);
  if (kind === undefined) throw new Error(`a frame of kind ${code}`);
  return kind;
}

/** Cuts a stream of bytes into frames. Throws for a kind or length that no frame has. */
export class FrameReader {
  private readonly take: (kind: FrameKind, body: Buffer) => void;
  private readonly head = Buffer.alloc(PREFIX_BYTES);
  private headed = 0;
  private body: Buffer | null = null;
  private filled = 0;

  constructor(take: (kind: FrameKind, body: Buffer) => void) {
    this.take = take;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.headed < PREFIX_BYTES) {
        const part = Math.min(PREFIX_BYTES - this.headed, chunk.length - at);
        chunk.copy(this.head, this.headed, at, at + part);
        this.headed += part;
        at += part;
        if (this.headed < PREFIX_BYTES) return;
      }
      const kind = kindOf(this.head[4]);
      const length = this.head.readUInt32LE(0);
      if (length > (isMessage(kind) ? LONGEST_MESSAGE : LONGEST_CONTROL)) throw new Error(`a frame of ${length} bytes`);
      const part = Math.min(length - this.filled, chunk.length - at);
      if (this.body === null && part === length) {
        at += part;
        this.finish(kind, chunk.subarray(at - part, at));
        continue;
      }
      const body = this.room(this.filled + part, length);
      chunk.copy(body, this.filled, at, at + part);
      this.filled += part;
      at += part;
      if (this.filled === length) this.finish(kind, body.subarray(0, length));
    }
  }

  private finish(kind: FrameKind, body: Buffer): void {
    this.headed = 0;
    this.filled = 0;
    this.body = null;
    this.take(kind, body);
  }

  private room(needed: number, length: number): Buffer {
    const old = this.body;
    if (old !== null && old.length >= needed) return old;
    const body = Buffer.allocUnsafeSlow(Math.min(length, Math.max(FIRST_ROOM, 2 * needed)));
    if (old !== null) old.copy(body, 0, 0, this.filled);
    this.body = body;
    return body;
  }
}
