import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { replaceFile } from '../run/file.ts';
import { MANIFEST_NAME, type Manifest, readManifest } from '../run/manifest.ts';
import { describeEpisode, idOf } from './describe_episode.ts';
import { type DatasetEpisode, type DatasetIndex, datasetIndex } from './schema.ts';

export const DATASET_NAME = 'dataset.json';

/** A folder of recorded episodes: a dataset, or the folder of a run, which is one of revision 0 that nobody signed. */
export interface Dataset {
  readonly folder: string;
  readonly kind: 'dataset' | 'run';
  readonly index: DatasetIndex;
}

/**
 * Opens a dataset or a run. Throws an InputError that names the field for an index that cannot be used, and for a folder that
 * is neither.
 */
export async function openDataset(folder: string): Promise<Dataset> {
  if (existsSync(join(folder, DATASET_NAME))) return { folder, kind: 'dataset', index: readIndex(folder) };
  if (!existsSync(join(folder, MANIFEST_NAME))) {
    throw new InputError(`folder ${folder}`, `must hold ${DATASET_NAME} or ${MANIFEST_NAME} of a run`);
  }
  return { folder, kind: 'run', index: await indexOfRun(folder) };
}

/** Reads and checks `dataset.json`. */
export function readIndex(folder: string): DatasetIndex {
  const file = join(folder, DATASET_NAME);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`dataset ${file}`, `cannot be read (${reason})`, { cause: error });
  }
  const parsed = datasetIndex.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`dataset ${file}: ${issue.path.join('.') || 'content'}`, issue.message);
  }
  const twice = parsed.data.episodes.find(({ id }, k, all) => all.findIndex((other) => other.id === id) !== k);
  if (twice !== undefined) throw new InputError(`dataset ${file}: episode ${twice.id}`, 'is there twice');
  return parsed.data;
}

/** Replaces `dataset.json` in one step. Who changes a dataset raises its revision: `nextRevision`. */
export function writeIndex(folder: string, index: DatasetIndex): void {
  replaceFile(join(folder, DATASET_NAME), `${JSON.stringify(datasetIndex.parse(index), null, 1)}\n`);
}

/** The index with changes, one revision on. @param now  ISO 8601 */
export function nextRevision(index: DatasetIndex, changes: Partial<DatasetIndex>, now: string): DatasetIndex {
  return { ...index, ...changes, revision: index.revision + 1, changed_at: now };
}

/** Path of an episode's recording. */
export function episodePath({ folder }: Pick<Dataset, 'folder'>, { file }: Pick<DatasetEpisode, 'file'>): string {
  return join(folder, ...file.split('/'));
}

/** The episode of an id. Throws an InputError that says what there is. */
export function findEpisode({ index }: Pick<Dataset, 'index'>, id: string): DatasetEpisode {
  const found = index.episodes.find((episode) => episode.id === id);
  if (found !== undefined) return found;
  const some = index.episodes.slice(0, 5).map((episode) => episode.id);
  throw new InputError(
    `episode ${id}`,
    `one of ${index.episodes.length}: ${some.join(', ')}${some.length < index.episodes.length ? ', …' : ''}`,
  );
}

async function indexOfRun(folder: string): Promise<DatasetIndex> {
  const manifest = readManifest(folder);
  const { run_id } = manifest;
  const at = dateOf(run_id);
  const episodes: DatasetEpisode[] = [];
  for (const episode of manifest.episodes) episodes.push(await episodeOfRun(folder, manifest, episode));
  return {
    ...{ schema: 'surepick/dataset', version: 1, id: idOfRun(run_id), name: basename(resolve(folder)).slice(0, 100) },
    ...{ revision: 0, description: manifest.command, licence: '', created_at: at, changed_at: at },
    ...{ parents: [], episodes, tombstones: [], products: [] },
  };
}

async function episodeOfRun(folder: string, manifest: Manifest, episode: Manifest['episodes'][number]) {
  const { run_id, command, versions, model } = manifest;
  const { stage, reason, interventions, interrupted = false } = episode.outcome;
  const success = interrupted ? null : episode.outcome.success;
  const described = await describeEpisode(folder, {
    id: idOf(run_id, episode.file),
    file: episode.file,
    outcome: { success, stage, reason, interventions },
    lineage: { run_id, command, versions, model_sha256: model?.sha256 ?? '' },
    recorded_at: dateOf(run_id),
  });
  // What the manifest vouches for, not what lies there now.
  return { ...described, bytes: episode.bytes, sha256: episode.sha256 };
}

/** When a run began, by its name: 20261126-114432-seed0. */
function dateOf(run_id: string): string {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(run_id) ?? [];
  return y === undefined ? '1970-01-01T00:00:00Z' : `${y}-${mo}-${d}T${h}:${mi}:${s}Z`;
}

/** The id that a run has as a dataset: a UUID (RFC 9562, version 8) of its name. */
export function idOfRun(name: string): string {
  const hex = createHash('sha256').update(`surepick run ${name}`).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
