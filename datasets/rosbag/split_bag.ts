import { InputError } from '../../contracts/index.ts';
import type { Bag } from './bag.ts';

/** Where a bag is cut into episodes; without either it is one. */
export interface SplitOptions {
  /** Every message of this topic begins an episode. */
  readonly split_on?: string | undefined;
  /** A silence of all topics that is longer ends one, s. */
  readonly split_gap_s?: number | undefined;
}

/** Messages [from, to) in order of log time. */
export interface EpisodeRange {
  readonly from: number;
  readonly to: number;
}

const MOST_EPISODES = 10_000;

/** Throws an InputError for a topic that the bag does not have, and for more than 10,000 episodes. */
export function splitBag(
  { name, index, topics }: Bag,
  { split_on, split_gap_s }: SplitOptions,
): readonly EpisodeRange[] {
  const begins = new Set<number>();
  for (const [number, topic] of topics.entries()) if (topic.name === split_on) begins.add(number);
  if (split_on !== undefined && begins.size === 0) {
    const some = topics.slice(0, 8).map((topic) => topic.name);
    throw new InputError(`--split-on ${split_on}`, `is no topic of bag ${name}, which has ${some.join(', ')}`);
  }
  const gap_ns = split_gap_s === undefined ? null : BigInt(Math.round(split_gap_s * 1e9));
  const ranges: EpisodeRange[] = [];
  let from = 0;
  for (let k = 1; k < index.messages; k++) {
    const silent = gap_ns !== null && index.timeOf(k) - index.timeOf(k - 1) > gap_ns;
    if (!silent && !begins.has(index.topicOf(k))) continue;
    ranges.push({ from, to: k });
    from = k;
    if (ranges.length < MOST_EPISODES) continue;
    throw new InputError(
      `bag ${name}`,
      `is cut into more than ${MOST_EPISODES} episodes; choose a rarer topic or a longer gap`,
    );
  }
  if (index.messages > 0) ranges.push({ from, to: index.messages });
  return ranges;
}
