import { CHANNEL_PRIORITIES, type ChannelPriority } from '../../ros/index.ts';

/** A message that waits for one client. */
export interface Waiting {
  readonly subscription: number;
  readonly log_ns: bigint;
  readonly data: Uint8Array;
}

/** What may be on its way to one client, unsent bytes beyond which no more is handed to its socket. */
export interface SendBudget {
  /** Of a picture, which is only begun when little waits before it. */
  readonly picture: number;
  readonly other: number;
  /** Messages of one topic that wait at most, but for pictures: of those it is the newest. */
  readonly depth: number;
}

export const SEND_BUDGET: SendBudget = { picture: 64 * 1024, other: 1024 * 1024, depth: 64 };

/** Most important first. */
const ORDER: readonly ChannelPriority[] = [...CHANNEL_PRIORITIES].reverse();

/**
 * What waits for one client, so that big messages never hold up small ones: state before scene before diagnostics before
 * pictures, the oldest of a topic first. A topic that has no room loses its oldest message.
 */
export class SendQueue {
  private readonly budget: SendBudget;
  private readonly ranks = ORDER.map(() => new Map<number, Waiting[]>());
  private lost = 0;

  constructor(budget: SendBudget = SEND_BUDGET) {
    this.budget = budget;
  }

  /** Messages that waited and were given up. */
  get dropped(): number {
    return this.lost;
  }

  push(priority: ChannelPriority, message: Waiting): void {
    const rank = this.ranks[ORDER.indexOf(priority)];
    const waiting = rank.get(message.subscription);
    if (waiting === undefined) {
      rank.set(message.subscription, [message]);
      return;
    }
    waiting.push(message);
    if (waiting.length <= (priority === 'picture' ? 1 : this.budget.depth)) return;
    waiting.shift();
    this.lost++;
  }

  /** What is to be sent next, with so many bytes unsent; null where that is nothing, or too much is on its way. */
  next(unsent_bytes: number): Waiting | null {
    for (let i = 0; i < ORDER.length; i++) {
      if (unsent_bytes > (ORDER[i] === 'picture' ? this.budget.picture : this.budget.other)) return null;
      for (const [subscription, waiting] of this.ranks[i]) {
        const message = waiting.shift();
        this.ranks[i].delete(subscription);
        if (message === undefined) continue;
        // Behind the others of its rank, so that each topic gets its turn.
        if (waiting.length > 0) this.ranks[i].set(subscription, waiting);
        return message;
      }
    }
    return null;
  }

  /** Forgets what waits of a subscription. */
  forget(subscription: number): void {
    for (const rank of this.ranks) rank.delete(subscription);
  }
}
