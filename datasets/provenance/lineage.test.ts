import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hour, type SignedFolder, signedFolder, verifyFolder } from '../../test/support/signed_dataset.ts';
import {
  checkLineage,
  type DatasetVerdict,
  type LineageEnds,
  type MerkleManifest,
  modelLineage,
  type Product,
  recordTraining,
  signDataset,
  type TrainingRecord,
  trainingRecord,
  type VerifiedEpisodes,
  writeIndex,
} from '../index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-lineage-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const MODEL = Buffer.from('a model');
const model_sha256 = createHash('sha256').update(MODEL).digest('hex');
const OTHER = 'ab'.repeat(32);
const FACTS = { command: 'train --seed 1', made_at: hour(5), model_sha256 };
const USED = ['first-1', 'first-3', 'more-2'];

let signed: SignedFolder;
let verdict: DatasetVerdict;
let manifest: MerkleManifest;
let record: TrainingRecord;
let dataset: VerifiedEpisodes;

function episodesOf({ id, index, revision, roots, episodes, files }: DatasetVerdict): VerifiedEpisodes {
  const recordings = episodes.map((one): [string, string] => [
    one.id,
    files.find(({ path }) => path === one.file)?.sha256 ?? '',
  ]);
  return { id, index, revision, roots, recordings: new Map(recordings) };
}

beforeAll(async () => {
  signed = await signedFolder(scratch, 5);
  verdict = await verifyFolder(signed.folder, signed);
  if (verdict.manifest === null) throw new Error('no manifest');
  manifest = verdict.manifest;
  record = recordTraining('boxes', manifest, USED, FACTS);
  dataset = episodesOf(verdict);
});

const ends = (change: Partial<LineageEnds> = {}): LineageEnds => ({
  ...{ recordings: dataset.recordings, roots: dataset.roots, dataset_id: dataset.id, model_sha256 },
  ...change,
});
const said = (one: TrainingRecord, change: Partial<LineageEnds> = {}) =>
  checkLineage(one, ends(change)).map(({ from, to, episode }) => `${from} ${to} ${episode}`.trim());

describe('the chain from demonstration to model', () => {
  it('holds, survives being written, and needs nothing but its ends', () => {
    expect(said(record)).toEqual([]);
    expect(trainingRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    expect(checkLineage(record, {})).toEqual([]);
    expect([...dataset.roots.keys()].sort()).toEqual([1, 2, 3]);
  });

  it('knows only episodes of its dataset', () => {
    expect(() => recordTraining('boxes', manifest, ['none'], FACTS)).toThrow(
      'episode none is not in revision 3 of boxes',
    );
  });

  it('names every link that is broken, and which episode', () => {
    const [a, b, ...rest] = record.episodes;
    const without = new Map([...dataset.recordings].filter(([id]) => id !== a.id));
    expect(said(record, { recordings: without })).toEqual([`recording dataset ${a.id}`]);
    expect(said(record, { recordings: new Map([...dataset.recordings, [a.id, OTHER]]) })).toEqual([
      `recording dataset ${a.id}`,
    ]);
    const of = (...episodes: TrainingRecord['episodes']) => ({ ...record, episodes });
    expect(said(of({ ...a, proof: b.proof }, b, ...rest))).toEqual([`recording dataset ${a.id}`]);
    expect(said(of({ ...a, proof: { ...a.proof, path: a.proof.path.slice(1) } }, b))).toEqual([
      `recording dataset ${a.id}`,
    ]);
    expect(said(of(a, a))).toEqual([`dataset training ${a.id}`]);
    expect(said(record, { dataset_id: '1b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a' })).toEqual(['dataset training']);
    expect(said(record, { roots: new Map([[3, OTHER]]) })).toEqual(['dataset training']);
    expect(said(record, { roots: new Map() })).toEqual(['dataset training']);
    expect(said(record, { model_sha256: OTHER })).toEqual(['training model']);
  });

  it('cannot be made to name an episode that the root does not have', () => {
    const [a, ...rest] = record.episodes;
    const forged = { ...a, sha256: OTHER, proof: { ...a.proof, leaf: { ...a.proof.leaf, sha256: OTHER } } };
    const recordings = new Map([...dataset.recordings, [a.id, OTHER]]);
    expect(said({ ...record, episodes: [forged, ...rest] }, { recordings })).toEqual([`recording dataset ${a.id}`]);
  });
});

describe('what a model was made from', () => {
  /** A folder with a model and what lies beside it. */
  function model(name: string, beside: Readonly<Record<string, object>>): string {
    const folder = join(scratch, 'models', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model.onnx'), MODEL);
    for (const [file, json] of Object.entries(beside)) writeFileSync(join(folder, file), JSON.stringify(json));
    return join(folder, 'model.onnx');
  }
  const ids = (...all: readonly string[]) => all.map((id) => ({ id, state: 'whole' }));

  it('is told by the record of its training', async () => {
    const file = model('recorded', { 'training.json': record });
    expect(await modelLineage(file, dataset)).toEqual({
      ...{ model: file, model_sha256, told_by: 'training.json', episodes: ids(...USED), findings: [] },
    });
    const changed = { ...dataset, recordings: new Map([...dataset.recordings, ['first-3', OTHER]]) };
    const { episodes, findings } = await modelLineage(file, changed);
    expect(episodes.map(({ state }) => state)).toEqual(['whole', 'changed', 'whole']);
    expect(findings).toMatchObject([{ kind: 'lineage', place: 'model.onnx' }]);
    expect(findings[0].detail).toMatch(/recording → dataset: episode first-3: its recording is ab/);
    writeFileSync(file, 'another model');
    expect((await modelLineage(file, dataset)).findings[0].detail).toMatch(/training → model/);
  });

  it('is told by the products of the dataset, and what was purged since is named', async () => {
    const file = model('product', {});
    if (dataset.index === null) throw new Error('no index');
    const product: Product = {
      ...{ kind: 'model', told: `pick (${model_sha256})`, format: 'onnx', made_at: hour(4), revision: 3 },
      ...{ episodes: ['first-0', 'gone'], tainted_by: ['gone'] },
    };
    const stone = { id: 'gone', sha256: OTHER, removed_at: hour(6), who: 'Ada', why: 'consent', used_by: [] };
    const index = { ...dataset.index, products: [product], tombstones: [stone] };
    const { told_by, episodes, findings } = await modelLineage(file, { ...dataset, index });
    expect(told_by).toBe('dataset.json');
    expect(episodes).toEqual([...ids('first-0'), { id: 'gone', state: 'purged' }]);
    expect(findings).toMatchObject([{ detail: 'recording → dataset: episode gone is purged' }]);
  });

  it('is told by the hash of its training data: a root of a revision, or one recording', async () => {
    const of = (data_sha256: string) => ({
      'manifest.json': { name: 'm', training: { data_sha256, command: 'train' } },
    });
    const whole = await modelLineage(model('root', of(verdict.root)), dataset);
    expect(whole).toMatchObject({
      told_by: 'manifest.json',
      findings: [],
      episodes: ids(...dataset.recordings.keys()),
    });
    const one = await modelLineage(model('one', of(dataset.recordings.get('first-2') ?? '')), dataset);
    expect(one).toMatchObject({ findings: [], episodes: ids('first-2') });
    const old = await modelLineage(model('old', of(dataset.roots.get(1) ?? '')), dataset);
    expect(old.findings[0].detail).toMatch(/made from all of revision 1; here is revision 3/);
    const other = await modelLineage(model('other', of(OTHER)), dataset);
    expect(other).toMatchObject({ told_by: '', episodes: [] });
    expect(other.findings[0].detail).toMatch(/cannot be said: .* neither a signed root .* made by: train/);
  });

  it('cannot be said of a model that nothing tells of, and of no model', async () => {
    const { findings } = await modelLineage(model('bare', {}), dataset);
    expect(findings[0].detail).toMatch(/cannot be said: neither training\.json nor manifest\.json/);
    await expect(modelLineage(join(scratch, 'none.onnx'), dataset)).rejects.toThrow('must be a model');
    await expect(modelLineage(model('bad', { 'training.json': { schema: 'x' } }), dataset)).rejects.toThrow(
      'training.json: schema',
    );
  });

  it('holds through a later revision that keeps its episodes', async () => {
    const copy = join(scratch, 'later');
    cpSync(signed.folder, copy, { recursive: true });
    if (verdict.index === null) throw new Error('no index');
    writeIndex(copy, { ...verdict.index, revision: 4, licence: 'CC0-1.0' });
    await signDataset(copy, { key: signed.keys.load('ada'), seen: signed.seen, now: hour(8) });
    const later = episodesOf(await verifyFolder(copy, signed));
    expect(checkLineage(record, { ...ends(), roots: later.roots, recordings: later.recordings })).toEqual([]);
  });
});
