import type { KeptMessage } from './slab_ring.ts';

/** The last messages of channels whose messages hold until there are others. */
export class Standing {
  private readonly channels: Map<number, readonly KeptMessage[]>;

  constructor(channels: ReadonlyMap<number, readonly KeptMessage[]> = new Map()) {
    this.channels = new Map(channels);
  }

  get bytes(): number {
    return [...this.channels.values()].flat().reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** @param most  messages of its channel that hold at once; 0 for none */
  add(message: KeptMessage, most: number): void {
    if (most === 0) return;
    const known = this.channels.get(message.channel) ?? [];
    this.channels.set(message.channel, [...known, message].slice(-most));
  }

  copy(): Standing {
    return new Standing(this.channels);
  }

  /** All of them, which stand here no more. */
  takeAll(): readonly KeptMessage[] {
    if (this.channels.size === 0) return [];
    const all = [...this.channels.values()].flat();
    this.channels.clear();
    return all;
  }
}
