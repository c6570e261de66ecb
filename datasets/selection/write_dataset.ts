import { constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { DATASET_NAME, type Dataset, episodePath, writeIndex } from '../dataset/folder.ts';
import type { DatasetEpisode, DatasetIndex, Split, Tombstone } from '../dataset/schema.ts';
import { hashFile } from '../run/file.ts';
import type { Gathered } from './gather.ts';

export interface NewDataset {
  /** Does not exist, is empty, or holds what an interrupted call has left. */
  readonly out: string;
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** ISO 8601. */
  readonly now: string;
  readonly how: 'copy' | 'link';
  readonly episodes: readonly Gathered[];
  /** Null keeps what each had. */
  readonly split: ReadonlyMap<string, Split> | null;
  readonly tombstones: readonly Tombstone[];
  readonly signal?: AbortSignal;
  progress?(done: number, total: number, id: string): void;
}

export interface Written {
  readonly index: DatasetIndex;
  /** False where it was interrupted: recordings stand, the index does not. */
  readonly complete: boolean;
  readonly copied: number;
  readonly linked: number;
  /** Stood there already. */
  readonly kept: number;
}

/**
 * Makes a dataset of revision 1 from episodes of others: each recording goes to `episodes/ID.mcap` and must have the hash that
 * its index says. The index comes last, so that an interrupted call can be made again and goes on. Throws an InputError for a
 * folder that holds anything else, and for a recording that is missing or was changed.
 */
export async function writeDataset(task: NewDataset): Promise<Written> {
  const { out, episodes, signal, progress } = task;
  requireRoom(out);
  mkdirSync(join(out, 'episodes'), { recursive: true });
  const done = { copied: 0, linked: 0, kept: 0 };
  const placed: DatasetEpisode[] = [];
  for (const { dataset, episode } of episodes) {
    if (signal?.aborted) break;
    done[await place(dataset, episode, task)]++;
    placed.push({ ...episode, file: fileOf(episode), split: task.split?.get(episode.id) ?? episode.split });
    progress?.(placed.length, episodes.length, episode.id);
  }
  const index = indexOf(task, placed);
  const complete = placed.length === episodes.length;
  if (complete) writeIndex(out, index);
  return { index, complete, ...done };
}

/** Where a dataset keeps an episode. */
export const fileOf = ({ id }: Pick<DatasetEpisode, 'id'>): string => `episodes/${id}.mcap`;

function indexOf(task: NewDataset, episodes: readonly DatasetEpisode[]): DatasetIndex {
  const sources = [...new Map(task.episodes.map(({ dataset }) => [dataset.folder, dataset])).values()];
  const licences = new Set(sources.map(({ index }) => index.licence));
  const parents = sources.map(({ index: { id, name, revision } }) => ({ id, name, revision }));
  return {
    ...{ schema: 'surepick/dataset', version: 1, id: task.id, name: task.name, revision: 1 },
    ...{ description: task.description, licence: licences.size === 1 ? [...licences][0] : '' },
    ...{ created_at: task.now, changed_at: task.now, parents, episodes, products: [] },
    tombstones: task.tombstones,
  };
}

function requireRoom(out: string): void {
  if (!existsSync(out)) return;
  let names: string[];
  try {
    names = readdirSync(out);
  } catch (error) {
    throw new InputError(`out ${out}`, 'is no folder', { cause: error });
  }
  if (names.includes(DATASET_NAME)) {
    throw new InputError(
      `out ${out}`,
      'holds a dataset already; give another folder, or the same one as the only input',
    );
  }
  const foreign = names.find((name) => name !== 'episodes');
  if (foreign !== undefined) throw new InputError(`out ${out}`, `must be new or empty; it holds ${foreign}`);
}

async function place(dataset: Dataset, episode: DatasetEpisode, { out, how }: NewDataset) {
  const [from, to] = [episodePath(dataset, episode), join(out, fileOf(episode))];
  if (existsSync(to)) {
    if (hashFile(to).sha256 === episode.sha256) return 'kept';
    rmSync(to);
  }
  const placed = how === 'link' && (await linked(from, to)) ? 'linked' : 'copied';
  if (placed === 'copied') {
    await copyFile(from, to, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw unusable(
        dataset,
        episode,
        `cannot be copied to ${out} (${error instanceof Error ? error.message : error})`,
      );
    });
  }
  const { sha256 } = hashFile(to);
  if (sha256 === episode.sha256) return placed;
  rmSync(to);
  throw unusable(
    dataset,
    episode,
    `has the hash ${sha256.slice(0, 12)}…, its index says ${episode.sha256.slice(0, 12)}…: it was changed`,
  );
}

function unusable({ folder }: Dataset, { id, file }: DatasetEpisode, what: string): InputError {
  return new InputError(`recording ${join(folder, file)}`, `${what}; --exclude ${id} goes on without it`);
}

/** False where file systems cannot, as across disks. */
async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}
