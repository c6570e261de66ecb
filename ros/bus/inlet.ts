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
import type { RosLookups, TopicMapping } from '../mapping.ts';
import type { Guard } from './guard.ts';
import { rosName } from './names.ts';
import { type NativeNode, type NativeSubscription, nativeQos, type Rclnodejs } from './native.ts';

/** Bytes of one message, read once, when the first reader takes it: what readers drop is never decoded. */
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

/** One topic's subscription of a node, shared by its readers. */
export class Inlet<T> {
  private readonly node: NativeNode;
  private readonly topic: Topic<T>;
  private readonly mapping: TopicMapping<T>;
  private readonly codec: RosCodec;
  private readonly guard: Guard;
  private readonly lookups: RosLookups;
  private readonly subscription: NativeSubscription;
  private retained: Sample<T> | null = null;
  readonly readers = new Set<Reader<Sample<T>>>();

  constructor(
    rcl: Rclnodejs,
    node: NativeNode,
    topic: Topic<T>,
    mapping: TopicMapping<T>,
    lookups: RosLookups,
    guard: Guard,
  ) {
    this.node = node;
    this.topic = topic;
    this.mapping = mapping;
    this.lookups = lookups;
    this.guard = guard;
    this.codec = new RosCodec(mapping.ros_type);
    this.subscription = node.createSubscription(
      mapping.ros_type,
      rosName(topic.name),
      { qos: nativeQos(rcl, topic.qos), isRaw: true },
      guard.wrap(`message on ${topic.name}`, (cdr) => this.take(cdr)),
    );
  }

  add(subscriber: string, handler: Handler<T>): Subscription {
    const where = `${subscriber} on ${this.topic.name}`;
    const work: ReaderWork = { begin() {}, end() {}, failed: (error) => this.guard.report(error, where) };
    const each: Handler<Sample<T>> = ({ values }) =>
      values.length === 1 ? handler(values[0]) : inTurn(values, handler);
    const reader = new Reader(this.topic.name, subscriber, this.topic.backpressure, each, work);
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
    this.node.destroySubscription(this.subscription);
  }

  stats(): readonly SubscriptionStats[] {
    return [...this.readers].map((reader) => reader.stats());
  }

  private take(cdr: Buffer): void {
    const sample = new Sample(() => this.read(cdr));
    if (this.topic.qos.durability === 'transient_local') this.retained = sample;
    for (const reader of this.readers) reader.offer(sample);
  }

  private read(cdr: Buffer): readonly T[] {
    return this.mapping
      .fromRos(this.codec.decode(cdr), this.lookups)
      .map((message) => parseMessage(this.topic.schema, message, this.topic.name));
  }
}

async function inTurn<T>(values: readonly T[], handler: Handler<T>): Promise<void> {
  for (const value of values) await handler(value);
}
