import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, type Rng } from '../../contracts/index.ts';
import {
  type DatasetEpisode,
  type DatasetIndex,
  nextRevision,
  ownTrustedKeys,
  readIndex,
  SeenRevisions,
  signDataset,
  type TrustedKey,
  verifyDataset,
  writeIndex,
} from '../../datasets/index.ts';
import { KeyStore, type SigningKey } from '../../safety/index.ts';

export const AT = '2026-01-02T03:04:05.000Z';
export const LATER = '2026-02-02T03:04:05.000Z';

/** A time so many hours after the first. */
export const hour = (n: number): string => new Date(Date.parse(AT) + 3_600_000 * n).toISOString();

/** A dataset of small files, signed three times, with a copy of it after each, and what is needed to verify it. */
export interface SignedFolder {
  readonly folder: string;
  /** Copies by revision, from 1. */
  readonly revisions: readonly string[];
  readonly keys: KeyStore;
  readonly trusted: readonly TrustedKey[];
  readonly seen: SeenRevisions;
  /** Of nobody who is trusted. */
  readonly stranger: SigningKey;
}

export function bytesOf(rng: Rng, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => rng.int(256)));
}

/** An episode of a file that need not be a recording. */
export function episodeOf(id: string, content: Uint8Array): DatasetEpisode {
  return {
    ...{ id, file: `episodes/${id}.mcap`, bytes: content.length, recorded_at: AT },
    sha256: createHash('sha256').update(content).digest('hex'),
    robot: { name: 'panda', joint_names: ['a', 'b'], urdf_sha256: '' },
    ...{
      engine: 'mujoco',
      task: 'sort',
      text: 'Sort.',
      objects: ['box'],
      scene_sha256: '',
      duration_s: 3,
      signals: [],
    },
    outcome: { success: true, stage: '', reason: '', interventions: 0, corrections: 0 },
    ...{ randomization: { friction: 0.5 }, quality: null, split: 'train' },
    governance: { consent: 'none_needed', licence: 'CC-BY-4.0', purposes: [], retain_until: null, masked: [] },
    lineage: {
      ...{
        source: 'simulation',
        run_id: 'r',
        policy: 'expert',
        model_sha256: '',
        command: '',
        versions: {},
        made_of: [],
      },
    },
  };
}

/** Writes an episode's file and puts it into the index; the revision stays. */
export function addEpisode(folder: string, index: DatasetIndex, id: string, rng: Rng): DatasetIndex {
  const content = bytesOf(rng, 200 + rng.int(1500));
  writeFileSync(join(folder, 'episodes', `${id}.mcap`), content);
  return { ...index, episodes: [...index.episodes, episodeOf(id, content)] };
}

/** Makes it below `scratch`. */
export async function signedFolder(scratch: string, seed: number): Promise<SignedFolder> {
  const rng = createRng(seed, 'signed dataset');
  const folder = join(scratch, 'dataset');
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const keys = new KeyStore(join(scratch, 'keys'));
  for (const name of ['ada', 'grace']) keys.create({ name, owner: name, created_at: AT });
  const others = new KeyStore(join(scratch, 'others'));
  others.create({ name: 'eve', owner: 'eve', created_at: AT });
  const seen = new SeenRevisions(join(scratch, 'seen'));
  let index: DatasetIndex = {
    ...{
      schema: 'surepick/dataset',
      version: 1,
      id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a',
      name: 'boxes',
      revision: 1,
    },
    ...{ description: '', licence: 'CC-BY-4.0', created_at: AT, changed_at: AT },
    ...{ parents: [], episodes: [], tombstones: [], products: [] },
  };
  for (let k = 0; k < 4; k++) index = addEpisode(folder, index, `first-${k}`, rng);
  for (const name of ['report.html', 'audit.jsonl', 'notes with ünicode.txt'])
    writeFileSync(join(folder, name), bytesOf(rng, 300 + rng.int(300)).toString('base64'));
  writeIndex(folder, index);
  const revisions: string[] = [];
  for (let revision = 1; revision <= 3; revision++) {
    if (revision > 1) {
      index = nextRevision(addEpisode(folder, readIndex(folder), `more-${revision}`, rng), {}, hour(revision));
      writeIndex(folder, index);
      writeFileSync(join(folder, 'report.html'), bytesOf(rng, 500).toString('base64'));
    }
    await signDataset(folder, { key: keys.load('ada'), seen, now: hour(revision) });
    if (revision === 3) await signDataset(folder, { key: keys.load('grace'), seen, now: hour(revision) });
    const copy = join(scratch, `revision-${revision}`);
    cpSync(folder, copy, { recursive: true });
    revisions.push(copy);
  }
  return { folder, revisions, keys, trusted: ownTrustedKeys(keys), seen, stranger: others.load('eve') };
}

/** As the command line verifies. @param told  what else it was told */
export function verifyFolder(
  folder: string,
  { trusted, seen }: Pick<SignedFolder, 'trusted'> & Partial<Pick<SignedFolder, 'seen'>>,
  told: Partial<Parameters<typeof verifyDataset>[1]> = {},
) {
  return verifyDataset(folder, { trusted, now: LATER, ...(seen === undefined ? {} : { seen }), ...told });
}
