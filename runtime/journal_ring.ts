import { type BlockSink, blockBytes, JournalBlock } from '../safety/index.ts';

/** Blocks that wait for the reader, and the one that is being filled; 64 blocks of 50 cycles are 6.4 s at 500 Hz. */
const SLOTS = 64;
/** Counts, each written by one side only: blocks handed out, blocks read, blocks lost. */
const COUNTS = { written: 0, read: 1, lost: 2, size: 4 } as const;

/** Shared memory for the journal of a gate of so many joints. */
export function createJournalMemory(joints: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * COUNTS.size + SLOTS * blockBytes(joints));
}

/** Ring of blocks between one thread that fills them and one that reads them; neither ever waits. */
class JournalRing {
  protected readonly counts: Int32Array;
  protected readonly blocks: readonly JournalBlock[];

  constructor(memory: SharedArrayBuffer, joints: number) {
    this.counts = new Int32Array(memory, 0, COUNTS.size);
    this.blocks = Array.from(
      { length: SLOTS },
      (_, slot) => new JournalBlock(joints, memory, 4 * COUNTS.size + slot * blockBytes(joints)),
    );
  }

  /** Blocks that found no room, all in all. */
  get lost(): number {
    return Atomics.load(this.counts, COUNTS.lost);
  }
}

/** The gate's side. Handing a block out swaps numbers and allocates nothing. */
export class JournalRingWriter extends JournalRing implements BlockSink {
  /** To be filled first. */
  get first(): JournalBlock {
    return this.blocks[0];
  }

  /** Where the reader is too far behind the block is lost and counted, in every block after it too. */
  take(block: JournalBlock): JournalBlock {
    const { counts } = this;
    const written = Atomics.load(counts, COUNTS.written);
    if (written - Atomics.load(counts, COUNTS.read) >= SLOTS - 1) {
      Atomics.add(counts, COUNTS.lost, 1);
      return block;
    }
    block.lost = Atomics.load(counts, COUNTS.lost);
    Atomics.store(counts, COUNTS.written, written + 1);
    return this.blocks[(written + 1) % SLOTS];
  }
}

export class JournalRingReader extends JournalRing {
  /** Gives `take` every block that was handed out since, the oldest first; it may keep nothing of them. */
  drain(take: (block: JournalBlock) => void): void {
    const { counts } = this;
    const written = Atomics.load(counts, COUNTS.written);
    for (let read = Atomics.load(counts, COUNTS.read); read !== written; ) {
      take(this.blocks[read % SLOTS]);
      Atomics.store(counts, COUNTS.read, ++read);
    }
  }
}
