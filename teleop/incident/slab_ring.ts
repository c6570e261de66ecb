/** A message as it is recorded. */
export interface KeptMessage {
  readonly channel: number;
  readonly log_ns: bigint;
  readonly data: Uint8Array;
}

export interface SlabRingLimits {
  /** How long messages are kept, ms. */
  readonly window_ms: number;
  /** Memory of everything together, bytes. */
  readonly bytes: number;
  /** Of one slab, bytes. */
  readonly slab_bytes: number;
}

interface Slab {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
  messages: number;
  from_ms: number;
  to_ms: number;
  /** Somebody reads it: its memory is not used again. */
  lent: boolean;
}

/** Before each message: channel u16, 0 u16, length u32, log time i64. */
const HEADER = 16;

/**
 * The messages of the last while, copied one behind the other into slabs of memory that are used again: no garbage, however
 * many there are. What is too old goes by slabs; where memory is short the oldest slab goes before its time.
 */
export class SlabRing {
  private readonly limits: SlabRingLimits;
  private readonly onDrop: (message: KeptMessage) => void;
  private slabs: Slab[] = [];
  private spare: Slab | null = null;
  private held = 0;

  /** @param onDrop  hears every message that goes; its data is only valid until it returns */
  constructor(limits: SlabRingLimits, onDrop: (message: KeptMessage) => void = () => {}) {
    this.limits = limits;
    this.onDrop = onDrop;
  }

  /** Memory taken, bytes. */
  get bytes(): number {
    return this.held + (this.spare?.bytes.byteLength ?? 0);
  }

  get messages(): number {
    return this.slabs.reduce((sum, { messages }) => sum + messages, 0);
  }

  /** When the oldest message that is kept came; null for none. */
  get from_ms(): number | null {
    return this.slabs.at(0)?.from_ms ?? null;
  }

  /** @param now_ms  a clock that does not go back */
  add(channel: number, now_ms: number, log_ns: bigint, data: Uint8Array): void {
    this.dropBefore(now_ms - this.limits.window_ms);
    const size = HEADER + data.byteLength;
    if (size > this.limits.bytes / 4) return;
    const slab = this.slabFor(size, now_ms);
    slab.view.setUint16(slab.used, channel, true);
    slab.view.setUint32(slab.used + 4, data.byteLength, true);
    slab.view.setBigInt64(slab.used + 8, log_ns, true);
    slab.bytes.set(data, slab.used + HEADER);
    slab.used += size;
    slab.messages++;
    slab.to_ms = now_ms;
  }

  /** Drops what came before; whole slabs, so that a little that is older may stay. */
  dropBefore(at_ms: number): void {
    while (this.slabs.length > 0 && this.slabs[0].to_ms < at_ms) this.dropOldest();
  }

  /** What is kept from a time on, as it is now, oldest first, of a slab each; it may be read later. */
  since(from_ms: number): Iterable<readonly KeptMessage[]> {
    const lent = this.slabs.filter(({ to_ms }) => to_ms >= from_ms).map((slab) => ({ slab, used: slab.used }));
    for (const { slab } of lent) slab.lent = true;
    return contentsOf(lent);
  }

  private slabFor(size: number, now_ms: number): Slab {
    const last = this.slabs.at(-1);
    if (last !== undefined && last.used + size <= last.bytes.byteLength) return last;
    const wanted = Math.max(size, this.limits.slab_bytes);
    while (this.slabs.length > 0 && this.held + wanted > this.limits.bytes) this.dropOldest();
    const slab = this.spare !== null && this.spare.bytes.byteLength === wanted ? this.spare : made(wanted);
    if (slab === this.spare) this.spare = null;
    slab.used = 0;
    slab.messages = 0;
    slab.from_ms = now_ms;
    slab.to_ms = now_ms;
    this.held += slab.bytes.byteLength;
    this.slabs.push(slab);
    return slab;
  }

  private dropOldest(): void {
    const slab = this.slabs.shift();
    if (slab === undefined) return;
    this.held -= slab.bytes.byteLength;
    for (const message of messagesIn(slab.bytes, slab.view, slab.used)) this.onDrop(message);
    if (slab.bytes.byteLength === this.limits.slab_bytes && !slab.lent) this.spare = slab;
  }
}

function made(bytes: number): Slab {
  const memory = new Uint8Array(bytes);
  return { bytes: memory, view: new DataView(memory.buffer), used: 0, messages: 0, from_ms: 0, to_ms: 0, lent: false };
}

function* contentsOf(
  lent: readonly { readonly slab: Slab; readonly used: number }[],
): Generator<readonly KeptMessage[]> {
  for (const { slab, used } of lent) yield [...messagesIn(slab.bytes, slab.view, used)];
}

function* messagesIn(bytes: Uint8Array, view: DataView, used: number): Generator<KeptMessage> {
  for (let at = 0; at < used; ) {
    const length = view.getUint32(at + 4, true);
    const data = bytes.subarray(at + HEADER, at + HEADER + length);
    yield { channel: view.getUint16(at, true), log_ns: view.getBigInt64(at + 8, true), data };
    at += HEADER + length;
  }
}
