import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { blockBytes, type JournalBlock, packBlock, unpackBlock } from '../safety/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { createJournalMemory, JournalRingReader, JournalRingWriter } from './journal_ring.ts';

const JOINTS = 7;
const SLOTS = 64;

function ring() {
  const memory = createJournalMemory(JOINTS);
  return { writer: new JournalRingWriter(memory, JOINTS), reader: new JournalRingReader(memory, JOINTS) };
}

describe('the ring of journal blocks', () => {
  it('gives every block on once, in order and as it was filled, whatever the pace of its reader', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'ring');
      const { writer, reader } = ring();
      let block = writer.first;
      const read: number[] = [];
      for (let k = 0; k < 1000; k++) {
        block.clear(k);
        block.numbers.fill(k, 0, 100);
        block = writer.take(block);
        if (rng.range(0, 1) < 0.05)
          reader.drain(({ first, numbers }) => {
            if (numbers[0] !== first[0] || numbers[99] !== first[0])
              throw new Error(`block ${first[0]} of seed ${seed}`);
            read.push(first[0]);
          });
      }
      reader.drain(({ first }) => read.push(first[0]));
      expect(read, `seed ${seed}`).toEqual([...read].sort((a, b) => a - b));
      expect(new Set(read).size + writer.lost, `seed ${seed}`).toBe(1000);
    }
  });

  it('loses only what has no room, and says so in every block after it', () => {
    const { writer, reader } = ring();
    let block = writer.first;
    const fill = (from: number, to: number) => {
      for (let k = from; k < to; k++) {
        block.clear(k);
        block = writer.take(block);
      }
    };
    fill(0, SLOTS + 4);
    expect(reader.lost).toBe(5);
    const kept: { first: number; lost: number }[] = [];
    const keep = (read: JournalBlock) => {
      const { first, lost } = unpackBlock(packBlock(read));
      kept.push({ first: first[0], lost });
    };
    reader.drain(keep);
    fill(SLOTS + 4, SLOTS + 5);
    reader.drain(keep);
    expect(kept).toHaveLength(SLOTS);
    expect(kept.slice(-2)).toEqual([
      { first: SLOTS - 2, lost: 0 },
      { first: SLOTS + 4, lost: 5 },
    ]);
  });

  it('allocates nothing when a block is handed out', () => {
    const { writer, reader } = ring();
    let block = writer.first;
    const skip = () => {};
    const work = () => {
      block = writer.take(block);
      reader.drain(skip);
    };
    expect(heapGrowthPerCall(work)).toBeLessThanOrEqual(BOXED_NUMBER);
  });

  it('has the room that it says', () => {
    expect(createJournalMemory(JOINTS).byteLength).toBe(16 + SLOTS * blockBytes(JOINTS));
  });
});
