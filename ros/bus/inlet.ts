import {
  type Handler,
  parseMessage,
  Reader,
  type ReaderWork,
  type Subscription,
  type SubscriptionStats,
  type Topic,
} from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import type { RosFields, RosLookups, TopicMapping } from '../mapping.ts';
import type { CdrSubscription } from './cdr_topics.ts';
import type { Frames } from './frames.ts';
import { Joiner } from './joiner.ts';
import type { RosNode } from './ros_node.ts';
import { WaitingRoom } from './waiting_room.ts';

/** How long a message waits for the poses of its frame, ms. */
const FRAMES_WAIT_MS = 100;

/** One message's bytes, read when the first reader takes it: what readers drop is never decoded. */
class Sample<T> {
  private readonly read: () => readonly T[];
  private messages: readonly T[] | null = null;

  constructor(read: () => readonly T[]) {
    this.read = read;
  }

  get values(): readonly T[] {
    this.messages ??= this.read();
    return this.messages;
  }
}

export interface InletParts<T> {
  readonly node: RosNode;
  readonly topic: Topic<T>;
  readonly mapping: TopicMapping<T>;
  /** The frame tree; made when the first message needs it. */
  readonly frames: () => Frames;
}

/** An inlet of whatever messages. */
export interface AnyInlet {
  readonly readers: { readonly size: number };
  stats(): readonly SubscriptionStats[];
  close(): void;
}

/** Whether an inlet's messages are those of a topic: they are parsed by the same schema. */
export function isInletOf<T>(inlet: AnyInlet, { schema }: Topic<T>): inlet is Inlet<T> {
  return inlet instanceof Inlet && inlet.schema === schema;
}

/** One topic's subscription of a node, shared by its readers. */
export class Inlet<T> implements AnyInlet {
  readonly readers = new Set<Reader<Sample<T>>>();
  readonly schema: Topic<T>['schema'];
  private readonly parts: InletParts<T>;
  private readonly codec: RosCodec;
  private readonly subscription: CdrSubscription;
  private readonly closers: (() => void)[] = [];
  private retained: Sample<T> | null = null;

  constructor(parts: InletParts<T>) {
    this.parts = parts;
    const { node, topic, mapping } = parts;
    this.schema = topic.schema;
    this.codec = new RosCodec(mapping.ros_type);
    this.subscription = node.listen(mapping.ros_type, topic.name, topic.qos, this.route());
  }

  add(subscriber: string, handler: Handler<T>): Subscription {
    const { topic } = this.parts;
    const { guard } = this.parts.node;
    const where = `${subscriber} on ${topic.name}`;
    const work: ReaderWork = { begin() {}, end() {}, failed: (error) => guard.report(error, where) };
    const each: Handler<Sample<T>> = ({ values }) =>
      values.length === 1 ? handler(values[0]) : inTurn(values, handler);
    const reader = new Reader(topic.name, subscriber, topic.backpressure, each, work);
    this.readers.add(reader);
    if (this.retained !== null) reader.offer(this.retained);
    return {
      stats: () => reader.stats(),
      unsubscribe: () => {
        reader.close();
        this.readers.delete(reader);
      },
    };
  }

  close(): void {
    for (const reader of this.readers) reader.close();
    for (const close of this.closers) close();
    this.subscription.close();
  }

  stats(): readonly SubscriptionStats[] {
    return [...this.readers].map((reader) => reader.stats());
  }

  /** What becomes of a message's bytes. */
  private route(): (cdr: Buffer) => void {
    const { companion, ros_type } = this.parts.mapping;
    if (companion !== undefined) return this.joined(companion.suffix, companion.ros_type);
    if (ros_type === 'sensor_msgs/msg/CameraInfo') return this.framed();
    return (cdr) => this.offer(new Sample(() => this.read(this.codec.decode(cdr), NO_FRAMES)));
  }

  private joined(suffix: string, ros_type: string): (cdr: Buffer) => void {
    const { node, topic } = this.parts;
    const admit = (fields: RosFields, companion: RosFields | undefined) =>
      this.offer(new Sample(() => this.read(fields, NO_FRAMES, companion)));
    const joiner = new Joiner(admit, node.guard, topic.name);
    const codec = new RosCodec(ros_type);
    const other = node.listen(ros_type, `${topic.name}${suffix}`, topic.qos, (cdr) =>
      joiner.companion(codec.decode(cdr)),
    );
    this.closers.push(
      () => joiner.close(),
      () => other.close(),
    );
    return (cdr) => joiner.message(this.codec.decode(cdr), other.publishers() > 0);
  }

  private framed(): (cdr: Buffer) => void {
    const { topic } = this.parts;
    const { guard } = this.parts.node;
    const frames = this.parts.frames();
    const where = `message on ${topic.name}`;
    const room = new WaitingRoom<Sample<T>>(FRAMES_WAIT_MS, (sample) => this.offer(sample), guard, where);
    this.closers.push(
      frames.onGrowth(() => room.retry()),
      () => room.close(),
    );
    return (cdr) => {
      const fields = this.codec.decode(cdr);
      room.add((last) => {
        let known = true;
        const transform: RosLookups['transform'] = (parent, child, stamp_ns) => {
          const pose = frames.lookup(parent, child, stamp_ns, last ? undefined : 0n);
          known &&= pose !== null;
          return pose;
        };
        try {
          const values = this.read(fields, { transform });
          return new Sample(() => values);
        } catch (error) {
          if (known || last) throw error;
          return null;
        }
      });
    };
  }

  private offer(sample: Sample<T>): void {
    if (this.parts.topic.qos.durability === 'transient_local') this.retained = sample;
    for (const reader of this.readers) reader.offer(sample);
  }

  private read(fields: RosFields, lookups: RosLookups, companion?: RosFields): readonly T[] {
    const { mapping, topic } = this.parts;
    return mapping
      .fromRos(fields, lookups, companion)
      .map((message) => parseMessage(topic.schema, message, topic.name));
  }
}

const NO_FRAMES: RosLookups = { transform: () => null };

async function inTurn<T>(values: readonly T[], handler: Handler<T>): Promise<void> {
  for (const value of values) await handler(value);
}
