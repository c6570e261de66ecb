import type { Backpressure, SubscriptionStats } from './bus.ts';

export type Handler<T> = (message: T) => void | Promise<void>;

/** What a reader tells of itself: a handler began, it finished, it threw or rejected. */
export interface ReaderWork {
  readonly begin: () => void;
  readonly end: () => void;
  readonly failed: (error: unknown) => void;
}

/** One subscriber: calls its handler one message at a time and counts what it could not take. */
export class Reader<T> {
  private readonly queue: T[] = [];
  private handling = false;
  private closed = false;
  private received = 0;
  private dropped = 0;
  readonly topic: string;
  readonly subscriber: string;
  private readonly limit: number;
  private readonly newest: boolean;
  private readonly handler: Handler<T>;
  private readonly work: ReaderWork;

  constructor(topic: string, subscriber: string, backpressure: Backpressure, handler: Handler<T>, work: ReaderWork) {
    this.topic = topic;
    this.subscriber = subscriber;
    this.newest = backpressure.kind === 'latest';
    this.limit = backpressure.kind === 'latest' ? 1 : backpressure.depth;
    this.handler = handler;
    this.work = work;
  }

  /** A message has come. */
  offer(message: T): void {
    this.received++;
    if (this.handling) {
      if (this.queue.length < this.limit) this.queue.push(message);
      else {
        this.dropped++;
        if (this.newest) this.queue[this.limit - 1] = message;
      }
      return;
    }
    this.handling = true;
    this.work.begin();
    this.drain(message);
  }

  /** So many messages were lost on their way here. */
  missed(count: number): void {
    this.received += count;
    this.dropped += count;
  }

  private drain(first: T): void {
    let message = first;
    for (;;) {
      const pending = this.handle(message);
      if (pending instanceof Promise) {
        pending
          .catch((error: unknown) => this.work.failed(error))
          .then(() => {
            if (this.closed || this.queue.length === 0) this.finish();
            else this.drain(this.queue.shift() as T);
          });
        return;
      }
      if (this.closed || this.queue.length === 0) {
        this.finish();
        return;
      }
      message = this.queue.shift() as T;
    }
  }

  private handle(message: T): void | Promise<void> {
    try {
      return this.handler(message);
    } catch (error) {
      this.work.failed(error);
    }
  }

  private finish(): void {
    this.handling = false;
    this.work.end();
  }

  /** Forgets what waits; the handler is not called again. */
  close(): void {
    this.closed = true;
    this.queue.length = 0;
  }

  stats(): SubscriptionStats {
    const { topic, subscriber, received, dropped, queue } = this;
    return { topic, subscriber, received, dropped, queued: queue.length };
  }
}
