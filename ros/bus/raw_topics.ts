import type { Qos } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import type { RosFields } from '../mapping.ts';
import type { Guard } from './guard.ts';
import { rosName } from './names.ts';
import { type NativeNode, nativeQos, type Rclnodejs } from './native.ts';
import { ServiceCaller, serveFields } from './services.ts';

/** A publisher of one ROS type. */
export interface RawPublisher {
  /** Absent fields become zero, empty or false. */
  publish(fields: object): void;
  /** Subscriptions of the whole domain that match. */
  readonly subscribers: number;
  close(): void;
}

/** Topics and services of any type by their ROS fields, for what has no mapping: lifecycle, parameters, foreign nodes. */
export class RawTopics {
  private readonly rcl: Rclnodejs;
  private readonly node: NativeNode;
  private readonly wait_ms: number;
  private readonly guard: Guard;
  private readonly callers = new Map<string, ServiceCaller>();
  private readonly open = new Set<() => void>();

  constructor(rcl: Rclnodejs, node: NativeNode, wait_ms: number, guard: Guard) {
    this.rcl = rcl;
    this.node = node;
    this.wait_ms = wait_ms;
    this.guard = guard;
  }

  /** @param type  e.g. `lifecycle_msgs/msg/TransitionEvent`; @param name  as in the contracts, or private: `~/transition_event` */
  advertise(type: string, name: string, qos: Qos): RawPublisher {
    const codec = new RosCodec(type);
    const publisher = this.node.createPublisher(type, rosName(name), { qos: nativeQos(this.rcl, qos) });
    const close = this.once(() => this.node.destroyPublisher(publisher));
    return {
      publish: (fields) => publisher.publish(Buffer.from(codec.encode(fields))),
      get subscribers() {
        return publisher.subscriptionCount;
      },
      close,
    };
  }

  /** Calls `handler` with the fields of every message, at once as they come. Returns what ends it. */
  subscribe(type: string, name: string, qos: Qos, handler: (fields: RosFields) => void): () => void {
    const codec = new RosCodec(type);
    const subscription = this.node.createSubscription(
      type,
      rosName(name),
      { qos: nativeQos(this.rcl, qos), isRaw: true },
      this.guard.wrap(`message on ${name}`, (cdr) => handler(codec.decode(cdr))),
    );
    return this.once(() => this.node.destroySubscription(subscription));
  }

  /**
   * Serves a service by its ROS fields. What the handler throws is reported and answered by `refuse`, by default with
   * everything zero, empty or false.
   */
  serve(
    type: string,
    name: string,
    handler: (request: RosFields) => object | Promise<object>,
    refuse: (reason: string) => object = () => ({}),
  ): () => void {
    return this.once(serveFields(this.node, type, name, handler, refuse, this.guard));
  }

  /** Calls a service by its ROS fields; an InputError where it has no server. */
  call(type: string, name: string, request: object): Promise<RosFields> {
    let caller = this.callers.get(name);
    if (caller === undefined) {
      caller = new ServiceCaller(this.node, type, name, this.wait_ms);
      this.callers.set(name, caller);
    }
    return caller.call(request);
  }

  /** Ends what is open. */
  close(): void {
    for (const end of [...this.open]) this.guard.run('shutdown', end, undefined);
    for (const caller of this.callers.values()) caller.close();
  }

  private once(end: () => void): () => void {
    const close = () => {
      if (this.open.delete(close)) end();
    };
    this.open.add(close);
    return close;
  }
}
