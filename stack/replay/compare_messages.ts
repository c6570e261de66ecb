import { type ComparedPair, MessagePairs } from './message_pairs.ts';
import type { StoredMessage, StoredRecording } from './stored_messages.ts';

/** The first thing in which a replay differs from its recording. */
export interface MessageDifference extends ComparedPair {
  readonly topic: string;
  /** Which message of its topic, from 0. */
  readonly message: number;
  /** Log time from that of the first message, s. */
  readonly time_s: number;
}

export interface ComparedMessages {
  /** Of the recording that were compared, and those of them that were equal. */
  readonly messages: number;
  readonly equal: number;
  /** Instants at which equal messages came in another order: nodes that work at once publish as they get done. */
  readonly reordered: number;
  /** Messages that differ, by topic. */
  readonly differing: Readonly<Record<string, number>>;
  readonly first: MessageDifference | null;
}

/**
 * Compares the messages of a replay, as they come, with those of its recording: topics, types, definitions, times and bytes,
 * instant by instant of simulated time. After the first instant that only one of them has there is nothing more to compare.
 */
export class MessageComparison {
  private readonly recording: StoredRecording;
  private readonly isCompared: (message: StoredMessage) => boolean;
  private readonly pairs = new MessagePairs();
  private readonly counts = new Map<string, number>();
  private readonly differing = new Map<string, number>();
  private readonly instant: StoredMessage[] = [];
  private ahead: StoredMessage | null = null;
  private start_ns: bigint | null = null;
  private messages = 0;
  private equal = 0;
  private reordered = 0;
  private first: MessageDifference | null = null;
  private astray = false;

  /** @param isCompared  whether a message is looked at, of the recording and of the replay; all are by default */
  constructor(recording: StoredRecording, isCompared: (message: StoredMessage) => boolean = () => true) {
    this.recording = recording;
    this.isCompared = isCompared;
  }

  /** The next message of the replay. */
  async take(replayed: StoredMessage): Promise<void> {
    if (this.astray || !this.isCompared(replayed)) return;
    if (this.instant.length > 0 && this.instant[0].log_ns !== replayed.log_ns) await this.compareInstant();
    this.instant.push(replayed);
  }

  /** After the last message of the replay: reads on to the end of the recording. */
  async finish(): Promise<ComparedMessages> {
    if (this.instant.length > 0 && !this.astray) await this.compareInstant();
    for (let left = await this.next(); left !== null; left = await this.next()) {
      this.compared(left, { what: 'missing', field: '', recorded: `a message of ${left.topic}`, replayed: 'the end' });
    }
    const { messages, equal, reordered, first } = this;
    return { messages, equal, reordered, first, differing: Object.fromEntries([...this.differing].sort()) };
  }

  private async compareInstant(): Promise<void> {
    const replayed = this.instant.splice(0);
    const recorded = await this.recordedInstant();
    const [at] = replayed;
    if (recorded.length === 0) {
      this.astray = true;
      // What a cut file lost is no difference.
      if (this.recording.damage !== '') return;
      this.note(at, { what: 'more', field: '', recorded: 'the end', replayed: `a message of ${at.topic}` });
      return;
    }
    const [expected] = recorded;
    if (expected.log_ns !== at.log_ns) {
      this.astray = true;
      const named = (message: StoredMessage) => `${message.topic} at ${message.log_ns} ns`;
      const what = { what: 'log_time', field: 'log_time', recorded: named(expected), replayed: named(at) } as const;
      for (const message of recorded) this.compared(message, what);
      return;
    }
    // The end of a cut file may be within an instant.
    const cut = this.ahead === null && this.recording.damage !== '';
    const { pairs, more, reordered } = this.pairs.match(recorded, replayed, cut);
    if (reordered) this.reordered++;
    for (const { message, difference } of pairs) this.compared(message, difference);
    for (const message of more) {
      this.note(message, { what: 'more', field: '', recorded: 'none', replayed: `a message of ${message.topic}` });
    }
  }

  /** Messages of the recording's next instant. */
  private async recordedInstant(): Promise<StoredMessage[]> {
    const first = await this.next();
    if (first === null) return [];
    const messages = [first];
    for (let next = await this.next(); next !== null; next = await this.next()) {
      if (next.log_ns !== first.log_ns) {
        this.ahead = next;
        break;
      }
      messages.push(next);
    }
    return messages;
  }

  private async next(): Promise<StoredMessage | null> {
    let message = this.ahead ?? (await this.recording.next());
    while (message !== null && !this.isCompared(message)) message = await this.recording.next();
    this.ahead = null;
    if (message !== null) this.start_ns ??= message.log_ns;
    return message;
  }

  private compared(message: StoredMessage, difference: ComparedPair | null): void {
    this.messages++;
    if (difference === null) this.equal++;
    else {
      this.differing.set(message.topic, (this.differing.get(message.topic) ?? 0) + 1);
      this.note(message, difference);
    }
    this.counts.set(message.topic, (this.counts.get(message.topic) ?? 0) + 1);
  }

  private note({ topic, log_ns }: StoredMessage, difference: ComparedPair): void {
    const time_s = Number(log_ns - (this.start_ns ?? log_ns)) / 1e9;
    this.first ??= { topic, message: this.counts.get(topic) ?? 0, time_s, ...difference };
  }
}
