import type { Action, Service, Subscription, Topic } from '../bus.ts';
import { InputError } from '../errors.ts';
import { parseMessage } from '../parse_message.ts';
import type { HostedBus } from './bus_host.ts';
import { anyAction, anyService, anyTopic, type Catalogue } from './catalogue.ts';
import { LINK_VERSION, type ToHost, type TopicOnLink, type ToRemote, toHost } from './envelope.ts';
import { errorOf, failureOf } from './failure.ts';
import { HostGoals } from './host_goals.ts';
import { Inbox, Outbox } from './outbox.ts';
import type { Port } from './port.ts';

export interface HostSessionOptions {
  readonly bus: HostedBus;
  readonly port: Port;
  readonly trusted: boolean;
  readonly catalogue: Catalogue;
  readonly onError: (error: unknown, where: string) => void;
}

/** Subscriptions, and separately calls, that one port may have open. */
const MOST_OPEN = 1000;
const TIME_LANE = 'time';

interface Subscribed {
  readonly topic: string;
  readonly subscriber: string;
  subscription: Subscription | null;
}

interface Asked {
  readonly service: string;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The host's side of one port: what its remote bus subscribes to, publishes, calls and serves. */
export class HostSession {
  private readonly options: HostSessionOptions;
  private readonly outbox = new Outbox();
  private readonly inbox: Inbox;
  private readonly subscriptions = new Map<number, Subscribed>();
  /** By topic the subscription that carries its messages over, for all of them. */
  private readonly leaders = new Map<string, number>();
  private readonly serving = new Map<string, () => void>();
  private readonly asked = new Map<number, Asked>();
  private readonly goals: HostGoals;
  private calls = 0;
  private ids = 0;
  private ended = false;

  constructor(options: HostSessionOptions, now_ns: bigint) {
    const { port, bus, trusted, onError } = options;
    this.options = options;
    this.goals = new HostGoals({ bus, trusted, onError, tell: (message) => this.send(message) });
    this.inbox = new Inbox((lane, bytes) => this.send({ kind: 'ack', lane, bytes }));
    const topics = [...new Set(bus.stats().map(({ topic }) => topic))];
    const readers = topics.map((topic) => ({ topic, names: this.readersOf(topic) }));
    this.send({ kind: 'hello', version: LINK_VERSION, now_ns, readers });
    port.onMessage((message) => this.hear(message));
  }

  get dropped(): number {
    return this.outbox.dropped + this.goals.dropped;
  }

  tellTime(now_ns: bigint): void {
    this.outbox.offer(TIME_LANE, { kind: 'latest' }, now_ns, (now) =>
      this.send({ kind: 'time', now_ns: now as bigint }),
    );
  }

  tellReaders(topic: string): void {
    this.send({ kind: 'readers', topic, names: this.readersOf(topic) });
  }

  close(reason: string): void {
    this.options.port.close(reason);
  }

  /** The port is closed: ends all that came of it. */
  end(reason: string): void {
    this.ended = true;
    for (const { subscription } of this.subscriptions.values()) subscription?.unsubscribe();
    this.subscriptions.clear();
    for (const stop of this.serving.values()) stop();
    this.serving.clear();
    for (const { service, reject } of this.asked.values())
      reject(new InputError(`service ${service}`, `has lost its server: ${reason}`));
    this.asked.clear();
    this.goals.close(reason);
  }

  private readersOf(topic: string): string[] {
    const own = [...this.subscriptions.values()].flatMap((one) => (one.topic === topic ? [one.subscriber] : []));
    const others: string[] = [];
    for (const reader of this.options.bus.stats()) {
      if (reader.topic !== topic) continue;
      const mine = own.indexOf(reader.subscriber);
      if (mine < 0) others.push(reader.subscriber);
      else own.splice(mine, 1);
    }
    return others;
  }

  private hear(message: unknown): void {
    if (this.ended) return;
    const { success, data, error } = toHost.safeParse(message);
    if (!success) {
      this.close(`it sent what no remote bus sends: ${error.issues[0].message}`);
      return;
    }
    try {
      this.obey(data);
    } catch (fault) {
      this.options.onError(fault, `${data.kind} over a link`);
    }
  }

  private obey(message: ToHost): void {
    switch (message.kind) {
      case 'subscribe':
        this.subscribe(message);
        return;
      case 'unsubscribe':
        this.unsubscribe(message.id);
        return;
      case 'publish':
        this.publish(message);
        return;
      case 'ack':
        this.outbox.answered(message.lane, message.bytes);
        this.goals.answered(message.lane, message.bytes);
        return;
      case 'call':
        void this.call(message);
        return;
      case 'serve':
        this.serve(message.service);
        return;
      case 'serve_action':
        this.serveAction(message.action);
        return;
      case 'unserve':
        this.unserve(`service ${message.service}`);
        return;
      case 'unserve_action':
        this.unserve(`action ${message.action}`);
        return;
      case 'response':
        this.respond(message);
        return;
      case 'send_goal':
        this.goals.send(this.actionOf(message.action), message);
        return;
      case 'cancel':
        this.goals.cancel(message.id);
        return;
      case 'goal_feedback':
        this.goals.feedback(message);
        return;
      case 'goal_end':
        this.goals.end(message);
        return;
      case 'ping':
        this.send({ kind: 'pong', id: message.id });
        return;
    }
  }

  private subscribe({ id, topic: told, subscriber }: ToHost & { kind: 'subscribe' }): void {
    const topic = this.topicOf(told);
    if (topic === null || this.subscriptions.has(id) || this.subscriptions.size >= MOST_OPEN) {
      const reason =
        topic === null ? 'is no topic of contracts' : `at most ${MOST_OPEN} subscriptions, of one number each`;
      this.send({ kind: 'refused', name: `topic ${told.name}`, reason });
      return;
    }
    const { name, backpressure } = topic;
    const retained: unknown[] = [];
    let live = false;
    const carry = (message: unknown) => {
      if (!live) retained.push(message);
      else if (this.leaders.get(name) === id)
        this.outbox.offer(name, backpressure, message, (sent, lost) =>
          this.send({ kind: 'message', topic: name, lost, message: sent }),
        );
    };
    const subscribed: Subscribed = { topic: name, subscriber, subscription: null };
    // Known before the bus tells who reads the topic: it is none of the others.
    this.subscriptions.set(id, subscribed);
    subscribed.subscription = this.options.bus.subscribe(topic, subscriber, carry);
    live = true;
    if (!this.leaders.has(name)) this.leaders.set(name, id);
    // What waits will bring it, in its order.
    this.send({ kind: 'subscribed', id, retained: this.outbox.holds(name) ? [] : retained.slice(-1) });
  }

  private unsubscribe(id: number): void {
    const subscribed = this.subscriptions.get(id);
    if (subscribed === undefined) return;
    const { topic, subscription } = subscribed;
    this.subscriptions.delete(id);
    subscription?.unsubscribe();
    if (this.leaders.get(topic) !== id) return;
    const next = [...this.subscriptions].find(([, other]) => other.topic === topic);
    if (next === undefined) this.leaders.delete(topic);
    else this.leaders.set(topic, next[0]);
  }

  private publish({ topic: told, message }: ToHost & { kind: 'publish' }): void {
    this.inbox.take(told.name, message);
    const topic = this.topicOf(told);
    if (topic === null) throw new InputError(`topic ${told.name}`, 'is no topic of contracts');
    const { bus, trusted } = this.options;
    bus.publish(topic, trusted ? message : parseMessage(topic.schema, message, topic.name));
  }

  private async call({ id, service: name, request }: ToHost & { kind: 'call' }): Promise<void> {
    const { bus } = this.options;
    const service = this.serviceOf(name);
    this.calls++;
    try {
      if (service === null) throw new InputError(`service ${name}`, 'is no service of contracts');
      if (this.calls > MOST_OPEN) throw new InputError(`service ${name}`, `at most ${MOST_OPEN} calls at once`);
      this.send({ kind: 'answer', id, response: await bus.call(service, request), failure: null });
    } catch (error) {
      this.send({ kind: 'answer', id, response: null, failure: failureOf(error) });
    } finally {
      this.calls--;
    }
  }

  private serve(name: string): void {
    const { bus } = this.options;
    this.take(`service ${name}`, this.serviceOf(name), (service) =>
      bus.serve(
        service,
        (request) =>
          new Promise<unknown>((resolve, reject) => {
            const id = ++this.ids;
            this.asked.set(id, { service: name, resolve, reject });
            this.send({ kind: 'request', id, service: name, request });
          }),
      ),
    );
  }

  private serveAction(name: string): void {
    this.take(`action ${name}`, this.actionOf(name), (action) => this.goals.serve(action));
  }

  private take<T>(what: string, known: T | null, serve: (known: T) => () => void): void {
    try {
      if (known === null) throw new InputError(what, 'is none of contracts');
      this.serving.set(what, serve(known));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.send({ kind: 'refused', name: what, reason: error.message });
    }
  }

  private unserve(what: string): void {
    this.serving.get(what)?.();
    this.serving.delete(what);
  }

  private respond({ id, response, failure }: ToHost & { kind: 'response' }): void {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (failure !== null) asked?.reject(errorOf(failure));
    else asked?.resolve(response);
  }

  private topicOf({ name, durability, backpressure }: TopicOnLink): Topic<unknown> | null {
    const { catalogue, trusted } = this.options;
    return catalogue.topics.get(name) ?? (trusted ? anyTopic(name, durability, backpressure) : null);
  }

  private serviceOf(name: string): Service<unknown, unknown> | null {
    const { catalogue, trusted } = this.options;
    return catalogue.services.get(name) ?? (trusted ? anyService(name) : null);
  }

  private actionOf(name: string): Action<unknown, unknown, unknown> | null {
    const { catalogue, trusted } = this.options;
    return catalogue.actions.get(name) ?? (trusted ? anyAction(name) : null);
  }

  private send(message: ToRemote): void {
    if (this.ended) return;
    try {
      this.options.port.send(message);
    } catch (error) {
      this.options.onError(error, `${message.kind} over a link`);
    }
  }
}
