import { describe, expect, it } from 'vitest';
import { type GraphSubscription, takeCensus } from './local_link_census.ts';
import type { LinkPeer } from './local_link_connection.ts';
import type { LinkSubscription } from './local_link_frames.ts';

const [TOPIC, TYPE] = ['/states', 'a/msg/State'];
const publisher = { topic: TOPIC, type: TYPE, reliability: 'reliable' } as const;
const reads = (id: number, more: Partial<LinkSubscription> = {}): LinkSubscription => ({
  ...{ id, topic: TOPIC, type: TYPE, reliability: 'reliable' },
  ...more,
});
const peer = (participant: string, ...subscriptions: LinkSubscription[]): LinkPeer => ({
  participant,
  subscriptions: new Map(subscriptions.map((each) => [each.id, each])),
  send() {},
  holds: () => false,
});
const lists = (participant: string, more: Partial<GraphSubscription> = {}): GraphSubscription => ({
  ...{ participant, type: TYPE, reliability: 'reliable', durability: 'volatile' },
  ...more,
});
const census = (
  peers: readonly LinkPeer[],
  listed: readonly GraphSubscription[],
  from = publisher as Parameters<typeof takeCensus>[0],
) => {
  const { targets, ...counts } = takeCensus(from, peers, listed, (participant) => participant === 'dead');
  return { ...counts, ids: targets.flatMap(({ ids }) => ids) };
};

describe('who hears a publisher', () => {
  it('are those whom links reach, whether the graph lists them or not, and strangers', () => {
    const peers = [peer('a', reads(0), reads(3)), peer('b', reads(1)), peer('c', reads(2, { topic: '/other' }))];
    const listed = [lists('a'), lists('b'), lists('stranger'), lists('c'), lists('dead')];
    expect(census(peers, listed)).toEqual({ ids: [0, 3, 1], linked: 3, unlisted: 1, foreign: 2, dead: 1 });
  });

  it('counts a second reader of a process that links do not know as a stranger', () => {
    expect(census([peer('a', reads(0))], [lists('a'), lists('a')])).toMatchObject({ linked: 1, foreign: 1 });
  });

  it('are only those whose type and quality of service match', () => {
    const best_effort = { ...publisher, reliability: 'best_effort' } as const;
    const peers = [peer('a', reads(0), reads(1, { reliability: 'best_effort' }), reads(2, { type: 'a/msg/B' }))];
    const listed = [
      lists('a'),
      lists('a', { reliability: 'best_effort' }),
      lists('a', { type: 'a/msg/B' }),
      lists('stranger', { durability: 'transient_local' }),
    ];
    expect(census(peers, listed)).toEqual({ ids: [0, 1], linked: 2, unlisted: 0, foreign: 0, dead: 0 });
    expect(census(peers, listed, best_effort)).toEqual({ ids: [1], linked: 1, unlisted: 0, foreign: 0, dead: 0 });
  });
});
