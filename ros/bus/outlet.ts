import type { Topic } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import type { TopicMapping } from '../mapping.ts';
import { rosName } from './names.ts';
import { type NativeNode, type NativePublisher, nativeQos, type Rclnodejs } from './native.ts';

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface Form<T> {
  readonly publisher: NativePublisher;
  readonly codec: RosCodec;
  toRos(message: T): object;
}

/** Publishes one topic as CDR; a topic with a companion as two. */
export class Outlet<T> {
  private readonly node: NativeNode;
  private readonly forms: readonly Form<T>[];
  private readonly retained: boolean;
  private count = 0;

  constructor(rcl: Rclnodejs, node: NativeNode, topic: Topic<T>, mapping: TopicMapping<T>) {
    this.node = node;
    this.retained = topic.qos.durability === 'transient_local';
    const qos = nativeQos(rcl, topic.qos);
    const { companion } = mapping;
    const form = (ros_type: string, name: string, toRos: (message: T) => object): Form<T> => ({
      publisher: node.createPublisher(ros_type, name, { qos }),
      codec: new RosCodec(ros_type),
      toRos,
    });
    const name = rosName(topic.name);
    this.forms = [
      // The companion goes first, so that whoever joins the two has it when the message comes.
      ...(companion === undefined
        ? []
        : [form(companion.ros_type, `${name}${companion.suffix}`, (message) => companion.toRos(message))]),
      form(mapping.ros_type, name, (message) => mapping.toRos(message)),
    ];
  }

  publish(message: T): void {
    this.count++;
    for (const { publisher, codec, toRos } of this.forms) {
      if (!this.retained && publisher.subscriptionCount === 0) continue;
      publisher.publish(asBuffer(codec.encode(toRos(message))));
    }
  }

  /** Messages given to `publish`. */
  get published(): number {
    return this.count;
  }

  /** Subscriptions of the whole domain that match. */
  get subscribers(): number {
    return this.forms[this.forms.length - 1].publisher.subscriptionCount;
  }

  close(): void {
    for (const { publisher } of this.forms) this.node.destroyPublisher(publisher);
  }
}
