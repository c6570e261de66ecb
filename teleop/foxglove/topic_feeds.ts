import type { Bus, Clock, Subscription } from '../../contracts/index.ts';
import { type ChannelPriority, createChannels, type RosSource, type Take } from '../../ros/index.ts';

/** Takes an encoded message of a channel. */
export interface FeedReader {
  /** Whether anybody would take a message now; pictures are not encoded for nobody. */
  wants(channel: number, priority: ChannelPriority): boolean;
  offer(channel: number, priority: ChannelPriority, log_ns: bigint, data: Uint8Array): void;
}

interface Kept {
  readonly log_ns: bigint;
  readonly data: Uint8Array;
}

/** A topic of the bus as a channel. `keep` is how many of its last messages a late reader gets. */
interface Feed {
  readonly source: RosSource;
  readonly keep: number;
  readonly kept: Kept[];
  subscription: Subscription | null;
  readers: number;
}

const SUBSCRIBER = 'foxglove';

/**
 * The robot's topics as channels of ROS 2 messages: each is read from the bus while somebody reads it here, and encoded once
 * for all. Topics that keep their last messages are read always, so that late readers get them.
 */
export class TopicFeeds {
  private readonly bus: Bus;
  private readonly clock: Pick<Clock, 'now_ns'>;
  private readonly reader: FeedReader;
  private readonly feeds: readonly Feed[];

  constructor(bus: Bus, clock: Pick<Clock, 'now_ns'>, reader: FeedReader) {
    this.bus = bus;
    this.clock = clock;
    this.reader = reader;
    this.feeds = feedsOf();
    for (const [index, feed] of this.feeds.entries()) if (feed.keep > 0) this.attach(index + 1, feed);
  }

  /** In the order of their numbers, from 1. */
  get sources(): readonly RosSource[] {
    return this.feeds.map(({ source }) => source);
  }

  has(channel: number): boolean {
    return this.feeds[channel - 1] !== undefined;
  }

  /** Somebody reads a channel; `late` gets what it has kept. */
  open(channel: number, late: FeedReader['offer']): void {
    const feed = this.feeds[channel - 1];
    feed.readers++;
    for (const { log_ns, data } of feed.kept) late(channel, feed.source.priority, log_ns, data);
    if (feed.subscription === null) this.attach(channel, feed);
  }

  /** Somebody reads a channel no longer. */
  close(channel: number): void {
    const feed = this.feeds[channel - 1];
    feed.readers--;
    if (feed.readers > 0 || feed.keep > 0) return;
    feed.subscription?.unsubscribe();
    feed.subscription = null;
  }

  end(): void {
    for (const feed of this.feeds) {
      feed.subscription?.unsubscribe();
      feed.subscription = null;
    }
  }

  private attach(channel: number, feed: Feed): void {
    const { source, keep, kept } = feed;
    const deliver = (log_ns: bigint, data: Uint8Array) => {
      if (keep > 0) {
        kept.push({ log_ns, data });
        if (kept.length > keep) kept.shift();
      }
      this.reader.offer(channel, source.priority, log_ns, data);
    };
    const take: Take = (encode) => {
      if (keep === 0 && !this.reader.wants(channel, source.priority)) return undefined;
      const log_ns = this.clock.now_ns();
      const encoded = encode();
      if (encoded instanceof Promise) return encoded.then((data) => deliver(log_ns, data));
      return deliver(log_ns, encoded);
    };
    feed.subscription = source.attach(this.bus, SUBSCRIBER, take);
  }
}

function feedsOf(): Feed[] {
  const { overview, wrist, ...others } = createChannels();
  const all = [...Object.values(overview), ...Object.values(wrist), ...Object.values(others)];
  return all.map((channel) => {
    const { durability, depth } = channel.source.qos;
    const keep = durability === 'transient_local' ? depth : 0;
    return { source: channel, keep, kept: [], subscription: null, readers: 0 };
  });
}
