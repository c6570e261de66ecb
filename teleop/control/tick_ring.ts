/** Ticks that are remembered: eight seconds at 30 Hz. */
const KEPT = 256;

/** When each of the newest states was made, and which joint state it showed. */
export class TickRing {
  private readonly ticks = new Float64Array(KEPT).fill(Number.NaN);
  private readonly made_ms = new Float64Array(KEPT);
  private readonly seen_ns = new BigInt64Array(KEPT);

  /** @param seen_ns  stamp of the joint state in it, robot time */
  note(tick: number, now_ms: number, seen_ns: bigint): void {
    const place = tick % KEPT;
    this.ticks[place] = tick;
    this.made_ms[place] = now_ms;
    this.seen_ns[place] = seen_ns;
  }

  /** How long ago a state was made, ms; null for one that was never made or is forgotten. */
  age_ms(tick: number, now_ms: number): number | null {
    const place = tick % KEPT;
    return this.ticks[place] === tick ? now_ms - this.made_ms[place] : null;
  }

  /** Stamp of the joint state that it showed; 0 for one that is not known. */
  seenIn_ns(tick: number): bigint {
    const place = tick % KEPT;
    return this.ticks[place] === tick ? this.seen_ns[place] : 0n;
  }
}
