import type {
  Action,
  Bus,
  GoalCallbacks,
  GoalHandle,
  SentGoal,
  Service,
  Subscription,
  SubscriptionStats,
  Topic,
} from '../bus.ts';
import { type Clock, SimClock } from '../clock.ts';
import { InputError } from '../errors.ts';
import { parseMessage } from '../parse_message.ts';
import { type Handler, Reader } from '../reader.ts';
import { type ToHost, type TopicOnLink, type ToRemote, toRemote } from './envelope.ts';
import { Inbox, Outbox } from './outbox.ts';
import type { Port } from './port.ts';
import { RemoteGoals } from './remote_goals.ts';
import { RemoteServices } from './remote_services.ts';

export interface RemoteBusOptions {
  /** Check what comes by the schemas of its topics, services and actions: the host is another process. Default true. */
  readonly validate?: boolean;
  /** Called when a handler throws or rejects, when a message is not what its topic says, and for what the host refuses. */
  readonly onError?: (error: unknown, where: string) => void;
}

interface Subscribed {
  readonly topic: Topic<unknown>;
  readonly reader: Reader<unknown>;
  /** The host has it. */
  live: boolean;
}

const NOTHING = { begin: () => {}, end: () => {} };

/**
 * A bus that lives at the other end of a port: messages take the way by its host, also those to readers of its own. When
 * the port closes every call is rejected, every goal ends aborted, and nothing more comes. A goal that nobody serves ends
 * aborted as well, where a bus in one process would throw.
 */
export class RemoteBus implements Bus {
  /** Follows the host's clock, a few milliseconds behind it. */
  readonly clock: Clock;
  private readonly port: Port;
  private readonly validate: boolean;
  private readonly report: (error: unknown, where: string) => void;
  private readonly time = new SimClock();
  private readonly outbox = new Outbox();
  private readonly inbox: Inbox;
  private readonly subscriptions = new Map<number, Subscribed>();
  private readonly others = new Map<string, readonly string[]>();
  private readonly services = new RemoteServices((message) => this.tell(message));
  private readonly goals: RemoteGoals;
  private readonly pings = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  private readonly losses = new Set<(reason: string) => void>();
  private ids = 0;
  private why = '';

  private constructor(port: Port, { validate = true, onError }: RemoteBusOptions) {
    this.port = port;
    this.validate = validate;
    this.report =
      onError ??
      ((error) => {
        throw error;
      });
    this.clock = this.time;
    this.inbox = new Inbox((lane, bytes) => this.tell({ kind: 'ack', lane, bytes }));
    this.goals = new RemoteGoals((message) => this.tell(message), validate);
  }

  /** Resolves once the host has greeted. Throws InputError when the port closes before, or another version greets. */
  static open(port: Port, options: RemoteBusOptions = {}): Promise<RemoteBus> {
    const bus = new RemoteBus(port, options);
    return new Promise((resolve, reject) => {
      port.onClose((reason) => {
        bus.end(reason);
        reject(new InputError('the link to a bus', reason));
      });
      port.onMessage((message) => {
        if (bus.hear(message) === 'hello') resolve(bus);
      });
    });
  }

  /** Why the bus is gone; empty while it is there. */
  get lost(): string {
    return this.why;
  }

  /** Messages that were published and never sent, because the host was too slow. */
  get dropped(): number {
    return this.outbox.dropped;
  }

  /** Called once with the reason when the port closes, at once when it has. Returns a function that forgets it. */
  onLost(handler: (reason: string) => void): () => void {
    if (this.why !== '') handler(this.why);
    else this.losses.add(handler);
    return () => void this.losses.delete(handler);
  }

  close(reason?: string): void {
    this.port.close(reason);
  }

  /** Resolves when the host has dealt with everything that was sent before, and its answer has come. */
  roundTrip(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.why !== '') {
        reject(this.gone('a round trip'));
        return;
      }
      const id = ++this.ids;
      this.pings.set(id, { resolve, reject });
      this.tell({ kind: 'ping', id });
    });
  }

  publish<T>(topic: Topic<T>, message: T): void {
    const told = onLink(topic);
    this.outbox.offer(topic.name, topic.backpressure, message, (sent, lost) =>
      this.port.send({ kind: 'publish', topic: told, lost, message: sent } satisfies ToHost),
    );
  }

  subscribe<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void | Promise<void>): Subscription {
    const id = ++this.ids;
    const reader = new Reader<unknown>(topic.name, subscriber, topic.backpressure, handler as Handler<unknown>, {
      ...NOTHING,
      failed: (error) => this.report(error, `${subscriber} on ${topic.name}`),
    });
    this.subscriptions.set(id, { topic: topic as Topic<unknown>, reader, live: false });
    this.tell({ kind: 'subscribe', id, topic: onLink(topic), subscriber });
    return {
      stats: () => reader.stats(),
      unsubscribe: () => {
        if (!this.subscriptions.delete(id)) return;
        reader.close();
        this.tell({ kind: 'unsubscribe', id });
      },
    };
  }

  subscribers({ name }: { readonly name: string }): number {
    let count = this.others.get(name)?.length ?? 0;
    for (const { topic } of this.subscriptions.values()) if (topic.name === name) count++;
    return count;
  }

  isReadBy({ name }: { readonly name: string }, nodes: readonly string[]): boolean {
    for (const { reader } of this.subscriptions.values())
      if (reader.topic === name && nodes.includes(reader.subscriber)) return true;
    return this.others.get(name)?.some((other) => nodes.includes(other)) ?? false;
  }

  serve<Req, Res>(service: Service<Req, Res>, handler: (request: Req) => Res | Promise<Res>): () => void {
    return this.services.serve(service as Service<unknown, unknown>, handler as (request: unknown) => unknown);
  }

  async call<Req, Res>(service: Service<Req, Res>, request: Req): Promise<Res> {
    const asked = parseMessage(service.request, request, service.name);
    if (this.why !== '') throw this.gone(`service ${service.name}`);
    return parseMessage(service.response, await this.services.call(service.name, asked), service.name);
  }

  serveAction<G, F, R>(action: Action<G, F, R>, handler: (goal: G, handle: GoalHandle<F, R>) => void): () => void {
    return this.goals.serve(
      action as Action<unknown, unknown, unknown>,
      handler as (goal: unknown, handle: GoalHandle<unknown, unknown>) => void,
    );
  }

  /** Throws InputError for a goal that its schema refuses; whatever else fails ends it aborted, with the reason. */
  sendGoal<G, F, R>(action: Action<G, F, R>, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal {
    const gone = this.why === '' ? '' : this.gone(`action ${action.name}`).message;
    const untyped = callbacks as GoalCallbacks<unknown, unknown>;
    return this.goals.send(action as Action<unknown, unknown, unknown>, goal, untyped, gone);
  }

  /** Of the readers at this end. */
  stats(): readonly SubscriptionStats[] {
    return [...this.subscriptions.values()].map(({ reader }) => reader.stats());
  }

  private hear(message: unknown): ToRemote['kind'] | null {
    if (this.why !== '') return null;
    const { success, data, error } = toRemote.safeParse(message);
    if (!success) {
      this.close(`the host sent what no host sends: ${error.issues[0].message}`);
      return null;
    }
    try {
      this.obey(data);
    } catch (fault) {
      this.report(fault, `${data.kind} over a link`);
    }
    return data.kind;
  }

  private obey(message: ToRemote): void {
    switch (message.kind) {
      case 'hello':
        for (const { topic, names } of message.readers) this.others.set(topic, names);
        this.advance(message.now_ns);
        return;
      case 'time':
        this.inbox.take('time', message.now_ns);
        this.advance(message.now_ns);
        return;
      case 'subscribed':
        this.begin(message);
        return;
      case 'message':
        this.deliver(message);
        return;
      case 'ack':
        this.outbox.answered(message.lane, message.bytes);
        this.goals.answered(message.lane, message.bytes);
        return;
      case 'readers':
        this.others.set(message.topic, message.names);
        return;
      case 'answer':
        this.services.answer(message);
        return;
      case 'request':
        void this.services.respond(message);
        return;
      case 'refused':
        throw new InputError(message.name, message.reason);
      case 'feedback':
      case 'result':
      case 'goal_refused':
      case 'goal':
      case 'goal_cancel':
        this.goals.hear(message);
        return;
      case 'pong':
        this.pings.get(message.id)?.resolve();
        this.pings.delete(message.id);
        return;
    }
  }

  private advance(now_ns: bigint): void {
    if (now_ns > this.time.now_ns()) this.time.advance(now_ns);
  }

  private begin({ id, retained }: ToRemote & { kind: 'subscribed' }): void {
    const subscribed = this.subscriptions.get(id);
    if (subscribed === undefined) return;
    subscribed.live = true;
    for (const message of retained) subscribed.reader.offer(this.checked(subscribed.topic, message));
  }

  private deliver({ topic: name, lost, message }: ToRemote & { kind: 'message' }): void {
    this.inbox.take(name, message);
    let checked: unknown;
    let known = false;
    for (const { topic, reader, live } of [...this.subscriptions.values()]) {
      if (topic.name !== name || !live) continue;
      if (!known) checked = this.checked(topic, message);
      known = true;
      reader.missed(lost);
      reader.offer(checked);
    }
  }

  private checked({ schema, name }: Topic<unknown>, message: unknown): unknown {
    return this.validate ? parseMessage(schema, message, name) : message;
  }

  private end(reason: string): void {
    if (this.why !== '') return;
    this.why = reason === '' ? 'it was closed' : reason;
    for (const { reader } of this.subscriptions.values()) reader.close();
    this.subscriptions.clear();
    this.others.clear();
    this.services.end(this.gone('a service'));
    for (const { reject } of this.pings.values()) reject(this.gone('a round trip'));
    this.pings.clear();
    this.goals.end(this.gone('a goal').message);
    for (const handler of this.losses) handler(this.why);
    this.losses.clear();
  }

  private gone(what: string): InputError {
    return new InputError(what, `the link to its bus is lost: ${this.why}`);
  }

  private tell(message: ToHost): void {
    if (this.why === '') this.port.send(message);
  }
}

function onLink<T>({ name, qos, backpressure }: Topic<T>): TopicOnLink {
  return { name, durability: qos.durability, backpressure };
}
