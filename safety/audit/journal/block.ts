/** Cycles that a block has room for. */
export const BLOCK_CYCLES = 50;
/** Room for what the gate is told between the cycles of a block. */
export const EVENT_BYTES = 16_384;

/** Fields of a block's head. */
export const HEAD = { cycles: 0, event_bytes: 1, lost: 2, spare: 3 } as const;
const HEAD_BYTES = 8 + 4 * 4;

/** Unsigned numbers of a cycle: two hashes of what was decided, reasons, latched reasons, and FLAGS. */
export const WORDS = { motion: 0, rest: 1, reasons: 2, latched: 3, flags: 4 } as const;
export const WORDS_PER_CYCLE = 5;

/** Doubles of a cycle: time, the request's stamp and gripper, then its values, and position, velocity, effort as measured. */
export const NUMBERS = { t_s: 0, stamp_s: 1, gripper_width_m: 2, gripper_force_N: 3, values: 4 } as const;
export const numbersPerCycle = (joints: number): number => NUMBERS.values + 4 * joints;

/** Bits of a cycle's flags: kind and source of the request, the gate's mode after it, and whether the arm was measured. */
export const FLAGS = { kind: 0, source: 2, mode: 4, measured: 8, emergency: 9, length: 16 } as const;

/** What the gate is told between cycles; each with the cycle of its block that it comes before. */
export const EVENTS = [
  'begin',
  'reset',
  'grant',
  'stop',
  'reject',
  'late',
  'mode',
  'enabled',
  'pace',
  'policies',
  'obstacles',
  'bodies',
  'reject_bodies',
  'envelope',
  'acknowledge',
] as const;
export type JournalEvent = (typeof EVENTS)[number];
/** Before the content of an event: cycle, number of the event, whether it goes on in the next one, and bytes. */
export const EVENT_HEAD_BYTES = 2 + 1 + 1 + 4;

/**
 * Memory of one block: up to BLOCK_CYCLES cycles of the gate, and the events between them. Over an ArrayBuffer of its own, or
 * a place in shared memory. Everything is there from the start: filling it allocates nothing.
 */
export class JournalBlock {
  readonly joints: number;
  /** Number of the block's first cycle, counted from the gate's first. */
  readonly first: Float64Array;
  readonly head: Int32Array;
  /** A row of doubles a cycle. */
  readonly numbers: Float64Array;
  /** A row of words a cycle. */
  readonly words: Uint32Array;
  readonly events: Uint8Array;
  readonly view: DataView;

  /** @param joints  of the arm */
  constructor(joints: number, buffer: ArrayBufferLike = new ArrayBuffer(blockBytes(joints)), offset = 0) {
    this.joints = joints;
    this.first = new Float64Array(buffer, offset, 1);
    this.head = new Int32Array(buffer, offset + 8, 4);
    let at = offset + HEAD_BYTES;
    this.numbers = new Float64Array(buffer, at, BLOCK_CYCLES * numbersPerCycle(joints));
    at += this.numbers.byteLength;
    this.words = new Uint32Array(buffer, at, BLOCK_CYCLES * WORDS_PER_CYCLE);
    at += this.words.byteLength;
    this.events = new Uint8Array(buffer, at, EVENT_BYTES);
    this.view = new DataView(buffer, at, EVENT_BYTES);
  }

  get cycles(): number {
    return this.head[HEAD.cycles];
  }

  /** Blocks before this one that found no room where they should have gone. */
  get lost(): number {
    return this.head[HEAD.lost];
  }

  set lost(blocks: number) {
    this.head[HEAD.lost] = blocks;
  }

  /** Empty from cycle `first` on. */
  clear(first: number): void {
    this.first[0] = first;
    this.head[HEAD.cycles] = 0;
    this.head[HEAD.event_bytes] = 0;
  }
}

/** Bytes of a block, a multiple of 8. */
export function blockBytes(joints: number): number {
  const bytes = HEAD_BYTES + BLOCK_CYCLES * (8 * numbersPerCycle(joints) + 4 * WORDS_PER_CYCLE) + EVENT_BYTES;
  return Math.ceil(bytes / 8) * 8;
}
