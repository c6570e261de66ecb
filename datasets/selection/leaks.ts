import type { DatasetEpisode, DatasetIndex, Split } from '../dataset/schema.ts';
import { closePairs } from './close_pairs.ts';

/** Something that two parts of a dataset have in common. */
export interface Leak {
  /** `run`: neighbours of one recording session of a real robot, or of nobody knows what. */
  readonly kind: 'content' | 'near_duplicate' | 'scene' | 'kind_set' | 'kind' | 'run';
  /** The scene's hash, the kinds of objects, the run or the pair. */
  readonly what: string;
  /** Parts that have it, with one episode of each. */
  readonly between: readonly { readonly split: Split; readonly id: string; readonly episodes: number }[];
  /** Equal content and equal scenes always spoil a measure; kinds of objects only where new objects are claimed. */
  readonly severity: 'note' | 'minor' | 'major';
}

const SEVERITY: Readonly<Record<Leak['kind'], Leak['severity']>> = {
  content: 'major',
  near_duplicate: 'major',
  scene: 'major',
  run: 'minor',
  kind_set: 'minor',
  kind: 'note',
};

/** What crosses between train, validation and test, the gravest first. Episodes of no part cross nothing. */
export function checkLeaks({ episodes }: Pick<DatasetIndex, 'episodes'>): readonly Leak[] {
  const parted = episodes.filter(({ split }) => split !== null);
  const leaks = [
    ...crossing(parted, 'content', ({ sha256 }) => [sha256]),
    ...nearDuplicates(parted),
    ...crossing(parted, 'scene', ({ scene_sha256 }) => (scene_sha256 === '' ? [] : [scene_sha256])),
    ...crossing(parted, 'run', runOf),
    ...crossing(parted, 'kind_set', ({ objects }) => (objects.length === 0 ? [] : [[...objects].sort().join(' ')])),
    ...crossing(parted, 'kind', ({ objects }) => objects),
  ];
  const rank = { major: 0, minor: 1, note: 2 };
  return leaks.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** A leak in one line. */
export function leakText({ kind, what, between }: Leak): string {
  const parts = between.map(({ split, id, episodes }) => `${split} (${episodes}, e.g. ${id})`);
  return `${NAMES[kind]} ${what} in ${parts.join(' and ')}`;
}

const NAMES: Readonly<Record<Leak['kind'], string>> = {
  content: 'equal recording',
  near_duplicate: 'near-duplicates',
  scene: 'scene',
  run: 'run',
  kind_set: 'set of objects',
  kind: 'kind of object',
};

/** Simulated scenes are drawn anew each time, so that neighbours of one run have nothing in common but their scenes. */
function runOf({ lineage, scene_sha256 }: DatasetEpisode): string[] {
  return lineage.run_id === '' || (lineage.source === 'simulation' && scene_sha256 !== '') ? [] : [lineage.run_id];
}

function crossing(
  episodes: readonly DatasetEpisode[],
  kind: Leak['kind'],
  keysOf: (episode: DatasetEpisode) => readonly string[],
): Leak[] {
  const by = new Map<string, DatasetEpisode[]>();
  for (const episode of episodes) {
    for (const key of new Set(keysOf(episode))) {
      const known = by.get(key);
      if (known === undefined) by.set(key, [episode]);
      else known.push(episode);
    }
  }
  return [...by].flatMap(([what, having]) => leakOf(kind, what, having));
}

function nearDuplicates(episodes: readonly DatasetEpisode[]): Leak[] {
  const by = new Map(episodes.map((episode) => [episode.id, episode]));
  return closePairs(episodes).flatMap((pair) => {
    const having = pair.flatMap((id) => by.get(id) ?? []);
    const equal = having.length === 2 && having[0].sha256 === having[1].sha256;
    return equal ? [] : leakOf('near_duplicate', pair.join(' and '), having);
  });
}

function leakOf(kind: Leak['kind'], what: string, having: readonly DatasetEpisode[]): Leak[] {
  const parts = new Map<Split, { readonly split: Split; readonly id: string; episodes: number }>();
  for (const { id, split } of having) {
    if (split === null) continue;
    const known = parts.get(split);
    if (known === undefined) parts.set(split, { split, id, episodes: 1 });
    else known.episodes++;
  }
  return parts.size < 2 ? [] : [{ kind, what, between: [...parts.values()], severity: SEVERITY[kind] }];
}
