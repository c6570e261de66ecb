import {
  type Bus,
  type Clock,
  type GoalCallbacks,
  InputError,
  parseMessage,
  secondsToStamp,
  type Topic,
} from '../contracts/index.ts';

/** Where on its way a message is spoilt: as `node` publishes it, or as `node` receives it. */
export interface WirePlace {
  readonly node: string;
  readonly way: 'says' | 'hears';
}

interface Fault extends WirePlace {
  readonly topic: string;
  /** The message in place of this one; undefined for none. */
  readonly act: (message: unknown) => unknown;
  readonly late_s: number;
}

/**
 * What is wrong with the messages between nodes and bus: dropped, changed or late at one node, or a node cut off altogether.
 * Each node is given the bus through `busOf`; nothing is wrong until a fault is laid, and the last one laid on a place acts.
 */
export class Wires {
  private readonly clock: Clock;
  private faults: readonly Fault[] = [];
  private readonly cut_off = new Set<string>();
  /** Answers that came for a node while it was cut off: they are sent again until they arrive. */
  private waiting: { readonly node: string; readonly deliver: () => void }[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  busOf(node: string, inner: Bus): Bus {
    return new FaultyBus(inner, node, this);
  }

  /** Replaces messages; null drops one. Returns what ends it. */
  change<T>(topic: Topic<T>, place: WirePlace, act: (message: T) => T | null): () => void {
    const parsed = (message: unknown) => act(parseMessage(topic.schema, message, topic.name)) ?? undefined;
    return this.lay({ ...place, topic: topic.name, act: parsed, late_s: 0 });
  }

  drop(topic: { readonly name: string }, place: WirePlace): () => void {
    return this.lay({ ...place, topic: topic.name, act: () => undefined, late_s: 0 });
  }

  delay(topic: { readonly name: string }, place: WirePlace, late_s: number): () => void {
    return this.lay({ ...place, topic: topic.name, act: (message) => message, late_s });
  }

  /** The node hears and says nothing, serves nobody and reaches no server; results of its goals wait until it is back. */
  cut(node: string): () => void {
    this.cut_off.add(node);
    return () => {
      this.cut_off.delete(node);
      const due = this.waiting.filter((one) => one.node === node);
      this.waiting = this.waiting.filter((one) => one.node !== node);
      for (const { deliver } of due) deliver();
    };
  }

  /** Delivers an answer now, or once the node is reached again. */
  answer(node: string, deliver: () => void): void {
    if (this.cut_off.has(node)) this.waiting.push({ node, deliver });
    else deliver();
  }

  isCut(node: string): boolean {
    return this.cut_off.has(node);
  }

  /** Hands a message on to `forward`, now, later, changed or not at all; returns what that returns now. */
  pass<T, R>(topic: Topic<T>, { node, way }: WirePlace, message: T, forward: (message: T) => R): R | undefined {
    if (this.cut_off.has(node)) return undefined;
    const fault = this.faults.findLast((one) => one.node === node && one.way === way && one.topic === topic.name);
    if (fault === undefined) return forward(message);
    const changed = fault.act(message);
    if (changed === undefined) return undefined;
    const told = parseMessage(topic.schema, changed, topic.name);
    if (fault.late_s === 0) return forward(told);
    this.clock.schedule(this.clock.now_ns() + secondsToStamp(fault.late_s), () => void forward(told));
    return undefined;
  }

  private lay(fault: Fault): () => void {
    this.faults = [...this.faults, fault];
    return () => {
      this.faults = this.faults.filter((one) => one !== fault);
    };
  }
}

/** The bus as one node has it. */
class FaultyBus implements Bus {
  private readonly inner: Bus;
  private readonly node: string;
  private readonly wires: Wires;

  constructor(inner: Bus, node: string, wires: Wires) {
    this.inner = inner;
    this.node = node;
    this.wires = wires;
  }

  publish<T>(topic: Topic<T>, message: T): void {
    this.wires.pass(topic, { node: this.node, way: 'says' }, message, (told) => this.inner.publish(topic, told));
  }

  subscribe: Bus['subscribe'] = (topic, subscriber, handler) =>
    this.inner.subscribe(topic, subscriber, (message) =>
      this.wires.pass(topic, { node: this.node, way: 'hears' }, message, handler),
    );

  subscribers(topic: { readonly name: string }): number {
    return this.inner.subscribers(topic);
  }

  isReadBy(topic: { readonly name: string }, nodes: readonly string[]): boolean {
    return this.inner.isReadBy(topic, nodes);
  }

  serve: Bus['serve'] = (service, handler) =>
    this.inner.serve(service, (request) => {
      this.assertReached(service.name);
      return handler(request);
    });

  call: Bus['call'] = async (service, request) => {
    this.assertReached(service.name);
    return this.inner.call(service, request);
  };

  serveAction: Bus['serveAction'] = (action, handler) =>
    this.inner.serveAction(action, (goal, handle) => {
      this.assertReached(action.name);
      handler(goal, handle);
    });

  sendGoal: Bus['sendGoal'] = (action, goal, callbacks) => {
    this.assertReached(action.name);
    return this.inner.sendGoal(action, goal, this.heard(callbacks));
  };

  stats(): ReturnType<Bus['stats']> {
    return this.inner.stats();
  }

  private heard<F, R>({ onFeedback, onResult }: GoalCallbacks<F, R>): GoalCallbacks<F, R> {
    const { wires, node } = this;
    return {
      onFeedback: (feedback) => (wires.isCut(node) ? undefined : onFeedback?.(feedback)),
      onResult: (status, result) => wires.answer(node, () => onResult(status, result)),
    };
  }

  private assertReached(name: string): void {
    if (this.wires.isCut(this.node)) throw new InputError(name, `is out of reach of ${this.node}, which is cut off`);
  }
}
