import type { z } from 'zod';

/**
 * What a slow subscriber loses. `latest`: only the newest message waits (sensors). `queue`: up to `depth` wait and
 * the newest is refused beyond it (commands). Both count what they drop.
 */
export type Backpressure = { readonly kind: 'latest' } | { readonly kind: 'queue'; readonly depth: number };

/** ROS 2 quality of service of a topic. */
export interface Qos {
  readonly reliability: 'reliable' | 'best_effort';
  readonly durability: 'volatile' | 'transient_local';
  readonly depth: number;
}

/** The one declaration of a topic: its TypeScript type is inferred from the schema. */
export interface Topic<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly ros_type: string;
  readonly qos: Qos;
  readonly backpressure: Backpressure;
  /** Units and frame of the payload, for people. */
  readonly units: string;
}

/** Request and response, answered by one server. */
export interface Service<Request, Response> {
  readonly name: string;
  readonly request: z.ZodType<Request>;
  readonly response: z.ZodType<Response>;
  readonly ros_type: string;
}

/** A goal that takes time: feedback while it runs, one result at its end. */
export interface Action<Goal, Feedback, Result> {
  readonly name: string;
  readonly goal: z.ZodType<Goal>;
  readonly feedback: z.ZodType<Feedback>;
  readonly result: z.ZodType<Result>;
  readonly ros_type: string;
}

export interface SubscriptionStats {
  readonly topic: string;
  readonly subscriber: string;
  readonly received: number;
  readonly dropped: number;
  readonly queued: number;
}

export interface Subscription {
  stats(): SubscriptionStats;
  unsubscribe(): void;
}

/** What an action server is given for one goal. Exactly one of `succeed` and `abort` is called, once. */
export interface GoalHandle<Feedback, Result> {
  readonly id: number;
  feedback(feedback: Feedback): void;
  succeed(result: Result): void;
  abort(result: Result): void;
  /** Called when the client asks to cancel. */
  onCancel(callback: () => void): void;
}

export type GoalStatus = 'succeeded' | 'aborted' | 'canceled';

export interface SentGoal {
  readonly id: number;
  cancel(): void;
}

export interface GoalCallbacks<Feedback, Result> {
  readonly onFeedback?: (feedback: Feedback) => void;
  readonly onResult: (status: GoalStatus, result: Result) => void;
}

/**
 * Carries messages between nodes. The in-process bus hands typed arrays over without copying: a message belongs to its
 * readers once published and is not written again. Handlers may be asynchronous; a subscriber gets its next message when
 * its handler has finished with the last one.
 */
export interface Bus {
  publish<T>(topic: Topic<T>, message: T): void;
  subscribe<T>(topic: Topic<T>, subscriber: string, handler: (message: T) => void | Promise<void>): Subscription;
  /** How many subscribe to a topic: nodes need not do work that nobody asks for. */
  subscribers(topic: { readonly name: string }): number;
  /** Whether any of these nodes subscribes to a topic now. */
  isReadBy(topic: { readonly name: string }, nodes: readonly string[]): boolean;
  serve<Req, Res>(service: Service<Req, Res>, handler: (request: Req) => Res | Promise<Res>): () => void;
  call<Req, Res>(service: Service<Req, Res>, request: Req): Promise<Res>;
  serveAction<G, F, R>(action: Action<G, F, R>, handler: (goal: G, handle: GoalHandle<F, R>) => void): () => void;
  sendGoal<G, F, R>(action: Action<G, F, R>, goal: G, callbacks: GoalCallbacks<F, R>): SentGoal;
  /** Every subscription's counts: slow readers are seen, not hidden. */
  stats(): readonly SubscriptionStats[];
}
