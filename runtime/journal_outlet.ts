import { type NodeContext, TOPICS } from '../contracts/index.ts';
import { packBlock } from '../safety/index.ts';
import type { JournalRingReader } from './journal_ring.ts';

/** Blocks kept for a recorder that comes up later: three minutes at 500 Hz, about 25 MB. */
const MOST_KEPT = 1800;
/** Blocks published at once, well below the topic's depth: those that were kept must not overrun whoever comes to listen. */
const AT_ONCE = 2;

interface KeptBlock {
  readonly first_cycle: number;
  readonly stamp_ns: bigint;
  readonly data: Uint8Array;
}

/**
 * Publishes a gate's journal on /safety/gate_journal, off the gate's thread. A journal is of use from its first block on, so
 * blocks are kept until somebody listens; where nobody does for too long, the journal is given up.
 */
export class JournalOutlet {
  private readonly ring: JournalRingReader;
  private readonly context: NodeContext;
  private readonly most_kept: number;
  private kept: KeptBlock[] = [];
  private given_up = false;
  private told_lost = 0;

  constructor(ring: JournalRingReader, context: NodeContext, most_kept = MOST_KEPT) {
    this.ring = ring;
    this.context = context;
    this.most_kept = most_kept;
  }

  /** Takes what the gate's thread has handed out, and publishes what is due of it if somebody listens. */
  poll(): void {
    const { bus, clock, log } = this.context;
    this.ring.drain((block) => {
      if (this.given_up) return;
      this.kept.push({ first_cycle: block.first[0], stamp_ns: clock.now_ns(), data: packBlock(block) });
    });
    if (this.ring.lost > this.told_lost) {
      this.told_lost = this.ring.lost;
      log.warn({ blocks: this.told_lost }, "blocks of the gate's journal are lost: it cannot be replayed past them");
    }
    if (this.kept.length === 0) return;
    if (bus.subscribers(TOPICS.gate_journal) === 0) {
      if (this.kept.length <= this.most_kept) return;
      this.kept = [];
      this.given_up = true;
      log.info({ blocks: this.most_kept }, "nobody records the gate's journal: it is kept no more");
      return;
    }
    for (const block of this.kept.splice(0, AT_ONCE)) bus.publish(TOPICS.gate_journal, block);
  }
}
