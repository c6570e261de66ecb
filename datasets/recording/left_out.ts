/** No room in memory, encoders that fall behind, no room on the disk, a picture that is none, or the recording's end. */
export type LeftOutReason = 'no room' | 'encoders' | 'disk' | 'refused' | 'ended';

/** Counts what is not in a recording. */
export class LeftOut {
  private readonly topics = new Map<string, number>();
  private readonly reasons = new Map<LeftOutReason, number>();
  private told = 0;
  messages = 0;

  add(topic: string, reason: LeftOutReason): void {
    this.messages++;
    this.topics.set(topic, (this.topics.get(topic) ?? 0) + 1);
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  get by_topic(): ReadonlyMap<string, number> {
    return this.topics;
  }

  /** One line on what is new since it was asked for last; empty for nothing. */
  news(): string {
    const count = this.messages - this.told;
    this.told = this.messages;
    const topics = [...this.topics].map(([topic, left_out]) => `${topic} ${left_out}`).join(', ');
    return count === 0 ? '' : `${count} messages left out, in all ${topics}`;
  }

  /** Entries of a metadata record. */
  entries(): Readonly<Record<string, string>> {
    return {
      left_out_messages: String(this.messages),
      left_out: JSON.stringify(Object.fromEntries(this.topics)),
      left_out_because: JSON.stringify(Object.fromEntries(this.reasons)),
    };
  }
}
