import { crc32 } from 'node:zlib';
import type { Qos } from '../../contracts/index.ts';
import type { CdrPublisher } from './cdr_topics.ts';
import type { LocalLink } from './local_link.ts';
import { type Census, type CensusOf, type GraphSubscription, takeCensus } from './local_link_census.ts';
import { FRAME } from './local_link_frames.ts';

export interface LinkedPublisherParts extends CensusOf {
  readonly link: Pick<LocalLink, 'version' | 'settled' | 'peers' | 'isDead' | 'flushed' | 'sent' | 'probe'>;
  /** The same publisher in the middleware. */
  readonly middleware: CdrPublisher;
  /** Depth of the queue in the middleware. */
  readonly keep: number;
  readonly reliability: Qos['reliability'];
  /** Subscriptions of the topic in the graph. */
  readonly listed: () => readonly GraphSubscription[];
  /** As a callback that never throws. */
  readonly guard: (work: () => void) => () => void;
}

/** Messages of more bytes are not probed with. */
const LONGEST_PROBE = 65_536;

type Way = 'link' | 'middleware';

const POLL_MS = 2;
/** Longest that messages wait for the other way to be free of theirs, ms: to links, and away from them. */
const WAIT_MS = { link: 30, middleware: 1_000 } as const;
/** Before messages are made to wait for the way back to links, and again, ms. */
const PAUSE_MS = 1_000;
/** A process that does not read holds up a change of way for no longer, ms. */
const CLOGGED_MS = 100;

/**
 * Publishes by links alone while they reach everyone, else by the middleware alone: nobody hears a message twice. The way
 * changes between two messages, and only when nothing of a reliable topic can be overtaken or missed; until then they wait.
 */
export class LinkedPublisher implements CdrPublisher {
  private readonly parts: LinkedPublisherParts;
  private readonly poll: () => void;
  private way: Way = 'middleware';
  private census: Census = { targets: [], linked: 0, unlisted: 0, foreign: 0, dead: 0 };
  private matched = -1;
  private version = -1;
  private unsure = false;
  private drained = false;
  /** Checksums of what the middleware may still hold, and how many readers have not yet seen the last of it. */
  private readonly recent: number[] = [];
  private unseen = Number.POSITIVE_INFINITY;
  private token = -1;
  private readonly used = { link: false, middleware: false };
  private wished = false;
  private pause_ms = 0;
  private held: Uint8Array[] | null = null;
  private held_ms = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(parts: LinkedPublisherParts) {
    this.parts = parts;
    this.poll = parts.guard(() => this.settle());
  }

  publish(cdr: Uint8Array): void {
    if (this.held === null && this.look()) this.choose();
    if (this.held === null) {
      this.send(cdr);
      return;
    }
    this.held.push(cdr);
    if (this.held.length >= this.parts.keep) this.giveUp();
  }

  subscribers(): number {
    this.look();
    return Math.max(this.parts.middleware.subscribers() - this.census.dead, this.census.linked);
  }

  /** Whether everyone who is known to subscribe is reached at once. */
  reachesAll(): boolean {
    if (!this.parts.link.settled) return false;
    this.look();
    const { linked, unlisted, foreign } = this.census;
    return linked > unlisted && foreign === 0;
  }

  acknowledged(): boolean {
    return this.held === null && this.parts.middleware.acknowledged() && this.parts.link.flushed;
  }

  close(): void {
    this.flush();
    this.parts.middleware.close();
  }

  /** Whether anything has changed since the last look. */
  private look(): boolean {
    const { link, middleware } = this.parts;
    const matched = middleware.subscribers();
    if (matched === this.matched && link.version === this.version && !this.unsure) return false;
    this.matched = matched;
    this.version = link.version;
    this.census = takeCensus(this.parts, link.peers, this.parts.listed(), (who) => link.isDead(who));
    // The graph may know of a reader a moment before or after it is matched.
    this.unsure = matched !== this.listed + this.census.dead || this.census.unlisted > 0 || this.wanted !== this.way;
    return true;
  }

  private get listed(): number {
    const { linked, unlisted, foreign } = this.census;
    return linked - unlisted + foreign;
  }

  private get wanted(): Way {
    const { linked, foreign, dead } = this.census;
    return linked > 0 && foreign === 0 && this.matched <= this.listed + dead ? 'link' : 'middleware';
  }

  /** Takes up the way that reaches everyone; messages wait where it is not free yet. */
  private choose(): void {
    const { wanted } = this;
    if (wanted === this.way) return;
    const now_ms = performance.now();
    if (!this.wished) this.pause_ms = now_ms + PAUSE_MS;
    this.wished = true;
    if (this.free(wanted, 0)) this.take(wanted);
    // Between slow messages the middleware is free by itself.
    else if (wanted === 'middleware' || (this.census.dead === 0 && now_ms >= this.pause_ms)) this.hold();
  }

  private free(way: Way, waited_ms: number): boolean {
    const { middleware, reliability } = this.parts;
    if (way === 'link') return !this.used.middleware || this.arrived || middleware.acknowledged();
    if (reliability === 'best_effort' || !this.used.link) return true;
    const { targets, unlisted, dead } = this.census;
    const clogged = targets.some(({ peer }) => peer.holds(this)) && waited_ms < CLOGGED_MS;
    return !clogged && unlisted === 0 && this.matched >= this.listed + dead;
  }

  private take(way: Way): void {
    this.way = way;
    this.wished = false;
    this.drained = way === 'link' && this.used.middleware;
    this.used[way === 'link' ? 'middleware' : 'link'] = false;
    this.unsure = this.matched !== this.listed + this.census.dead || this.census.unlisted > 0;
  }

  private hold(): void {
    this.held = [];
    this.held_ms = performance.now();
    this.timer = setInterval(this.poll, POLL_MS);
  }

  private settle(): void {
    this.look();
    const { wanted } = this;
    const waited_ms = performance.now() - this.held_ms;
    if (wanted === this.way) this.flush();
    else if (this.free(wanted, waited_ms)) {
      this.take(wanted);
      this.flush();
    } else if (waited_ms > WAIT_MS[wanted]) this.giveUp();
  }

  /** Waits no longer: the middleware is always right for whoever it has matched. */
  private giveUp(): void {
    if (this.wanted === 'middleware') this.take('middleware');
    else this.pause_ms = performance.now() + PAUSE_MS;
    this.flush();
  }

  /** Sends what waits. */
  private flush(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    const waiting = this.held ?? [];
    this.held = null;
    for (const cdr of waiting) this.send(cdr);
  }

  private send(cdr: Uint8Array): void {
    this.used[this.way] = true;
    if (this.way === 'middleware') {
      this.probe(cdr);
      this.parts.middleware.publish(cdr);
      return;
    }
    const { keep, link } = this.parts;
    link.sent++;
    for (const { peer, ids } of this.census.targets)
      peer.send(this, ids, cdr, keep, this.drained ? FRAME.drained : FRAME.message);
    this.drained = false;
  }

  /** Whether all that went by the middleware has arrived at everyone. */
  private get arrived(): boolean {
    return this.unseen === 0;
  }

  /**
   * Asks the readers to tell of a message on its way through the middleware, while the way back to links is wished for: its
   * own acknowledgements take a second. Only of one that differs from all which may still be under way before it.
   */
  private probe(cdr: Uint8Array): void {
    this.unseen = Number.POSITIVE_INFINITY;
    const { keep, reliability, link } = this.parts;
    if (reliability === 'best_effort' || this.census.targets.length === 0) return;
    const sum = cdr.length > LONGEST_PROBE ? -1 : crc32(cdr);
    if (this.wished && sum >= 0 && !this.recent.includes(sum)) {
      let left = this.census.linked;
      const token = link.probe(() => {
        left--;
        if (this.token === token) this.unseen = left;
      });
      this.token = token;
      for (const { peer, ids } of this.census.targets) peer.send(this, [token, ...ids], cdr, keep, FRAME.probe);
    }
    this.recent.push(sum);
    if (this.recent.length > keep) this.recent.shift();
  }
}
