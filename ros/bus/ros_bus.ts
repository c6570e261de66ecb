import {
  type Action,
  type Bus,
  type Clock,
  type GoalCallbacks,
  type GoalHandle,
  InputError,
  parseMessage,
  type Qos,
  type SentGoal,
  type Service,
  type Subscription,
  type SubscriptionStats,
  TOPICS,
  type Topic,
} from '../../contracts/index.ts';
import { ActionCaller } from './action_client.ts';
import { serveRosAction } from './action_server.ts';
import { beforeEnd, joinNode, leaveNode, localLink } from './context.ts';
import { Frames } from './frames.ts';
import { Guard, type OnError } from './guard.ts';
import { type AnyInlet, Inlet, isInletOf } from './inlet.ts';
import type { LinkStats } from './local_link.ts';
import { rosName } from './names.ts';
import { Outlet } from './outlet.ts';
import { RawTopics } from './raw_topics.ts';
import { RosClock } from './ros_clock.ts';
import { ROS_MAPPINGS, type RosMappings } from './ros_mappings.ts';
import { RosNode } from './ros_node.ts';
import { mappedHandler, ServiceCaller, serveFields } from './services.ts';

export interface RosBusOptions {
  readonly node_name: string;
  /** e.g. `/robot1`; topics and services of the contracts lie in it. Default none. */
  readonly namespace?: string;
  /** Rules `from:=to` as on a ROS 2 command line. */
  readonly remap?: readonly string[];
  /** Default ROS_DOMAIN_ID; one for the whole process. */
  readonly domain_id?: number;
  /** Time of /clock in place of the system's. Default false. */
  readonly use_sim_time?: boolean;
  /** Is told what no caller can be: exceptions of handlers, and messages that could not be read. */
  readonly onError: OnError;
  /** How messages look in ROS; default this package's own. */
  readonly mappings?: RosMappings;
  /**
   * Whether volatile topics go past the middleware, by sockets, while all who subscribe are processes of this package, user
   * and machine. Default true unless SUREPICK_LOCAL_LINK is 0.
   */
  readonly local_link?: boolean;
  /** How long a call or goal looks for its server, s. Default 3. */
  readonly server_wait_s?: number;
}

/** A turn of the middleware, ms. */
const TURN_MS = 10;
/** Longest wait at the end for subscribers to acknowledge what was published. */
const FAREWELL_MS = 200;

/**
 * Bus on ROS 2 by rclnodejs: a node of its own name. Topics are CDR, read when a subscriber takes them; services and actions
 * are the middleware's own. A handler's exception is reported and ends nothing. Only on the main thread of a process that
 * was started with the environment of a ROS 2.
 */
export class RosBus implements Bus {
  /** System time, or that of /clock. */
  readonly clock: Clock;
  /** Topics and services of any type, by their ROS fields. */
  readonly raw: RawTopics;
  private readonly node: RosNode;
  private readonly guard: Guard;
  private readonly mappings: RosMappings;
  private readonly wait_ms: number;
  private readonly rosClock: RosClock;
  private readonly outlets = new Map<string, Outlet<never>>();
  private readonly inlets = new Map<string, AnyInlet>();
  private readonly servers = new Map<string, () => void>();
  private readonly callers = new Map<string, ServiceCaller>();
  private readonly goalCallers = new Map<string, { close(): void }>();
  private clockInput: (() => void) | null = null;
  private tree: Frames | null = null;
  private goals = 0;
  private closing: Promise<void> | null = null;

  /** Joins the graph. Throws an InputError without a ROS 2, or for names that it refuses. */
  static async create(options: RosBusOptions): Promise<RosBus> {
    const { node_name, namespace = '', remap = [], domain_id } = options;
    const { rcl, node: native } = await joinNode({ node_name, namespace, remap, domain_id });
    const { local_link = process.env.SUREPICK_LOCAL_LINK !== '0' } = options;
    const link = local_link ? localLink(rcl, native) : null;
    const node = new RosNode(rcl, native, new Guard(options.onError), link);
    const bus = new RosBus(node, options);
    node.spin();
    return bus;
  }

  private constructor(node: RosNode, options: RosBusOptions) {
    this.node = node;
    this.guard = node.guard;
    this.mappings = options.mappings ?? ROS_MAPPINGS;
    this.wait_ms = 1000 * (options.server_wait_s ?? 3);
    this.raw = new RawTopics(node, this.wait_ms);
    this.rosClock = new RosClock(
      false,
      (error) => this.guard.report(error, 'timer'),
      () => this.tree?.forget(),
    );
    this.clock = this.rosClock;
    this.useSimTime(options.use_sim_time ?? false);
    beforeEnd(node.native, () => {
      node.end();
      this.rosClock.close();
    });
  }

  /** Name of the node in the graph, with its namespace. */
  get fullName(): string {
    return this.node.native.getFullyQualifiedName();
  }

  /** How many processes are reached by links, and what slow ones lost; null where links are off. */
  get local_link(): LinkStats | null {
    return this.node.linkStats;
  }

  /** Changes the clock's source while it runs: the parameter `use_sim_time`. */
  useSimTime(simulated: boolean): void {
    this.rosClock.useSimTime = simulated;
    if (simulated) {
      // Best effort hears reliable publishers too.
      const qos: Qos = { reliability: 'best_effort', durability: 'volatile', depth: 1 };
      this.clockInput ??= this.listen({ ...TOPICS.clock, qos }, 'clock', ({ stamp_ns }) =>
        this.rosClock.tick(stamp_ns),
      );
    } else {
      this.clockInput?.();
      this.clockInput = null;
    }
  }

  /** The frame tree of /tf and /tf_static, from the first time that it is asked for. */
  get frames(): Frames {
    if (this.tree !== null) return this.tree;
    const tree = new Frames();
    this.tree = tree;
    this.listen(TOPICS.tf, 'frames', (message) => tree.add(message, false));
    this.listen(TOPICS.tf_static, 'frames', (message) => tree.add(message, true));
    return tree;
  }

  publish<T>(topic: Topic<T>, message: T): void {
    if (!this.node.ended) this.outlet(topic).publish(message);
  }

  subscribe<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void | Promise<void>): Subscription {
    const shared = this.sharedInlet(topic);
    const { stats, unsubscribe } = shared.add(subscriber, handler);
    return {
      stats,
      unsubscribe: () => {
        unsubscribe();
        if (shared.readers.size > 0 || this.inlets.get(topic.name) !== shared) return;
        this.inlets.delete(topic.name);
        shared.close();
      },
    };
  }

  subscribers(topic: { readonly name: string }): number {
    const outlet = this.outlets.get(topic.name);
    const inlet = this.inlets.get(topic.name);
    const all = outlet?.subscribers ?? this.node.native.countSubscribers(rosName(topic.name));
    return inlet === undefined ? all : Math.max(0, all - 1) + inlet.readers.size;
  }

  isReadBy(topic: { readonly name: string }, nodes: readonly string[]): boolean {
    const own = this.inlets.get(topic.name)?.stats() ?? [];
    if (own.some(({ subscriber }) => nodes.includes(subscriber))) return true;
    return this.node.readers(topic.name).some((name) => nodes.includes(name));
  }

  serve<Req, Res>(service: Service<Req, Res>, handler: (request: Req) => Res | Promise<Res>): () => void {
    const mapping = this.mappings.service(service);
    const refuse = (reason: string) => mapping.response.toRos(mapping.refusal(reason));
    const handle = mappedHandler(service, mapping, handler);
    return this.register(service.name, () => serveFields(this.node, mapping.ros_type, service.name, handle, refuse));
  }

  async call<Req, Res>(service: Service<Req, Res>, request: Req): Promise<Res> {
    const mapping = this.mappings.service(service);
    const fields = mapping.request.toRos(parseMessage(service.request, request, service.name));
    let caller = this.callers.get(service.name);
    if (caller === undefined) {
      caller = new ServiceCaller(this.node, mapping.ros_type, service.name, this.wait_ms);
      this.callers.set(service.name, caller);
    }
    return parseMessage(service.response, mapping.response.fromRos(await caller.call(fields)), service.name);
  }

  serveAction<G, F, R>(action: Action<G, F, R>, handler: (goal: G, handle: GoalHandle<F, R>) => void): () => void {
    const mapping = this.mappings.action(action);
    return this.register(action.name, () =>
      serveRosAction(this.node, action, mapping, handler, () => this.clock.now_ns()),
    );
  }

  sendGoal<G, F, R>(action: Action<G, F, R>, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal {
    let caller = this.goalCallers.get(action.name) as ActionCaller<G, F, R> | undefined;
    if (caller === undefined) {
      caller = new ActionCaller(this.node, action, this.mappings.action(action), this.wait_ms);
      this.goalCallers.set(action.name, caller);
    }
    return caller.send(++this.goals, goal, callbacks);
  }

  stats(): readonly SubscriptionStats[] {
    return [...this.inlets.values()].flatMap((inlet) => inlet.stats());
  }

  /** Leaves the graph: servers and goals end, subscribers are no longer called. The process's last bus ends its context. */
  shutdown(): Promise<void> {
    this.closing ??= this.close();
    return this.closing;
  }

  private async close(): Promise<void> {
    this.rosClock.close();
    for (const stop of [...this.servers.values()]) this.guard.run('shutdown', stop, undefined);
    for (const caller of [...this.callers.values(), ...this.goalCallers.values()])
      this.guard.run('shutdown', () => caller.close(), undefined);
    this.raw.close();
    for (const outlet of this.outlets.values()) this.guard.run('shutdown', () => outlet.flush(), undefined);
    const acknowledged = () => [...this.outlets.values()].every((outlet) => outlet.acknowledged);
    const end_ms = performance.now() + FAREWELL_MS;
    // Results of goals that were ended go out; and the node must not be torn down within one of its own callbacks.
    do await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    while (!this.guard.run('shutdown', acknowledged, true) && performance.now() < end_ms);
    leaveNode(this.node.native);
  }

  private outlet<T>(topic: Topic<T>): Outlet<T> {
    const known = this.outlets.get(topic.name) as Outlet<T> | undefined;
    if (known !== undefined) return known;
    const outlet = new Outlet(this.node, topic, this.mappings.topic(topic));
    this.outlets.set(topic.name, outlet as Outlet<never>);
    return outlet;
  }

  /** The one inlet of a topic. @throws Error where messages of this name are subscribed to by another schema */
  private sharedInlet<T>(topic: Topic<T>): Inlet<T> {
    const known = this.inlets.get(topic.name);
    if (known !== undefined) {
      if (isInletOf(known, topic)) return known;
      throw new Error(`${topic.name} is subscribed to already, as a topic with another schema`);
    }
    const inlet = this.inlet(topic);
    this.inlets.set(topic.name, inlet);
    return inlet;
  }

  private inlet<T>(topic: Topic<T>): Inlet<T> {
    return new Inlet({ node: this.node, topic, mapping: this.mappings.topic(topic), frames: () => this.frames });
  }

  /** A subscription of the bus's own, which `stats` and `subscribers` leave out. */
  private listen<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void): () => void {
    const inlet = this.inlet(topic);
    inlet.add(subscriber, handler);
    return () => inlet.close();
  }

  private register(name: string, serve: () => () => void): () => void {
    if (this.servers.has(name)) throw new InputError(name, 'already has a server; only one node may serve it');
    const end = serve();
    const stop = () => {
      if (this.servers.get(name) !== stop) return;
      this.servers.delete(name);
      end();
    };
    this.servers.set(name, stop);
    return stop;
  }
}
