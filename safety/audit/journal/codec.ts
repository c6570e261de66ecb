import { InputError } from '../../../contracts/index.ts';
import { BLOCK_CYCLES, EVENT_BYTES, HEAD, JournalBlock, numbersPerCycle, WORDS_PER_CYCLE } from './block.ts';

const MAGIC = 0x314a_4753;
const HEAD_BYTES = 4 + 1 + 1 + 2 + 4 + 4 + 8;

/**
 * A block as bytes. Each column of numbers is told by its difference, as an exclusive or, from the cycle before, and column by
 * column all first bytes stand before all second ones: what hardly changes becomes runs of zeros that any compressor takes
 * away. Source: T. Pelkonen et al., Gorilla, VLDB 2015 (exclusive or); Blosc's byte shuffle.
 */
export function packBlock(block: JournalBlock): Uint8Array {
  const { joints, head, events } = block;
  const cycles = head[HEAD.cycles];
  const event_bytes = head[HEAD.event_bytes];
  const columns = numbersPerCycle(joints);
  const planes = cycles * (8 * columns + 4 * WORDS_PER_CYCLE);
  const packed = new Uint8Array(HEAD_BYTES + planes + event_bytes);
  const view = new DataView(packed.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, 1);
  view.setUint8(5, joints);
  view.setUint16(6, cycles, true);
  view.setUint32(8, event_bytes, true);
  view.setUint32(12, head[HEAD.lost], true);
  view.setFloat64(16, block.first[0], true);
  let to = HEAD_BYTES;
  to = shuffle(bytesOf(block.numbers), packed, to, cycles, columns, 8);
  to = shuffle(bytesOf(block.words), packed, to, cycles, WORDS_PER_CYCLE, 4);
  packed.set(events.subarray(0, event_bytes), to);
  return packed;
}

/** The block that `packBlock` made bytes of; throws InputError for bytes that are none. */
export function unpackBlock(packed: Uint8Array): JournalBlock {
  if (packed.length < HEAD_BYTES) throw wrong(`of ${packed.length} bytes`);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw wrong('without its mark');
  if (view.getUint8(4) !== 1) throw wrong(`of version ${view.getUint8(4)}`);
  const joints = view.getUint8(5);
  const cycles = view.getUint16(6, true);
  const event_bytes = view.getUint32(8, true);
  const columns = numbersPerCycle(joints);
  const size = HEAD_BYTES + cycles * (8 * columns + 4 * WORDS_PER_CYCLE) + event_bytes;
  if (cycles > BLOCK_CYCLES || event_bytes > EVENT_BYTES || size !== packed.length) {
    throw wrong(`of ${packed.length} bytes with ${cycles} cycles and ${event_bytes} bytes of events`);
  }
  const block = new JournalBlock(joints);
  block.clear(view.getFloat64(16, true));
  block.head[HEAD.cycles] = cycles;
  block.head[HEAD.event_bytes] = event_bytes;
  block.head[HEAD.lost] = view.getUint32(12, true);
  let from = HEAD_BYTES;
  from = unshuffle(packed, from, bytesOf(block.numbers), cycles, columns, 8);
  from = unshuffle(packed, from, bytesOf(block.words), cycles, WORDS_PER_CYCLE, 4);
  block.events.set(packed.subarray(from));
  return block;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function shuffle(
  rows: Uint8Array,
  out: Uint8Array,
  to: number,
  cycles: number,
  columns: number,
  width: number,
): number {
  const row = columns * width;
  let at = to;
  for (let column = 0; column < row; column++) {
    let before = 0;
    for (let k = 0, from = column; k < cycles; k++, from += row) {
      const byte = rows[from];
      out[at++] = byte ^ before;
      before = byte;
    }
  }
  return at;
}

function unshuffle(
  packed: Uint8Array,
  from: number,
  rows: Uint8Array,
  cycles: number,
  columns: number,
  width: number,
): number {
  const row = columns * width;
  let at = from;
  for (let column = 0; column < row; column++) {
    let before = 0;
    for (let k = 0, to = column; k < cycles; k++, to += row) {
      before ^= packed[at++];
      rows[to] = before;
    }
  }
  return at;
}

const wrong = (what: string) =>
  new InputError(`block of the gate's journal ${what}`, 'must be as the journal writes it');
