import { z } from 'zod';
import { episodeId } from '../dataset/index.ts';
import { holdsProof, inclusionProof, type MerkleManifest, proveFile, sha256Hex } from './merkle_manifest.ts';

/**
 * What a model was made from, written when it is trained and kept beside it as `training.json`: the recordings, the dataset
 * that they are proven to be part of, and the model that came of them. Each is named by a hash, so that the chain from
 * demonstration to model can be walked by whoever has the ends of it.
 */
export const trainingRecord = z.strictObject({
  schema: z.literal('surepick/training'),
  version: z.literal(1),
  dataset: z.strictObject({
    id: z.uuid(),
    name: z.string(),
    revision: z.number().int().nonnegative(),
    /** Of its Merkle tree, as it was signed. */
    root: sha256Hex,
  }),
  /** Each with the proof that its recording is part of the dataset. */
  episodes: z.array(z.strictObject({ id: episodeId, sha256: sha256Hex, proof: inclusionProof })).readonly(),
  /** How to train it again. */
  command: z.string(),
  made_at: z.iso.datetime(),
  model_sha256: sha256Hex,
});
export type TrainingRecord = Readonly<z.infer<typeof trainingRecord>>;

export const TRAINING_NAME = 'training.json';

/** Writes down a training over episodes of a dataset that was verified. Throws a RangeError for one that it has not. */
export function recordTraining(
  name: string,
  manifest: MerkleManifest,
  episode_ids: readonly string[],
  facts: Pick<TrainingRecord, 'command' | 'made_at' | 'model_sha256'>,
): TrainingRecord {
  const { id, revision, root } = manifest;
  const episodes = episode_ids.map((episode) => {
    const file = manifest.episodes.find((one) => one.id === episode)?.file;
    const proof = file === undefined ? null : proveFile(manifest, file);
    if (proof === null) throw new RangeError(`episode ${episode} is not in revision ${revision} of ${name}`);
    return { id: episode, sha256: proof.leaf.sha256, proof };
  });
  return { schema: 'surepick/training', version: 1, dataset: { id, name, revision, root }, episodes, ...facts };
}

/** What is there of a chain, to be compared with what a record says; undefined for what one has not. */
export interface LineageEnds {
  /** SHA-256 of the recordings that are there, by id of the episode. */
  readonly recordings?: ReadonlyMap<string, string>;
  /** Roots that were signed, by revision. */
  readonly roots?: ReadonlyMap<number, string>;
  readonly dataset_id?: string;
  readonly model_sha256?: string;
}

export const LINKS = ['recording', 'dataset', 'training', 'model'] as const;
export type Link = (typeof LINKS)[number];

export interface BrokenLink {
  readonly from: Link;
  readonly to: Link;
  /** Episode that it is about; empty for all. */
  readonly episode: string;
  readonly why: string;
}

/** Walks a chain from its recordings to its model, and names every link that does not hold. */
export function checkLineage(record: TrainingRecord, ends: LineageEnds): BrokenLink[] {
  const { dataset, episodes, model_sha256 } = record;
  const broken: BrokenLink[] = [];
  const say = (from: Link, to: Link, episode: string, why: string) => broken.push({ from, to, episode, why });
  for (const { id, sha256, proof } of episodes) {
    const is = ends.recordings?.get(id);
    if (ends.recordings !== undefined && is === undefined)
      say('recording', 'dataset', id, 'its recording is not there');
    if (is !== undefined && is !== sha256)
      say('recording', 'dataset', id, `its recording is ${is} now; the model was made from ${sha256}`);
    if (proof.leaf.sha256 !== sha256) say('recording', 'dataset', id, 'its proof is of another recording');
    if (!holdsProof(proof)) say('recording', 'dataset', id, 'its proof does not lead to the root that it names');
    else if (proof.root !== dataset.root) say('dataset', 'training', id, `its proof is of the root ${proof.root}`);
  }
  const twice = episodes.find(({ id }, k) => episodes.findIndex((other) => other.id === id) !== k);
  if (twice !== undefined) say('dataset', 'training', twice.id, 'is named twice');
  if (ends.dataset_id !== undefined && ends.dataset_id !== dataset.id)
    say('dataset', 'training', '', `was made from the dataset ${dataset.id}; this is ${ends.dataset_id}`);
  else if (ends.roots !== undefined && ends.roots.get(dataset.revision) !== dataset.root) {
    const signed = ends.roots.get(dataset.revision);
    const why = signed === undefined ? 'was never signed' : `was signed with the root ${signed}`;
    say('dataset', 'training', '', `revision ${dataset.revision} ${why}; the training names ${dataset.root}`);
  }
  if (ends.model_sha256 !== undefined && ends.model_sha256 !== model_sha256)
    say('training', 'model', '', `the training made ${model_sha256}; this is ${ends.model_sha256}`);
  return broken;
}
