import { parseRosDefinition, RosCodec } from '../../ros/index.ts';
import { type FieldDifference, firstDifference } from './first_difference.ts';
import { isMeasured, withoutMeasured } from './measured.ts';
import type { StoredMessage } from './stored_messages.ts';

/** In what two messages of one topic and one instant differ first. */
export interface ComparedPair extends FieldDifference {
  readonly what: 'log_time' | 'publish_time' | 'type' | 'definition' | 'content' | 'bytes' | 'missing' | 'more';
}

export interface MatchedInstant {
  /** Every message of the recording, with its difference from the one of the replay; null for none. */
  readonly pairs: readonly { readonly message: StoredMessage; readonly difference: ComparedPair | null }[];
  /** Of the replay alone. */
  readonly more: readonly StoredMessage[];
  /** All equal, in another order. */
  readonly reordered: boolean;
}

/** Compares messages of one instant. Only what differs is decoded. */
export class MessagePairs {
  private readonly codecs = new Map<string, RosCodec>();
  /** Once a difference is told field by field, others are only counted. */
  private told = false;

  /** @param cut  the recording ends here, perhaps too early: what it lacks is not missed */
  match(recorded: readonly StoredMessage[], replayed: readonly StoredMessage[], cut: boolean): MatchedInstant {
    const inOrder = recorded.length === replayed.length && recorded.every((a, i) => this.equal(a, replayed[i]));
    if (inOrder)
      return { pairs: recorded.map((message) => ({ message, difference: null })), more: [], reordered: false };
    const pairs: { message: StoredMessage; difference: ComparedPair | null }[] = [];
    const more: StoredMessage[] = [];
    for (const topic of new Set([...recorded, ...replayed].map((message) => message.topic))) {
      const left = recorded.filter((message) => message.topic === topic);
      const right = replayed.filter((message) => message.topic === topic);
      this.pairTopic(left, right, pairs, more);
    }
    const reordered = more.length === 0 && pairs.every(({ difference }) => difference === null);
    return { pairs, more: cut ? [] : more, reordered };
  }

  /** Equal messages find each other first, whatever their order; what is left is compared in order. */
  private pairTopic(
    recorded: readonly StoredMessage[],
    replayed: readonly StoredMessage[],
    pairs: { message: StoredMessage; difference: ComparedPair | null }[],
    more: StoredMessage[],
  ): void {
    const left = [...replayed];
    const unequal: StoredMessage[] = [];
    for (const message of recorded) {
      const at = left.findIndex((other) => this.equal(message, other));
      if (at < 0) unequal.push(message);
      else {
        left.splice(at, 1);
        pairs.push({ message, difference: null });
      }
    }
    for (const message of unequal) {
      const other = left.shift();
      pairs.push({ message, difference: other === undefined ? missing(message) : this.difference(message, other) });
    }
    more.push(...left);
  }

  private equal(a: StoredMessage, b: StoredMessage): boolean {
    if (a.topic !== b.topic || a.type !== b.type || a.definition !== b.definition) return false;
    if (a.log_ns !== b.log_ns || a.publish_ns !== b.publish_ns) return false;
    if (Buffer.compare(a.data, b.data) === 0) return true;
    return isMeasured(a.topic) && this.fieldDifference(a, b) === null;
  }

  private difference(a: StoredMessage, b: StoredMessage): ComparedPair {
    if (a.type !== b.type) return { what: 'type', field: 'type', recorded: a.type, replayed: b.type };
    if (a.definition !== b.definition) return { what: 'definition', ...firstLine(a.definition, b.definition) };
    if (a.publish_ns !== b.publish_ns) {
      const [recorded, replayed] = [`${a.publish_ns} ns`, `${b.publish_ns} ns`];
      return { what: 'publish_time', field: 'publish_time', recorded, replayed };
    }
    const fields = this.told ? null : this.fieldDifference(a, b);
    this.told = true;
    if (fields !== null) return { what: 'content', ...fields };
    return { what: 'bytes', field: '', recorded: `${a.data.length} bytes`, replayed: `${b.data.length} other bytes` };
  }

  /** Null where it is the bytes alone that differ, in how fields were written. */
  private fieldDifference(a: StoredMessage, b: StoredMessage): FieldDifference | null {
    try {
      return firstDifference(withoutMeasured(a.topic, this.decode(a)), withoutMeasured(b.topic, this.decode(b)));
    } catch {
      return {
        field: '',
        recorded: `${a.data.length} bytes`,
        replayed: `${b.data.length} bytes; not both are of the type`,
      };
    }
  }

  private decode({ type, definition, data }: StoredMessage): unknown {
    const key = `${type}\n${definition}`;
    const codec = this.codecs.get(key) ?? new RosCodec(parseRosDefinition(type, definition));
    this.codecs.set(key, codec);
    return codec.decode(data);
  }
}

function missing({ topic }: StoredMessage): ComparedPair {
  return { what: 'missing', field: '', recorded: `a message of ${topic}`, replayed: 'none' };
}

function firstLine(recorded: string, replayed: string): FieldDifference {
  const [a, b] = [recorded.split('\n'), replayed.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return { field: `line ${line + 1}`, recorded: a[line] ?? 'the end', replayed: b[line] ?? 'the end' };
}
