import type { Qos } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import type { RosFields } from '../mapping.ts';
import type { RosNode } from './ros_node.ts';
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
  private readonly node: RosNode;
  private readonly wait_ms: number;
  private readonly callers = new Map<string, ServiceCaller>();
  private readonly open = new Set<() => void>();

  constructor(node: RosNode, wait_ms: number) {
    this.node = node;
    this.wait_ms = wait_ms;
  }

  /** @param type  e.g. `lifecycle_msgs/msg/TransitionEvent`; @param name  as in the contracts, or private: `~/transition_event` */
  advertise(type: string, name: string, qos: Qos): RawPublisher {
    const codec = new RosCodec(type);
    const publisher = this.node.advertise(type, name, qos);
    const close = this.once(() => publisher.close());
    return {
      publish: (fields) => publisher.publish(codec.encode(fields)),
      get subscribers() {
        return publisher.subscribers();
      },
      close,
    };
  }

  /** Calls `handler` with the fields of every message, at once as they come. Returns what ends it. */
  subscribe(type: string, name: string, qos: Qos, handler: (fields: RosFields) => void): () => void {
    const codec = new RosCodec(type);
    const subscription = this.node.listen(type, name, qos, (cdr) => handler(codec.decode(cdr)));
    return this.once(() => subscription.close());
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
    return this.once(serveFields(this.node, type, name, handler, refuse));
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
    for (const end of [...this.open]) this.node.guard.run('shutdown', end, undefined);
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
