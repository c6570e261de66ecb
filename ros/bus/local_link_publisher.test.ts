import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import type { LinkPeer } from './local_link_connection.ts';
import { FRAME, type LinkSubscription } from './local_link_frames.ts';
import { LinkedPublisher } from './local_link_publisher.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const [TOPIC, TYPE] = ['/states', 'a/msg/State'];

/** A reader of the graph: listed, then matched; ours are reached by a link too, each by its own process. */
interface Reader {
  readonly participant: string;
  readonly linked: boolean;
  listed: boolean;
  matched: boolean;
  gone: boolean;
  readonly seen: number[];
}

/** A publisher of numbers with its graph, by hand. */
class Bench {
  readonly readers: Reader[] = [];
  readonly link = {
    version: 0,
    sent: 0,
    settled: true,
    flushed: true,
    probe: (seen: () => void) => {
      this.probed = seen;
      return ++this.tokens;
    },
    peers: [] as LinkPeer[],
    isDead: (who: string) => this.dead.has(who),
  };
  readonly dead = new Set<string>();
  /** Whether the middleware tells of acknowledgements, and delivers at once. */
  acked = true;
  fast = true;
  private readonly underway: (() => void)[] = [];
  private readonly probes: (() => void)[] = [];
  private tokens = 0;
  private probed: () => void = () => {};
  sent = 0;
  readonly publisher: LinkedPublisher;

  constructor(reliability: 'reliable' | 'best_effort' = 'reliable') {
    const middleware = {
      publish: (cdr: Uint8Array) => {
        const to = this.readers.filter((reader) => reader.matched && !reader.gone);
        this.underway.push(() => {
          for (const reader of to) this.hear(reader, cdr);
        });
        if (this.fast) this.arrive();
      },
      subscribers: () => this.readers.filter(({ matched }) => matched).length,
      reachesAll: () => false,
      acknowledged: () => this.acked && this.underway.length === 0,
      close: () => {},
    };
    this.publisher = new LinkedPublisher({
      ...{ topic: TOPIC, type: TYPE, reliability, middleware, keep: 100, link: this.link },
      listed: () =>
        this.readers
          .filter(({ listed }) => listed)
          .map(({ participant }) => ({ participant, type: TYPE, reliability: 'reliable', durability: 'volatile' })),
      guard: (work) => work,
    });
  }

  join(participant: string, linked: boolean): Reader {
    const reader: Reader = { participant, linked, listed: false, matched: false, gone: false, seen: [] };
    this.readers.push(reader);
    if (linked) {
      const subscription: LinkSubscription = { id: 0, topic: TOPIC, type: TYPE, reliability: 'reliable' };
      this.link.peers.push({
        ...{ participant, subscriptions: new Map([[0, subscription]]), holds: () => false },
        send: (_sender, _ids, cdr, _keep, kind) => {
          if (kind !== FRAME.probe) this.hear(reader, cdr);
          else if (!reader.gone && reader.matched) this.probes.push(this.probed);
        },
      });
      this.link.version++;
    }
    return reader;
  }

  /** What is under way in the middleware reaches its readers, who tell of it. */
  arrive(): void {
    for (const deliver of this.underway.splice(0)) deliver();
    for (const seen of this.probes.splice(0)) seen();
  }

  /** It leaves its link at once; the graph hears of it later, by `forget`. */
  leave(reader: Reader): void {
    reader.gone = true;
    if (!reader.linked) this.forget(reader);
    this.link.peers = this.link.peers.filter(({ participant }) => participant !== reader.participant);
    this.dead.add(reader.participant);
    this.link.version++;
  }

  forget(reader: Reader): void {
    reader.listed = false;
    reader.matched = false;
  }

  publish(): void {
    this.publisher.publish(Uint8Array.of(++this.sent & 255, this.sent >> 8));
  }

  private hear({ seen }: Reader, cdr: Uint8Array): void {
    seen.push(cdr[0] + 256 * cdr[1]);
  }
}

function matched(bench: Bench, participant: string, linked: boolean): Reader {
  const reader = bench.join(participant, linked);
  reader.listed = true;
  reader.matched = true;
  return reader;
}

function match(reader: Reader): void {
  reader.listed = !reader.gone;
  reader.matched = !reader.gone;
}

describe('a publisher with two ways', () => {
  it('goes by links alone while they reach everyone, and past them once a stranger reads', () => {
    const bench = new Bench();
    const ours = bench.join('a', true);
    bench.publish();
    expect([ours.seen, bench.link.sent]).toEqual([[1], 1]);
    ours.listed = true;
    ours.matched = true;
    bench.publish();
    const stranger = matched(bench, 's', false);
    bench.publish();
    bench.leave(stranger);
    bench.publish();
    expect([ours.seen, stranger.seen, bench.link.sent]).toEqual([[1, 2, 3, 4], [3], 3]);
  });

  it('waits for a reader that links reach and the graph does not, before it leaves them', () => {
    const bench = new Bench();
    const ours = bench.join('a', true);
    bench.publish();
    const stranger = matched(bench, 's', false);
    bench.publish();
    bench.publish();
    expect([ours.seen, stranger.seen]).toEqual([[1], []]);
    expect(bench.publisher.acknowledged()).toBe(false);
    ours.listed = true;
    ours.matched = true;
    vi.advanceTimersByTime(4);
    expect([ours.seen, stranger.seen]).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
  });

  it('does not go back to links before the middleware has delivered, and waits for it only a moment', () => {
    const bench = new Bench();
    const ours = matched(bench, 'a', true);
    const stranger = matched(bench, 's', false);
    bench.publish();
    bench.acked = false;
    bench.fast = false;
    bench.leave(stranger);
    bench.publish();
    vi.advanceTimersByTime(1001);
    bench.publish();
    vi.advanceTimersByTime(40);
    expect([ours.seen, bench.link.sent]).toEqual([[1], 0]);
    bench.arrive();
    expect(ours.seen).toEqual([1, 2, 3]);
    bench.publish();
    expect([ours.seen, bench.link.sent]).toEqual([[1, 2, 3, 4], 1]);
  });

  it('keeps to links while only the dead are listed besides', () => {
    const bench = new Bench();
    const victim = matched(bench, 'v', true);
    const ours = matched(bench, 'a', true);
    bench.publish();
    bench.leave(victim);
    bench.publish();
    expect([ours.seen, bench.link.sent]).toEqual([[1, 2], 2]);
    expect(bench.publisher.subscribers()).toBe(1);
  });

  it('says that it reaches all only when nobody else is known', () => {
    const bench = new Bench();
    expect(bench.publisher.reachesAll()).toBe(false);
    const ours = bench.join('a', true);
    expect(bench.publisher.reachesAll()).toBe(false);
    ours.listed = true;
    bench.link.version++;
    expect(bench.publisher.reachesAll()).toBe(true);
    matched(bench, 's', false);
    expect(bench.publisher.reachesAll()).toBe(false);
  });

  it('lets nobody miss, double or reorder a message, whoever joins and leaves when', () => {
    for (let seed = 0; seed < sweep(60, 150); seed++) {
      const rng = createRng(seed, 'ways');
      const bench = new Bench();
      const pending: Reader[] = [];
      for (let n = 0; n < 400; n++) {
        const draw = rng.int(20);
        const alive = bench.readers.filter(({ gone }) => !gone);
        if (draw === 0 && alive.length < 5) pending.push(bench.join(`p${n}`, rng.uniform() < 0.6));
        else if (draw === 1 && alive.length > 0) {
          const one = alive[rng.int(alive.length)];
          // Who leaves lets what waits come first; the middleware finds readers sooner than a publisher's patience ends.
          for (const reader of pending.splice(0)) match(reader);
          vi.advanceTimersByTime(2000);
          bench.arrive();
          bench.leave(one);
        } else if (draw === 2) for (const reader of bench.readers) if (reader.gone) bench.forget(reader);
        if (draw === 3) bench.acked = !bench.acked;
        if (draw === 4) bench.fast = !bench.fast;
        if (draw === 6) bench.arrive();
        if (draw < 12) bench.publish();
        else vi.advanceTimersByTime(rng.int(5));
        for (const reader of pending.splice(0)) {
          if (!reader.listed && rng.uniform() < 0.3) reader.listed = true;
          else if (reader.listed && rng.uniform() < 0.6) reader.matched = true;
          if (!reader.matched && !reader.gone) pending.push(reader);
        }
        if (draw === 5) for (const reader of pending.splice(0)) match(reader);
      }
      for (const reader of pending) match(reader);
      bench.publish();
      vi.advanceTimersByTime(3000);
      bench.arrive();
      for (const { participant, seen, gone } of bench.readers) {
        const breaks = seen.filter((each, i) => i > 0 && each !== seen[i - 1] + 1);
        expect(breaks, `seed ${seed}, reader ${participant}: ${seen.join(' ')}`).toEqual([]);
        if (!gone) expect(seen.at(-1), `seed ${seed}, reader ${participant}`).toBe(bench.sent);
      }
    }
  });
});
