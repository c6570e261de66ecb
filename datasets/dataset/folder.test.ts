import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  DATASET_NAME,
  type DatasetIndex,
  episodePath,
  findEpisode,
  nextRevision,
  openDataset,
  readIndex,
  writeIndex,
} from '../index.ts';

const AT = '2026-01-02T03:04:05Z';
const INDEX: DatasetIndex = {
  ...{ schema: 'surepick/dataset', version: 1, id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a', name: 'boxes', revision: 3 },
  ...{ description: '', licence: 'CC-BY-4.0', created_at: AT, changed_at: AT },
  ...{ parents: [], episodes: [], tombstones: [], products: [] },
};
const EPISODE = {
  ...{ id: 'a-1', file: 'episodes/a-1.mcap', bytes: 1, sha256: '0'.repeat(64), recorded_at: null },
  robot: { name: 'ur5', joint_names: ['elbow'], urdf_sha256: '' },
  ...{ engine: 'real', task: 't', text: '', objects: [], scene_sha256: '', duration_s: 1, signals: [] },
  outcome: { success: null, stage: '', reason: '', interventions: 0, corrections: 0 },
  ...{ randomization: {}, quality: null, split: null },
  governance: { consent: 'unknown', licence: '', purposes: [], retain_until: null, masked: [] },
  lineage: { source: 'robot', run_id: '', policy: '', model_sha256: '', command: '', versions: {}, made_of: [] },
} as const;

describe('the folder of a dataset', () => {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-dataset-'));
  const file = join(folder, DATASET_NAME);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives back what was written', async () => {
    const index = { ...INDEX, episodes: [EPISODE] };
    writeIndex(folder, index);
    const opened = await openDataset(folder);
    expect(opened).toEqual({ folder, kind: 'dataset', index });
    expect(findEpisode(opened, 'a-1')).toEqual(EPISODE);
    expect(episodePath(opened, EPISODE)).toBe(join(folder, 'episodes', 'a-1.mcap'));
    expect(nextRevision(index, { name: 'all' }, '2026-02-02T00:00:00Z')).toMatchObject({
      ...{ revision: 4, name: 'all', created_at: AT, changed_at: '2026-02-02T00:00:00Z' },
    });
    expect(() => findEpisode(opened, 'b')).toThrow('episode b: one of 1: a-1');
  });

  it.each<[string, (index: string) => string, RegExp]>([
    ['no JSON', () => '{', /cannot be read/],
    ['another schema', (text) => text.replace('surepick/dataset', 'other'), /dataset\.json: schema/],
    ['a path out of the folder', (text) => text.replace('episodes/a-1.mcap', '../../etc/passwd'), /episodes\.0\.file/],
    ['an absolute path', (text) => text.replace('episodes/a-1.mcap', '/etc/passwd'), /episodes\.0\.file/],
    ['an id with a slash', (text) => text.replace('"a-1"', '"a/1"'), /episodes\.0\.id/],
    ['a field that nobody knows', (text) => text.replace('"task"', '"tusk"'), /episodes\.0/],
    ['a hash that is none', (text) => text.replace('0'.repeat(64), 'f00'), /sha256/],
  ])('refuses %s, and names the field', (_what, spoil, said) => {
    writeIndex(folder, { ...INDEX, episodes: [EPISODE] });
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    expect(() => readIndex(folder)).toThrow(said);
  });

  it('refuses two episodes of one id', () => {
    writeIndex(folder, { ...INDEX, episodes: [EPISODE, EPISODE] });
    expect(() => readIndex(folder)).toThrow('episode a-1: is there twice');
  });

  it('refuses a folder that is neither dataset nor run', async () => {
    await expect(openDataset(tmpdir())).rejects.toThrow('must hold dataset.json or manifest.json of a run');
  });
});
