import type { Qos } from '../../contracts/index.ts';
import type { CdrPublisher, CdrSubscription } from './cdr_topics.ts';
import type { Guard } from './guard.ts';
import type { LinkStats, LocalLink } from './local_link.ts';
import type { GraphSubscription } from './local_link_census.ts';
import { LinkedPublisher } from './local_link_publisher.ts';
import { rosName } from './names.ts';
import {
  type Addon,
  DURABILITY,
  loadAddon,
  type NativeNode,
  nativeQos,
  PATIENCE,
  type Rclnodejs,
  RELIABILITY,
} from './native.ts';
import { participantOf } from './participant.ts';

const SPIN_TIMEOUT_MS = 10;

/** Messages of a subscription that links serve too wait for a turn of the loop for so long after the last by a link, ms. */
const MIXED_MS = 1_000;
/** Most messages that are drained at once. */
const MOST_DRAINED = 10_000;

/**
 * A node of the middleware with its messages as CDR, and every call from it guarded. Messages go past the library's own
 * dispatch, which costs several times what they do.
 */
export class RosNode {
  readonly rcl: Rclnodejs;
  readonly native: NativeNode;
  readonly guard: Guard;
  private readonly addon: Addon;
  private readonly link: LocalLink | null;
  private readonly linked = new Set<() => void>();
  private readonly takers = new Map<object, Taker>();
  private silent = false;
  private wake: NodeJS.Immediate | null = null;

  /** @param link  takes volatile topics past the middleware where it reaches all that subscribe; null for never */
  constructor(rcl: Rclnodejs, native: NativeNode, guard: Guard, link: LocalLink | null) {
    this.rcl = rcl;
    this.native = native;
    this.guard = guard;
    this.link = link;
    this.addon = loadAddon();
    const others = native.execute.bind(native);
    native.execute = (handles) => this.dispatch(handles, others);
  }

  /** Nothing is heard or sent any more: tearing a node down runs the event loop within itself, with all that waits there. */
  end(): void {
    this.silent = true;
    for (const leave of this.linked) leave();
    // One that were still to come, within another, would end the process in native code.
    if (this.wake !== null) clearImmediate(this.wake);
    this.wake = null;
  }

  get ended(): boolean {
    return this.silent;
  }

  get linkStats(): LinkStats | null {
    return this.link?.ready === true ? this.link.stats : null;
  }

  /** Begins to hear the graph. */
  spin(): void {
    this.native.spin(SPIN_TIMEOUT_MS);
  }

  /** @param name  as contracts have it, or private: `~/x` */
  advertise(type: string, name: string, qos: Qos): CdrPublisher {
    const { addon, native, rcl, link } = this;
    const publisher = native.createPublisher(type, rosName(name), { qos: nativeQos(rcl, qos, 'out') });
    const { handle } = publisher;
    const middleware: CdrPublisher = {
      publish: ({ buffer, byteOffset, byteLength }) => {
        if (!this.silent) addon.publishRawMessage(handle, Buffer.from(buffer, byteOffset, byteLength));
      },
      subscribers: () => (this.silent ? 0 : addon.getSubscriptionCount(handle)),
      reachesAll: () => false,
      acknowledged: () => this.silent || publisher.waitForAllAcked(0n),
      close: () => native.destroyPublisher(publisher),
    };
    if (link === null || qos.durability !== 'volatile') return middleware;
    const { topic } = publisher;
    const { reliability, depth } = qos;
    return new LinkedPublisher({
      ...{ topic, type, reliability, link, middleware },
      keep: reliability === 'reliable' ? PATIENCE * depth : depth,
      listed: () => this.listed(topic),
      guard: (work) => this.guard.wrap(`topic ${name}`, work),
    });
  }

  /** @param take  is handed each message's bytes, to keep */
  listen(type: string, name: string, qos: Qos, take: (cdr: Buffer) => void): CdrSubscription {
    const { native, rcl, link } = this;
    const guarded = this.guard.wrap(`message on ${name}`, take);
    const options = { qos: nativeQos(rcl, qos, 'in'), isRaw: true } as const;
    const subscription = native.createSubscription(type, rosName(name), options, guarded);
    const { handle, topic } = subscription;
    const taker: Taker = { take: guarded, linked_ms: Number.NEGATIVE_INFINITY, waits: false, expected: [], last: null };
    this.takers.set(handle, taker);
    let leave = () => {};
    if (link !== null && qos.durability === 'volatile') {
      const deliver = (cdr: Buffer) => {
        taker.linked_ms = performance.now();
        if (!this.silent) guarded(cdr);
      };
      const drain = () => this.drain(handle);
      leave = link.subscribe(
        { topic, type, reliability: qos.reliability },
        { deliver, drain, expect: (cdr, seen) => expectOf(taker, cdr, seen) },
      );
      this.linked.add(leave);
    }
    return {
      publishers: () => (this.silent ? 0 : subscription.publisherCount),
      close: () => {
        leave();
        this.linked.delete(leave);
        this.takers.delete(handle);
        native.destroySubscription(subscription);
      },
    };
  }

  /** Names of the nodes that subscribe to a topic, without their namespaces. */
  readers(topic: string): readonly string[] {
    if (this.silent) return [];
    const full = this.native.resolveTopicName(rosName(topic));
    return this.native.getSubscriptionsInfoByTopic(full, false).map(({ node_name }) => node_name);
  }

  private listed(topic: string): readonly GraphSubscription[] {
    if (this.silent) return [];
    return this.native.getSubscriptionsInfoByTopic(topic, false).map(({ endpoint_gid, topic_type, qos_profile }) => ({
      participant: participantOf(endpoint_gid),
      type: topic_type,
      reliability: qos_profile.reliability === RELIABILITY.best_effort ? 'best_effort' : 'reliable',
      durability: qos_profile.durability === DURABILITY.transient_local ? 'transient_local' : 'volatile',
    }));
  }

  private dispatch(handles: readonly object[], others: (handles: readonly object[]) => void): void {
    if (this.silent) return;
    let left = 0;
    for (const handle of handles) {
      const taker = this.takers.get(handle);
      if (taker === undefined) left++;
      else if (performance.now() - taker.linked_ms > MIXED_MS) this.take(handle, taker);
      else this.takeLater(handle, taker);
    }
    if (left > 0) {
      const rest = left === handles.length ? handles : handles.filter((handle) => !this.takers.has(handle));
      this.guard.run('the middleware', () => others(rest), undefined);
    }
    // The middleware calls from outside of the event loop's callbacks: without one, promises would wait for the next.
    this.wake ??= setImmediate(() => {
      this.wake = null;
    });
  }

  /**
   * What links have brought goes first: it may be older. One turn of the loop reads all of it that was there when this
   * message came, and one message is taken: the oldest.
   */
  private takeLater(handle: object, taker: Taker): void {
    if (taker.waits) return;
    taker.waits = true;
    setImmediate(() =>
      setImmediate(() => {
        taker.waits = false;
        if (!this.silent && this.takers.get(handle) === taker) this.take(handle, taker);
      }),
    );
  }

  private drain(handle: object): void {
    const taker = this.takers.get(handle);
    if (taker === undefined || this.silent) return;
    for (let n = 0; n < MOST_DRAINED && this.take(handle, taker); n++);
  }

  /** Whether there was a message. */
  private take(handle: object, taker: Taker): boolean {
    try {
      const cdr = this.addon.rclTakeRaw(handle);
      if (cdr === undefined) return false;
      taker.take(cdr);
      taker.last = cdr.length <= LONGEST_KEPT ? cdr : null;
      if (taker.expected.length > 0) tell(taker, cdr);
      return true;
    } catch (error) {
      this.guard.report(error, 'the middleware');
      return false;
    }
  }
}

/** Who is handed the messages of one subscription. */
interface Taker {
  readonly take: (cdr: Buffer) => void;
  /** When the last message came by a link. */
  linked_ms: number;
  /** Whether a message of the middleware waits for a turn of the loop. */
  waits: boolean;
  /** The last message of the middleware, and those of which a publisher wants to know that they have come. */
  last: Buffer | null;
  expected: readonly Expected[];
}

interface Expected {
  readonly cdr: Buffer;
  readonly seen: () => void;
}

/** Longer messages are not kept for a probe that comes after them. */
const LONGEST_KEPT = 4_096;
const MOST_EXPECTED = 64;

function expectOf(taker: Taker, cdr: Buffer, seen: () => void): void {
  if (taker.last !== null && begins(taker.last, cdr)) seen();
  else taker.expected = [...taker.expected, { cdr, seen }].slice(-MOST_EXPECTED);
}

/** What was expected before it has come, or never will. */
function tell(taker: Taker, cdr: Buffer): void {
  const at = taker.expected.findIndex((each) => begins(cdr, each.cdr));
  if (at < 0) return;
  const { seen } = taker.expected[at];
  taker.expected = taker.expected.filter((_, i) => i !== at);
  seen();
}

/** The middleware may add bytes behind a message. */
const begins = (cdr: Buffer, part: Buffer) =>
  cdr.length >= part.length && cdr.length < part.length + 8 && cdr.subarray(0, part.length).equals(part);
