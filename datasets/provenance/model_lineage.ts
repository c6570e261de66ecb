import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { DatasetIndex } from '../dataset/index.ts';
import { hashStream } from './dataset_files.ts';
import { checkLineage, TRAINING_NAME, trainingRecord } from './lineage.ts';
import type { ProvenanceFinding } from './provenance_finding.ts';

/** Of a model's manifest, what says where it comes from. */
const modelManifest = z.looseObject({
  name: z.string(),
  training: z.looseObject({ data_sha256: z.string().default(''), command: z.string().default('') }).optional(),
});

export interface ModelEpisode {
  readonly id: string;
  /** `whole`: to the byte what the model was made from, as far as that is known; `purged`: removed, with a tombstone. */
  readonly state: 'whole' | 'changed' | 'missing' | 'purged';
}

export interface ModelLineage {
  readonly model: string;
  /** Empty where there is a manifest but no model. */
  readonly model_sha256: string;
  /** What says what it was made from: `training.json`, `dataset.json`, `manifest.json`; empty for nothing. */
  readonly told_by: string;
  readonly episodes: readonly ModelEpisode[];
  /** Links that do not hold, and why nothing can be said. */
  readonly findings: readonly ProvenanceFinding[];
}

/** What is known of a dataset that was verified. */
export interface VerifiedEpisodes {
  readonly id: string;
  readonly index: DatasetIndex | null;
  /** SHA-256 of the recordings as they are, by id of the episode. */
  readonly recordings: ReadonlyMap<string, string>;
  /** Signed roots by revision, those of older revisions among them. */
  readonly roots: ReadonlyMap<number, string>;
  readonly revision: number;
}

/**
 * Which episodes of a dataset a model was made from, and whether they are still whole.
 *
 * @param file  the model, or the manifest beside it
 */
export async function modelLineage(file: string, dataset: VerifiedEpisodes): Promise<ModelLineage> {
  const folder = dirname(file);
  const model = file.endsWith('.json') ? join(folder, 'model.onnx') : file;
  if (!existsSync(file)) throw new InputError(`--model ${file}`, 'must be a model, or the manifest beside it');
  const model_sha256 = existsSync(model) ? (await hashStream(model)).sha256 : '';
  const place = basename(file);
  const base = { model: file, model_sha256 };
  const broken = (detail: string): ProvenanceFinding => ({ kind: 'lineage', place, detail });

  const training = join(folder, TRAINING_NAME);
  if (existsSync(training)) {
    const record = read(training, trainingRecord);
    const { recordings, roots } = dataset;
    const ends = { recordings, roots, dataset_id: dataset.id, ...(model_sha256 === '' ? {} : { model_sha256 }) };
    const links = checkLineage(record, ends);
    const findings = links.map(({ from, to, episode, why }) =>
      broken(`${from} → ${to}: ${episode === '' ? '' : `episode ${episode}: `}${why}`),
    );
    const episodes = record.episodes.map(({ id, sha256 }) => ({ id, state: stateOf(id, sha256, dataset) }));
    return { ...base, told_by: TRAINING_NAME, episodes, findings };
  }
  const product = dataset.index?.products.find(
    ({ kind, told }) => kind === 'model' && model_sha256 !== '' && told.includes(model_sha256),
  );
  if (product !== undefined) {
    const episodes = product.episodes.map((id) => ({ id, state: stateOf(id, null, dataset) }));
    const findings = episodes
      .filter(({ state }) => state !== 'whole')
      .map(({ id, state }) => broken(`recording → dataset: episode ${id} is ${state}`));
    return { ...base, told_by: 'dataset.json', episodes, findings };
  }
  return { ...base, ...byManifest(join(folder, 'manifest.json'), dataset, broken) };
}

/** What a model's manifest tells by the hash of its training data: the root of a revision, or one recording. */
function byManifest(
  file: string,
  dataset: VerifiedEpisodes,
  broken: (detail: string) => ProvenanceFinding,
): Pick<ModelLineage, 'told_by' | 'episodes' | 'findings'> {
  const none = (why: string) => ({ told_by: '', episodes: [], findings: [broken(`cannot be said: ${why}`)] });
  if (!existsSync(file))
    return none(`neither ${TRAINING_NAME} nor manifest.json lies beside it, and no product names it`);
  const { training } = read(file, modelManifest);
  const data = training?.data_sha256 ?? '';
  if (data === '') return none('its manifest has no hash of its training data');
  const told = { told_by: 'manifest.json' };
  const recording = [...dataset.recordings].find(([, sha256]) => sha256 === data);
  if (recording !== undefined) return { ...told, episodes: [{ id: recording[0], state: 'whole' }], findings: [] };
  const revision = [...dataset.roots].find(([, root]) => root === data)?.[0];
  if (revision === undefined) {
    const by = training?.command === '' ? '' : `; it was made by: ${training?.command}`;
    return none(`its training data ${data} is neither a signed root of this dataset nor a recording in it${by}`);
  }
  if (revision === dataset.revision) {
    const ids = [...dataset.recordings.keys()];
    return { ...told, episodes: ids.map((id) => ({ id, state: 'whole' })), findings: [] };
  }
  return {
    ...told,
    episodes: [],
    findings: [
      broken(`was made from all of revision ${revision}; here is revision ${dataset.revision}, compare with that one`),
    ],
  };
}

function stateOf(id: string, sha256: string | null, { recordings, index }: VerifiedEpisodes): ModelEpisode['state'] {
  if (index?.tombstones.some((one) => one.id === id)) return 'purged';
  const is = recordings.get(id);
  if (is === undefined) return 'missing';
  const was = sha256 ?? index?.episodes.find((one) => one.id === id)?.sha256;
  return is === was ? 'whole' : 'changed';
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(file, 'must be JSON', { cause });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${file}: ${issue.path.join('.') || 'content'}`, issue.message);
}
