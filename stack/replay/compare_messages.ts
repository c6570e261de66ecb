import { parseRosDefinition, RosCodec } from '../../ros/index.ts';
import { type FieldDifference, firstDifference } from './first_difference.ts';
import { isMeasured, withoutMeasured } from './measured.ts';
import type { StoredMessage, StoredRecording } from './stored_messages.ts';

/** The first thing in which a replay differs from its recording. */
export interface MessageDifference extends FieldDifference {
  readonly topic: string;
  /** Which message of its topic, from 0. */
  readonly message: number;
  /** Log time from that of the first message, s. */
  readonly time_s: number;
  readonly what:
    | 'order'
    | 'type'
    | 'definition'
    | 'log_time'
    | 'publish_time'
    | 'content'
    | 'bytes'
    | 'missing'
    | 'more';
}

export interface ComparedMessages {
  /** Of the recording that were compared, and those of them that were equal. */
  readonly messages: number;
  readonly equal: number;
  /** Messages that differ, by topic. */
  readonly differing: Readonly<Record<string, number>>;
  readonly first: MessageDifference | null;
}

/**
 * Compares the messages of a replay, as they come, with those of its recording: topic, type, definition, times, order and
 * bytes. After the first message out of order there is nothing more to compare.
 */
export class MessageComparison {
  private readonly recording: StoredRecording;
  private readonly counts = new Map<string, number>();
  private readonly differing = new Map<string, number>();
  private readonly codecs = new Map<string, RosCodec>();
  private start_ns: bigint | null = null;
  private messages = 0;
  private equal = 0;
  private first: MessageDifference | null = null;
  private astray = false;

  constructor(recording: StoredRecording) {
    this.recording = recording;
  }

  /** The next message of the replay. */
  async take(replayed: StoredMessage): Promise<void> {
    if (this.astray) return;
    const recorded = await this.recording.next();
    if (recorded === null) {
      this.astray = true;
      // What a cut file lost is no difference.
      if (this.recording.damage === '') {
        this.note(replayed, {
          what: 'more',
          field: '',
          recorded: 'the end',
          replayed: `a message of ${replayed.topic}`,
        });
      }
      return;
    }
    this.messages++;
    const difference = this.compare(recorded, replayed);
    if (difference === null) this.equal++;
    else {
      this.differing.set(recorded.topic, (this.differing.get(recorded.topic) ?? 0) + 1);
      this.note(recorded, difference);
      this.astray = difference.what === 'order';
    }
    this.counts.set(recorded.topic, (this.counts.get(recorded.topic) ?? 0) + 1);
  }

  /** After the last message of the replay: reads on to the end of the recording. */
  async finish(): Promise<ComparedMessages> {
    for (let left = await this.recording.next(); left !== null; left = await this.recording.next()) {
      this.messages++;
      this.differing.set(left.topic, (this.differing.get(left.topic) ?? 0) + 1);
      this.note(left, { what: 'missing', field: '', recorded: `a message of ${left.topic}`, replayed: 'the end' });
    }
    const { messages, equal, first } = this;
    return { messages, equal, first, differing: Object.fromEntries([...this.differing].sort()) };
  }

  private note({ topic, log_ns }: StoredMessage, difference: Omit<MessageDifference, 'topic' | 'message' | 'time_s'>) {
    const time_s = Number(log_ns - (this.start_ns ?? log_ns)) / 1e9;
    this.first ??= { topic, message: this.counts.get(topic) ?? 0, time_s, ...difference };
  }

  private compare(a: StoredMessage, b: StoredMessage) {
    this.start_ns ??= a.log_ns;
    if (a.topic !== b.topic) return { what: 'order', field: 'topic', recorded: a.topic, replayed: b.topic } as const;
    if (a.type !== b.type) return { what: 'type', field: 'type', recorded: a.type, replayed: b.type } as const;
    if (a.log_ns !== b.log_ns) return times('log_time', a.log_ns, b.log_ns);
    if (a.publish_ns !== b.publish_ns) return times('publish_time', a.publish_ns, b.publish_ns);
    if (a.definition !== b.definition) {
      return { what: 'definition', ...firstLine(a.definition, b.definition) } as const;
    }
    if (Buffer.compare(a.data, b.data) === 0) return null;
    // Where the first difference is known, the others are only counted.
    return this.first !== null && !isMeasured(a.topic)
      ? ({ what: 'bytes', field: '', ...lengths(a, b) } as const)
      : this.compareFields(a, b);
  }

  private compareFields(a: StoredMessage, b: StoredMessage) {
    const codec = this.codecs.get(a.type) ?? new RosCodec(parseRosDefinition(a.type, a.definition));
    this.codecs.set(a.type, codec);
    const [recorded, replayed] = [codec.decode(a.data), codec.decode(b.data)];
    const all = firstDifference(recorded, replayed);
    // Equal fields in other bytes: the way they were written differs.
    if (all === null) return { what: 'bytes', field: '', ...lengths(a, b) } as const;
    const told = firstDifference(withoutMeasured(a.topic, recorded), withoutMeasured(a.topic, replayed));
    return told === null ? null : ({ what: 'content', ...told } as const);
  }
}

function times(what: 'log_time' | 'publish_time', recorded: bigint, replayed: bigint) {
  return { what, field: what, recorded: `${recorded} ns`, replayed: `${replayed} ns` };
}

function lengths(a: StoredMessage, b: StoredMessage) {
  return { recorded: `${a.data.length} bytes`, replayed: `${b.data.length} bytes of the same fields` };
}

function firstLine(recorded: string, replayed: string): FieldDifference {
  const [a, b] = [recorded.split('\n'), replayed.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  return { field: `line ${at + 1}`, recorded: a[at] ?? 'the end', replayed: b[at] ?? 'the end' };
}
