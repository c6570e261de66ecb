import type { Qos } from '../../contracts/index.ts';
import type { CdrPublisher } from './cdr_topics.ts';
import type { LocalLink } from './local_link.ts';
import { type Census, type CensusOf, type GraphSubscription, takeCensus } from './local_link_census.ts';

export interface LinkedPublisherParts extends CensusOf {
  readonly link: Pick<LocalLink, 'version' | 'settled' | 'peers' | 'isDead' | 'flushed' | 'sent'>;
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

type Way = 'link' | 'middleware';

const POLL_MS = 2;
/** Longest that messages wait for the other way to be free of theirs, ms: to links, and away from them. */
const WAIT_MS = { link: 30, middleware: 1_000 } as const;
/** Pause after a change of way that did not come about, ms. */
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
  private readonly used = { link: false, middleware: false };
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
    if (wanted === this.way || performance.now() < this.pause_ms) return;
    if (this.free(wanted, 0)) this.take(wanted);
    else if (wanted === 'middleware' || this.census.dead === 0) this.hold();
  }

  private free(way: Way, waited_ms: number): boolean {
    const { middleware, reliability } = this.parts;
    if (way === 'link') return !this.used.middleware || middleware.acknowledged();
    if (reliability === 'best_effort' || !this.used.link) return true;
    const { targets, unlisted, dead } = this.census;
    const clogged = targets.some(({ peer }) => peer.holds(this)) && waited_ms < CLOGGED_MS;
    return !clogged && unlisted === 0 && this.matched >= this.listed + dead;
  }

  private take(way: Way): void {
    this.way = way;
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
      this.parts.middleware.publish(cdr);
      return;
    }
    const { keep, link } = this.parts;
    link.sent++;
    for (const { peer, ids } of this.census.targets) peer.send(this, ids, cdr, keep, this.drained);
    this.drained = false;
  }
}
