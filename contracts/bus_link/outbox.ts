import type { Backpressure } from '../bus.ts';

/** Of one lane so much may be under way without an answer, and every so much is answered (bytes). */
const WINDOW = 65_536;
export const ACK_EVERY = WINDOW / 4;
/** What a message weighs beside its arrays (bytes). */
const OVERHEAD = 128;

/** Roughly the bytes of a message, from its own fields: enough to tell a picture from a state. */
export function weightOf(message: unknown): number {
  let weight = OVERHEAD;
  if (typeof message !== 'object' || message === null) return weight;
  for (const value of Object.values(message)) {
    if (ArrayBuffer.isView(value)) weight += value.byteLength;
    else if (typeof value === 'string') weight += value.length;
    else if (Array.isArray(value)) weight += 8 * value.length;
  }
  return weight;
}

interface Lane {
  readonly send: (message: unknown, lost: number) => void;
  readonly waiting: unknown[];
  unanswered: number;
  lost: number;
}

/**
 * What a port has yet to take, lane by lane. The other end answers for what it has taken; while a lane's window is full its
 * messages wait as its backpressure allows, so that an end that does not read costs bounded memory.
 */
export class Outbox {
  /** Messages that were never sent. */
  dropped = 0;
  private readonly lanes = new Map<string, Lane>();

  /** @param send  wraps and sends a message of this lane, with the number lost before it; the lane's first call counts */
  offer(
    name: string,
    backpressure: Backpressure,
    message: unknown,
    send: (message: unknown, lost: number) => void,
  ): void {
    let lane = this.lanes.get(name);
    if (lane === undefined) {
      lane = { send, waiting: [], unanswered: 0, lost: 0 };
      this.lanes.set(name, lane);
    }
    if (lane.unanswered < WINDOW) {
      put(lane, message);
      return;
    }
    const newest = backpressure.kind === 'latest';
    if (lane.waiting.length < (newest ? 1 : backpressure.depth)) lane.waiting.push(message);
    else {
      lane.lost++;
      this.dropped++;
      if (newest) lane.waiting[0] = message;
    }
  }

  /** Whether messages of a lane wait here. */
  holds(name: string): boolean {
    return (this.lanes.get(name)?.waiting.length ?? 0) > 0;
  }

  /** The other end has taken so much of a lane. */
  answered(name: string, bytes: number): void {
    const lane = this.lanes.get(name);
    if (lane === undefined) return;
    lane.unanswered = Math.max(0, lane.unanswered - bytes);
    while (lane.waiting.length > 0 && lane.unanswered < WINDOW) put(lane, lane.waiting.shift());
  }

  /** Forgets a lane that ends with its purpose. */
  end(name: string): void {
    this.lanes.delete(name);
  }
}

function put(lane: Lane, message: unknown): void {
  const { lost } = lane;
  lane.lost = 0;
  lane.unanswered += weightOf(message);
  lane.send(message, lost);
}

/** The other end of an Outbox: what came of each lane, and when to answer for it. */
export class Inbox {
  private readonly taken = new Map<string, number>();
  private readonly answer: (lane: string, bytes: number) => void;

  constructor(answer: (lane: string, bytes: number) => void) {
    this.answer = answer;
  }

  take(lane: string, message: unknown): void {
    const taken = (this.taken.get(lane) ?? 0) + weightOf(message);
    if (taken < ACK_EVERY) {
      this.taken.set(lane, taken);
      return;
    }
    this.taken.set(lane, 0);
    this.answer(lane, taken);
  }

  end(lane: string): void {
    this.taken.delete(lane);
  }
}
