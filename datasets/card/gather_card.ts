import { InputError } from '../../contracts/index.ts';
import { type Dataset, episodePath } from '../dataset/folder.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import type { CardContent, SignatureStatus } from './card_facts.ts';
import { type EpisodeLook, lookAtEpisode } from './episode_look.ts';

export interface GatherOptions {
  readonly signature: SignatureStatus;
  /** Episodes that are shown in pictures. */
  readonly max_episodes: number;
  readonly onEpisode?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Looks through every recording of a dataset, one at a time. What cannot be read is named, and the others are shown. */
export async function gatherCard(dataset: Dataset, options: GatherOptions): Promise<CardContent> {
  const { episodes } = dataset.index;
  const pictured = new Set(chosenForPictures(episodes, options.max_episodes).map(({ id }) => id));
  const looks = new Map<string, EpisodeLook>();
  const unreadable = new Map<string, string>();
  for (const [done, episode] of episodes.entries()) {
    options.signal?.throwIfAborted();
    try {
      looks.set(episode.id, await lookAtEpisode(episodePath(dataset, episode), pictured.has(episode.id)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unreadable.set(episode.id, error.message);
    }
    options.onEpisode?.(done + 1, episodes.length);
  }
  return { dataset, signature: options.signature, looks, unreadable };
}

/** Episodes to show in pictures: of every task and outcome in turn, in their order, until there are enough. */
export function chosenForPictures(episodes: readonly DatasetEpisode[], most: number): readonly DatasetEpisode[] {
  if (episodes.length <= most) return episodes;
  const groups = new Map<string, DatasetEpisode[]>();
  for (const episode of episodes) {
    const key = JSON.stringify([episode.robot.name, episode.task, episode.outcome.success]);
    const group = groups.get(key) ?? [];
    group.push(episode);
    groups.set(key, group);
  }
  const chosen = new Set<DatasetEpisode>();
  for (let round = 0; chosen.size < most; round++) {
    for (const group of groups.values()) {
      if (round < group.length && chosen.size < most) chosen.add(group[round]);
    }
  }
  return episodes.filter((episode) => chosen.has(episode));
}
