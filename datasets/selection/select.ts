import { createRng } from '../../contracts/index.ts';
import type { DatasetEpisode, Split } from '../dataset/schema.ts';
import { balancedSubset, type Cell } from './balance.ts';
import type { Gathered } from './gather.ts';
import { type Shares, type SplitLevel, type SplitResult, splitEpisodes } from './splits.ts';

export interface SelectionOptions {
  readonly seed: number;
  /** At most so many. */
  readonly max?: number | undefined;
  /** Fields to have equal shares of; none balances nothing. */
  readonly balance: readonly string[];
  readonly split?: Shares | undefined;
  readonly split_by?: SplitLevel | undefined;
}

export interface Selection {
  readonly episodes: readonly Gathered[];
  /** Null where nothing was split. */
  readonly split: SplitResult | null;
  readonly cells: readonly Cell[];
  readonly said: readonly string[];
}

/** Draws, balances and splits what was gathered, in this order. The same seed gives the same episodes and parts. */
export function select(gathered: readonly Gathered[], options: SelectionOptions): Selection {
  const { seed, max, balance, split: shares, split_by } = options;
  const all = gathered.map(({ episode }) => episode);
  const balanced = balance.length === 0 || all.length === 0 ? null : balancedSubset(all, balance, seed, max);
  const ids = new Set((balanced?.episodes ?? drawn(all, max, seed)).map(({ id }) => id));
  const episodes = gathered.filter(({ episode }) => ids.has(episode.id));
  const chosen = episodes.map(({ episode }) => episode);
  const split = shares === undefined ? null : splitEpisodes(chosen, shares, seed, split_by);
  return { episodes, split, cells: balanced?.cells ?? [], said: [...(balanced?.said ?? []), ...(split?.said ?? [])] };
}

function drawn(episodes: readonly DatasetEpisode[], max: number | undefined, seed: number): readonly DatasetEpisode[] {
  if (max === undefined || episodes.length <= max) return episodes;
  const rng = createRng(seed, 'draw');
  const left = [...episodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  return Array.from({ length: max }, () => left.splice(rng.int(left.length), 1)[0]);
}

/** Episodes with the parts they were given; those that were given none have none. */
export function withSplit(
  episodes: readonly DatasetEpisode[],
  split: ReadonlyMap<string, Split>,
): readonly DatasetEpisode[] {
  return episodes.map((episode) => ({ ...episode, split: split.get(episode.id) ?? null }));
}
