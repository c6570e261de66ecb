/** Bit beside the slot's number: the middle slot has not been taken yet. */
const FRESH = 4;
const SLOT = 3;

/** One message: the same bytes as doubles and as octets. */
export interface MailSlot {
  readonly f64: Float64Array;
  readonly u8: Uint8Array;
}

/** Bytes of shared memory for a mailbox whose messages have `bytes` bytes, a multiple of 8. */
export function mailboxBytes(bytes: number): number {
  return 8 + 3 * bytes;
}

/**
 * Latest-value mailbox between two threads over shared memory: three slots, of which the writer owns one, the reader one,
 * and the third is swapped by an atomic exchange. Neither ever waits, and no slot is written and read at once, so there is
 * no torn value to detect. One writer and one reader; a message that was not taken in time is replaced.
 * Source: H. Simpson, "Four-slot fully asynchronous communication mechanism", 1990, in its three-slot form with exchange.
 */
class Mailbox {
  protected readonly state: Int32Array;
  protected readonly slots: readonly MailSlot[];

  constructor(buffer: ArrayBufferLike, bytes: number) {
    this.state = new Int32Array(buffer, 0, 2);
    this.slots = [0, 1, 2].map((slot) => ({
      f64: new Float64Array(buffer, 8 + slot * bytes, bytes / 8),
      u8: new Uint8Array(buffer, 8 + slot * bytes, bytes),
    }));
  }
}

/** Memory full of zeros is a mailbox without a message: slot 0 in the middle, 1 the writer's, 2 the reader's. */
export class MailboxWriter extends Mailbox {
  private own = 1;

  /** What to fill before `send`; its old content is an earlier message. */
  get slot(): MailSlot {
    return this.slots[this.own];
  }

  send(): void {
    Atomics.add(this.state, 1, 1);
    this.own = Atomics.exchange(this.state, 0, this.own | FRESH) & SLOT;
  }
}

export class MailboxReader extends Mailbox {
  /** Messages taken. */
  taken = 0;
  private own = 2;

  /** The message last taken; zeros before the first. */
  get slot(): MailSlot {
    return this.slots[this.own];
  }

  /** Messages sent so far. */
  get sent(): number {
    return Atomics.load(this.state, 1);
  }

  /** Takes the newest message into `slot`; false, leaving it, when there is none since the last. */
  take(): boolean {
    if ((Atomics.load(this.state, 0) & FRESH) === 0) return false;
    this.own = Atomics.exchange(this.state, 0, this.own) & SLOT;
    this.taken++;
    return true;
  }
}
