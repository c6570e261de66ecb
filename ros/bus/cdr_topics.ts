/** Publishes CDR on one topic. */
export interface CdrPublisher {
  /** @param cdr  not written again by its caller */
  publish(cdr: Uint8Array): void;
  /** Subscriptions of the whole domain that match. */
  subscribers(): number;
  /** Whether everyone who is known to subscribe is reached already, without the middleware's introductions. */
  reachesAll(): boolean;
  /** Whether every reliable subscriber has got what was published. */
  acknowledged(): boolean;
  close(): void;
}

export interface CdrSubscription {
  /** Publishers of the whole domain that match. */
  publishers(): number;
  close(): void;
}
