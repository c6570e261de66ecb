/** How much the least offset may grow a second, so that clocks that drift apart are followed. */
const DRIFT_MS_PER_S = 0.5;

/**
 * This page's clock against the sender's: the quickest message tells the offset, whatever comes later than by that was on
 * its way, or waited here. Times ms.
 */
export class ClockOffset {
  private offset_ms = Number.POSITIVE_INFINITY;
  private updated_ms = 0;

  /** When by this page's clock it was sent, at the latest. */
  sentAt_ms(sent_ms: number, received_ms: number): number {
    const grown_ms = this.offset_ms + ((received_ms - this.updated_ms) / 1000) * DRIFT_MS_PER_S;
    this.offset_ms = Math.min(grown_ms, received_ms - sent_ms);
    this.updated_ms = received_ms;
    return sent_ms + this.offset_ms;
  }

  /** After a new connection the sender may be another one. */
  reset(): void {
    this.offset_ms = Number.POSITIVE_INFINITY;
  }
}
