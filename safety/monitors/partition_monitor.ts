import type { Finding, Monitor } from './finding.ts';

/** Peers that fell silent within this of one another were cut off together, s. */
const TOGETHER_S = 0.06;

/**
 * Peers on the bus that vanish all together: not they have died, the network has. Only those that were heard count, and
 * fewer than two say nothing of the network.
 */
export class PartitionMonitor implements Monitor {
  private readonly silence_s: number;
  private readonly heard = new Map<string, number>();

  /** @param silence_s  of all peers, each of which is heard more often than that */
  constructor(silence_s: number) {
    this.silence_s = silence_s;
  }

  hear(peer: string, now_s: number): void {
    this.heard.set(peer, now_s);
  }

  look(now_s: number): Finding | null {
    if (this.heard.size < 2) return null;
    let first_s = Number.POSITIVE_INFINITY;
    let last_s = Number.NEGATIVE_INFINITY;
    for (const at_s of this.heard.values()) {
      first_s = Math.min(first_s, at_s);
      last_s = Math.max(last_s, at_s);
    }
    if (now_s - last_s <= this.silence_s || last_s - first_s > TOGETHER_S) return null;
    const peers = [...this.heard.keys()].join(', ');
    return { fault: 'partition', detail: `${peers} vanished together, not heard for over ${1000 * this.silence_s} ms` };
  }
}
