import { InputError } from '../../contracts/index.ts';
import type { Dataset } from '../dataset/folder.ts';
import type { DatasetEpisode, Tombstone } from '../dataset/schema.ts';
import type { Predicate } from './expression.ts';

/** An episode and the dataset that holds it. */
export interface Gathered {
  readonly dataset: Dataset;
  readonly episode: DatasetEpisode;
}

export interface Criteria {
  readonly where: readonly Predicate[];
  /** Least score; episodes without one do not have it. */
  readonly min_quality?: number | undefined;
  readonly success?: boolean | undefined;
  readonly tasks: readonly string[];
  readonly robots: readonly string[];
  /** Ids that must exist. */
  readonly exclude: readonly string[];
}

export interface Gathering {
  readonly chosen: readonly Gathered[];
  /** Of all datasets together, each once. */
  readonly tombstones: readonly Tombstone[];
  readonly said: readonly string[];
}

/**
 * Episodes of several datasets that meet all criteria. One that two of them hold with equal content is taken once; one that
 * was removed from any of them is left out of all. Throws an InputError for ids that mean different recordings, names to be
 * excluded that are none, and a least quality where nobody has looked.
 */
export function gather(datasets: readonly Dataset[], criteria: Criteria): Gathering {
  const said: string[] = [];
  const by_id = new Map<string, Gathered>();
  const tombstones = new Map(
    datasets.flatMap(({ index }) => index.tombstones.map((stone) => [stone.id, stone] as const)),
  );
  const removed = new Set([...tombstones.values()].flatMap(({ id, sha256 }) => [id, sha256]));
  for (const dataset of datasets) {
    for (const episode of dataset.index.episodes) {
      const { id, sha256 } = episode;
      const known = by_id.get(id);
      if (known !== undefined && known.episode.sha256 !== sha256) throw collision(id, known.dataset, dataset);
      if (removed.has(id) || removed.has(sha256)) {
        said.push(`${id} of ${dataset.folder} was removed from another of these datasets and is left out`);
      } else if (known === undefined) {
        by_id.set(id, { dataset, episode });
      }
    }
  }
  const all = [...by_id.values()];
  for (const id of criteria.exclude) {
    if (!by_id.has(id))
      throw new InputError(`exclude ${id}`, `is the id of an episode, e.g. ${all[0]?.episode.id ?? ''}`);
  }
  requireScores(all, criteria.min_quality);
  return { chosen: all.filter(({ episode }) => meets(episode, criteria)), tombstones: [...tombstones.values()], said };
}

function meets(episode: DatasetEpisode, criteria: Criteria): boolean {
  const { where, min_quality, success, tasks, robots, exclude } = criteria;
  return (
    !exclude.includes(episode.id) &&
    (success === undefined || episode.outcome.success === success) &&
    (min_quality === undefined || (episode.quality !== null && episode.quality.score >= min_quality)) &&
    (tasks.length === 0 || tasks.includes(episode.task)) &&
    (robots.length === 0 || robots.includes(episode.robot.name)) &&
    where.every((holds) => holds(episode))
  );
}

function requireScores(all: readonly Gathered[], least: number | undefined): void {
  if (least === undefined) return;
  const unseen = all.find(({ episode }) => episode.quality === null);
  if (unseen === undefined) return;
  const { dataset, episode } = unseen;
  const remedy = dataset.kind === 'run' ? 'group the run into a dataset first, then ' : '';
  throw new InputError(
    `min-quality ${least}: episode ${episode.id} has no score`,
    `${remedy}surepick dataset quality ${dataset.folder} gives every episode one`,
  );
}

function collision(id: string, first: Dataset, second: Dataset): InputError {
  return new InputError(
    `episode ${id} of ${first.folder} and of ${second.folder}`,
    `are different recordings of one id; leave one of the folders out, or record again into a folder of another name`,
  );
}
