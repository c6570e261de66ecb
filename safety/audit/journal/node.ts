import { createHash } from 'node:crypto';
import { type Node, type NodeContext, TOPICS } from '../../../contracts/index.ts';
import type { JournalBlock } from './block.ts';
import { packBlock } from './codec.ts';
import type { JournalledGate } from './journalled_gate.ts';

/** Publishes a gate's journal on /safety/gate_journal, a block at a time; to be activated before the gate's first cycle. */
export class JournalNode implements Node {
  readonly name = 'gate_journal';
  private readonly gate: JournalledGate;
  private readonly hash = createHash('sha256');
  private context: NodeContext | null = null;
  private bytes = 0;

  constructor(gate: JournalledGate) {
    this.gate = gate;
  }

  /** SHA-256 of all blocks so far, one after the other, lower-case hex. */
  get sha256(): string {
    return this.hash.copy().digest('hex');
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    this.gate.journalTo({ take: (block) => this.publish(block) });
  }

  /** Publishes what has been written so far of the block that is being filled. */
  flush(): void {
    this.gate.flushJournal();
  }

  deactivate(): void {
    this.flush();
    this.context = null;
  }

  async cleanup(): Promise<void> {}

  diagnostics(): Readonly<Record<string, string | number>> {
    return { bytes: this.bytes };
  }

  private publish(block: JournalBlock): JournalBlock {
    if (this.context === null) return block;
    const { bus, clock } = this.context;
    const data = packBlock(block);
    this.hash.update(data);
    this.bytes += data.length;
    bus.publish(TOPICS.gate_journal, { stamp_ns: clock.now_ns(), first_cycle: block.first[0], data });
    return block;
  }
}
