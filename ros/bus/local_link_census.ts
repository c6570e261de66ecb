import type { Qos } from '../../contracts/index.ts';
import type { LinkPeer } from './local_link_connection.ts';
import type { LinkSubscription } from './local_link_frames.ts';

/** A subscription as the graph lists it. */
export interface GraphSubscription {
  /** What the ids of its process's endpoints begin with. */
  readonly participant: string;
  readonly type: string;
  readonly reliability: Qos['reliability'];
  readonly durability: Qos['durability'];
}

/** Subscriptions of one process that links reach. */
export interface LinkTarget {
  readonly peer: LinkPeer;
  readonly ids: readonly number[];
}

export interface Census {
  readonly targets: readonly LinkTarget[];
  /** Subscriptions that links reach. */
  readonly linked: number;
  /** Those of them that the graph does not list yet. */
  readonly unlisted: number;
  /** Subscriptions of the graph that links do not reach. */
  readonly foreign: number;
  /** Listed subscriptions of processes that have died. */
  readonly dead: number;
}

export interface CensusOf {
  readonly topic: string;
  readonly type: string;
  readonly reliability: Qos['reliability'];
}

/** Who hears a volatile publisher, by links and by the graph. */
export function takeCensus(
  publisher: CensusOf,
  peers: readonly LinkPeer[],
  listed: readonly GraphSubscription[],
  isDead: (participant: string) => boolean,
): Census {
  const targets: LinkTarget[] = [];
  const reached = new Map<string, number>();
  let linked = 0;
  for (const peer of peers) {
    const ids = [...peer.subscriptions.values()].filter((each) => hears(publisher, each)).map(({ id }) => id);
    if (ids.length === 0) continue;
    targets.push({ peer, ids });
    reached.set(peer.participant, ids.length);
    linked += ids.length;
  }
  let foreign = 0;
  let dead = 0;
  for (const { participant, type, reliability, durability } of listed) {
    if (type !== publisher.type || durability === 'transient_local' || !suits(publisher, reliability)) continue;
    const left = reached.get(participant) ?? 0;
    if (left > 0) reached.set(participant, left - 1);
    else if (isDead(participant)) dead++;
    else foreign++;
  }
  const unlisted = [...reached.values()].reduce((sum, left) => sum + left, 0);
  return { targets, linked, unlisted, foreign, dead };
}

const hears = (publisher: CensusOf, { topic, type, reliability }: LinkSubscription) =>
  topic === publisher.topic && type === publisher.type && suits(publisher, reliability);

const suits = ({ reliability }: CensusOf, asked: Qos['reliability']) =>
  reliability === 'reliable' || asked === 'best_effort';
