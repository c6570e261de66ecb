import { Subject } from 'rxjs';
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
} from './bus.ts';
import { InputError } from './errors.ts';
import { parseMessage } from './parse_message.ts';
import { type Handler, Reader } from './reader.ts';
import { ServedGoal } from './served_goal.ts';

export interface InProcessBusOptions {
  /** Parse every published message with its schema. Goals and service requests are always parsed. Default false. */
  readonly validate?: boolean;
  /** Called when a handler throws or rejects. By default the first such error is kept and thrown by `settled`. */
  readonly onError?: (error: unknown, where: string) => void;
}

/**
 * Bus within one process, on RxJS subjects. An idle subscriber is called at once, within `publish`; one that is still busy
 * keeps what its topic's backpressure allows. A handler's error never reaches the publisher.
 */
export class InProcessBus implements Bus {
  private readonly channels = new Map<string, Channel>();
  private readonly services = new Map<string, (request: unknown) => unknown>();
  private readonly actions = new Map<string, (goal: unknown, handle: GoalHandle<unknown, unknown>) => void>();
  private readonly readers = new Set<Reader<unknown>>();
  private readonly watchers = new Set<(topic: string) => void>();
  private readonly validate: boolean;
  private readonly report: (error: unknown, where: string) => void;
  private waiting: (() => void)[] = [];
  private busy = 0;
  private failure: { error: unknown } | null = null;
  private goals = 0;

  constructor(options: InProcessBusOptions = {}) {
    this.validate = options.validate ?? false;
    this.report =
      options.onError ??
      ((error) => {
        this.failure ??= { error };
      });
  }

  publish<T>(topic: Topic<T>, message: T): void {
    const payload = this.validate ? parseMessage(topic.schema, message, topic.name) : message;
    const channel = this.channel(topic.name);
    if (topic.qos.durability === 'transient_local') channel.retained = { message: payload };
    channel.subject.next(payload);
  }

  subscribe<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void | Promise<void>): Subscription {
    const channel = this.channel(topic.name);
    const reader = new Reader<unknown>(topic.name, subscriber, topic.backpressure, handler as Handler<unknown>, {
      begin: () => this.begin(),
      end: () => this.end(),
      failed: (error) => this.report(error, `${subscriber} on ${topic.name}`),
    });
    const subscription = channel.subject.subscribe((message) => reader.offer(message));
    this.readers.add(reader);
    this.readersChanged(topic.name);
    if (channel.retained !== null) reader.offer(channel.retained.message);
    return {
      stats: () => reader.stats(),
      unsubscribe: () => {
        subscription.unsubscribe();
        reader.close();
        if (this.readers.delete(reader)) this.readersChanged(topic.name);
      },
    };
  }

  subscribers(topic: { readonly name: string }): number {
    let count = 0;
    for (const reader of this.readers) if (reader.topic === topic.name) count++;
    return count;
  }

  isReadBy(topic: { readonly name: string }, nodes: readonly string[]): boolean {
    for (const reader of this.readers)
      if (reader.topic === topic.name && nodes.includes(reader.subscriber)) return true;
    return false;
  }

  serve<Req, Res>(service: Service<Req, Res>, handler: (request: Req) => Res | Promise<Res>): () => void {
    return register(this.services, service.name, handler as (request: unknown) => unknown);
  }

  async call<Req, Res>(service: Service<Req, Res>, request: Req): Promise<Res> {
    const handler = this.services.get(service.name);
    if (handler === undefined)
      throw new InputError(`service ${service.name}`, 'has no server; start the node that serves it');
    this.begin();
    try {
      const response = await handler(parseMessage(service.request, request, service.name));
      return parseMessage(service.response, response, service.name);
    } finally {
      this.end();
    }
  }

  serveAction<G, F, R>(action: Action<G, F, R>, handler: (goal: G, handle: GoalHandle<F, R>) => void): () => void {
    return register(
      this.actions,
      action.name,
      handler as (goal: unknown, handle: GoalHandle<unknown, unknown>) => void,
    );
  }

  sendGoal<G, F, R>(action: Action<G, F, R>, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal {
    const handler = this.actions.get(action.name);
    if (handler === undefined)
      throw new InputError(`action ${action.name}`, 'has no server; start the node that serves it');
    const handle = new ServedGoal<F, R>(++this.goals, {
      feedback: (feedback) => callbacks.onFeedback?.(feedback),
      end: (how, result) =>
        callbacks.onResult(how === 'succeed' ? 'succeeded' : handle.cancelled ? 'canceled' : 'aborted', result),
    });
    handler(parseMessage(action.goal, goal, action.name), handle as GoalHandle<unknown, unknown>);
    return { id: handle.id, cancel: () => handle.cancel() };
  }

  stats(): readonly SubscriptionStats[] {
    return [...this.readers].map((reader) => reader.stats());
  }

  /** Told the topic whenever somebody begins or ends to read one. Returns a function that ends that. */
  onReaders(changed: (topic: string) => void): () => void {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  }

  /** True while some handler has not finished or a message waits for one. */
  get active(): boolean {
    return this.busy > 0;
  }

  /** Resolves when no handler is at work and nothing waits; rejects with the first error a handler met since. */
  async settled(): Promise<void> {
    while (this.busy > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failure !== null) {
      const { error } = this.failure;
      this.failure = null;
      throw error;
    }
  }

  private readersChanged(topic: string): void {
    for (const changed of this.watchers) changed(topic);
  }

  private channel(name: string): Channel {
    let channel = this.channels.get(name);
    if (channel === undefined) {
      channel = { subject: new Subject<unknown>(), retained: null };
      this.channels.set(name, channel);
    }
    return channel;
  }

  private begin(): void {
    this.busy++;
  }

  private end(): void {
    this.busy--;
    if (this.busy > 0 || this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

interface Channel {
  readonly subject: Subject<unknown>;
  retained: { readonly message: unknown } | null;
}

function register<V>(map: Map<string, V>, name: string, value: V): () => void {
  if (map.has(name)) throw new InputError(name, 'already has a server; only one node may serve it');
  map.set(name, value);
  return () => {
    if (map.get(name) === value) map.delete(name);
  };
}
