import type { Topic } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import type { TopicMapping } from '../mapping.ts';
import type { CdrPublisher } from './cdr_topics.ts';
import { PATIENCE } from './native.ts';
import type { RosNode } from './ros_node.ts';

/** A subscriber elsewhere hears of a new publisher within this time, ms; what it published before would be lost. */
const INTRODUCTION_MS = 100;

interface Form<T> {
  readonly publisher: CdrPublisher;
  readonly codec: RosCodec;
  toRos(message: T): object;
}

/** Publishes one topic as CDR; a topic with a companion as two. Made by the first message, which waits until others know of it. */
export class Outlet<T> {
  private readonly depth: number;
  private readonly forms: readonly Form<T>[];
  private readonly retained: boolean;
  private readonly introduction: NodeJS.Timeout | null;
  private waiting: T[] | null = null;
  private count = 0;

  constructor(node: RosNode, topic: Topic<T>, mapping: TopicMapping<T>) {
    this.depth = PATIENCE * topic.qos.depth;
    this.retained = topic.qos.durability === 'transient_local';
    const { companion } = mapping;
    const form = (ros_type: string, name: string, toRos: (message: T) => object): Form<T> => ({
      publisher: node.advertise(ros_type, name, topic.qos),
      codec: new RosCodec(ros_type),
      toRos,
    });
    const { name } = topic;
    this.forms = [
      // The companion goes first, so that whoever joins the two has it when the message comes.
      ...(companion === undefined
        ? []
        : [form(companion.ros_type, `${name}${companion.suffix}`, (message) => companion.toRos(message))]),
      form(mapping.ros_type, name, (message) => mapping.toRos(message)),
    ];
    const introduced = topic.qos.reliability === 'best_effort' || this.retained;
    if (!introduced) this.waiting = [];
    const flush = node.guard.wrap(`topic ${topic.name}`, () => this.flush());
    this.introduction = introduced ? null : setTimeout(flush, INTRODUCTION_MS);
  }

  publish(message: T): void {
    this.count++;
    if (this.waiting !== null && this.forms.every(({ publisher }) => publisher.reachesAll())) this.flush();
    if (this.waiting === null) {
      this.send(message);
      return;
    }
    if (this.waiting.length === this.depth) this.waiting.shift();
    this.waiting.push(message);
  }

  /** Messages given to `publish`. */
  get published(): number {
    return this.count;
  }

  /** Subscriptions of the whole domain that match. */
  get subscribers(): number {
    return this.forms[this.forms.length - 1].publisher.subscribers();
  }

  /** Whether every subscriber has got what was published; a subscriber that is best effort has. */
  get acknowledged(): boolean {
    return this.forms.every(({ publisher }) => publisher.acknowledged());
  }

  /** Sends what waits. */
  flush(): void {
    if (this.introduction !== null) clearTimeout(this.introduction);
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const message of waiting) this.send(message);
  }

  private send(message: T): void {
    for (const { publisher, codec, toRos } of this.forms) {
      if (!this.retained && publisher.subscribers() === 0) continue;
      publisher.publish(codec.encode(toRos(message)));
    }
  }
}
