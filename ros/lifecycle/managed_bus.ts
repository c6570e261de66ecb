import {
  type Action,
  type Bus,
  type Clock,
  type GoalCallbacks,
  type GoalHandle,
  InProcessBus,
  type SentGoal,
  type Service,
  type StageLatency,
  type Subscription,
  type SubscriptionStats,
  TOPICS,
  type Topic,
} from '../../contracts/index.ts';

/** What a node put on its bus, as diagnostics tell it. */
export interface BusUse {
  /** Messages by topic since the start. */
  readonly published: ReadonlyMap<string, number>;
  /** Messages not sent, since the node was not active. */
  readonly held_back: number;
  /** The newest report of each stage. */
  readonly latencies: ReadonlyMap<string, StageLatency>;
  /** Subscribed topics of which only the newest message counts: to lose others is no fault. */
  readonly newest_only: ReadonlySet<string>;
}

/**
 * A node's own view of bus and clock. Sends only while the node is active, as lifecycle publishers do; latched topics, which
 * say how things are and not what happens, always go out. What the node leaves open is ended by `release`.
 */
export class ManagedBus implements Bus, BusUse {
  readonly clock: Clock;
  readonly published = new Map<string, number>();
  readonly latencies = new Map<string, StageLatency>();
  readonly newest_only = new Set<string>();
  held_back = 0;
  private readonly bus: Bus;
  /** Carries topics without a ROS type, which a node sends to itself alone. */
  private readonly own: Bus;
  private readonly sending: () => boolean;
  private readonly open = new Set<() => void>();

  /**
   * @param sending  whether the node may publish now
   * @param onError  told what handlers of the node's own topics throw
   */
  constructor(bus: Bus, clock: Clock, sending: () => boolean, onError: (error: unknown, where: string) => void) {
    this.bus = bus;
    this.own = new InProcessBus({ onError });
    this.sending = sending;
    this.clock = {
      now_ns: () => clock.now_ns(),
      schedule: (at_ns, callback) => this.schedule(clock, at_ns, callback),
    };
  }

  publish<T>(topic: Topic<T>, message: T): void {
    if (topic.qos.durability === 'volatile' && !this.sending()) {
      this.held_back++;
      return;
    }
    this.published.set(topic.name, (this.published.get(topic.name) ?? 0) + 1);
    if (topic.name === TOPICS.latency.name) this.note(TOPICS.latency.schema.safeParse(message).data);
    this.busOf(topic).publish(topic, message);
  }

  subscribe<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void | Promise<void>): Subscription {
    const subscription = this.busOf(topic).subscribe(topic, subscriber, handler);
    const unsubscribe = this.track(() => subscription.unsubscribe());
    return { stats: () => subscription.stats(), unsubscribe };
  }

  subscribers(topic: { readonly name: string }): number {
    return this.bus.subscribers(topic);
  }

  isReadBy(topic: { readonly name: string }, nodes: readonly string[]): boolean {
    return this.bus.isReadBy(topic, nodes);
  }

  serve<Req, Res>(service: Service<Req, Res>, handler: (request: Req) => Res | Promise<Res>): () => void {
    return this.track(this.bus.serve(service, handler));
  }

  call<Req, Res>(service: Service<Req, Res>, request: Req): Promise<Res> {
    return this.bus.call(service, request);
  }

  serveAction<G, F, R>(action: Action<G, F, R>, handler: (goal: G, handle: GoalHandle<F, R>) => void): () => void {
    return this.track(this.bus.serveAction(action, handler));
  }

  sendGoal<G, F, R>(action: Action<G, F, R>, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal {
    return this.bus.sendGoal(action, goal, callbacks);
  }

  stats(): readonly SubscriptionStats[] {
    return [...this.bus.stats(), ...this.own.stats()];
  }

  /** Ends every subscription, server and timer that is still open; returns how many there were. */
  release(): number {
    const left = [...this.open];
    for (const end of left) end();
    return left.length;
  }

  private busOf<T>({ ros_type }: Topic<T>): Bus {
    return ros_type === '' ? this.own : this.bus;
  }

  private schedule(clock: Clock, at_ns: bigint, callback: () => void): () => void {
    const cancel = this.track(
      clock.schedule(at_ns, () => {
        this.open.delete(cancel);
        callback();
      }),
    );
    return cancel;
  }

  private track(end: () => void): () => void {
    const once = (): void => {
      if (this.open.delete(once)) end();
    };
    this.open.add(once);
    return once;
  }

  private note(latency: StageLatency | undefined): void {
    if (latency !== undefined) this.latencies.set(latency.stage, latency);
  }
}
