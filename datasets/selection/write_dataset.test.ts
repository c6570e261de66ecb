import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { episodeOf, hashOf } from '../../test/support/dataset_episodes.ts';
import { withFolder } from '../../test/support/recording.ts';
import { type Dataset, readIndex } from '../index.ts';
import { gather, type NewDataset, writeDataset } from './index.ts';

const ALL = { where: [], tasks: [], robots: [], exclude: [] };
const AT = '2026-01-02T03:04:05Z';

/** A dataset whose recordings are their own ids. */
function datasetOf(folder: string, ids: readonly string[], given: Partial<Dataset['index']> = {}): Dataset {
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  for (const id of ids) writeFileSync(join(folder, 'episodes', `${id}.mcap`), id);
  const index: Dataset['index'] = {
    ...{ schema: 'surepick/dataset', version: 1, id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a', name: 'n', revision: 2 },
    ...{
      description: '',
      licence: 'CC0-1.0',
      created_at: AT,
      changed_at: AT,
      parents: [],
      tombstones: [],
      products: [],
    },
    episodes: ids.map((id) => episodeOf(id, { bytes: id.length })),
    ...given,
  };
  return { folder, kind: 'dataset', index };
}

const task = (out: string, datasets: readonly Dataset[], more: Partial<NewDataset> = {}): NewDataset => ({
  ...{
    out,
    id: '5b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a',
    name: 'new',
    description: '',
    now: AT,
    how: 'copy',
    split: null,
  },
  ...{ episodes: gather(datasets, ALL).chosen, tombstones: gather(datasets, ALL).tombstones },
  ...more,
});
const stone = (id: string) => ({ id, sha256: hashOf(id), removed_at: AT, who: 'w', why: 'y', used_by: [] });

describe('a dataset made of others', () => {
  it('holds their recordings under their ids, with parents, and can be read again', async () => {
    await withFolder(async (folder) => {
      const [a, b] = [datasetOf(join(folder, 'a'), ['e-1', 'e-2']), datasetOf(join(folder, 'b'), ['e-2', 'e-3'])];
      const out = join(folder, 'out');
      const split = new Map([['e-1', 'test']] as const);
      const written = await writeDataset(task(out, [a, b], { split }));
      expect(written).toMatchObject({ complete: true, copied: 3, kept: 0 });
      expect(readIndex(out)).toEqual(written.index);
      expect(written.index.episodes.map(({ id, split: part }) => [id, part])).toEqual([
        ['e-1', 'test'],
        ['e-2', null],
        ['e-3', null],
      ]);
      expect(written.index).toMatchObject({
        revision: 1,
        licence: 'CC0-1.0',
        parents: [{ revision: 2 }, { revision: 2 }],
      });
      expect(readFileSync(join(out, 'episodes', 'e-3.mcap'), 'utf8')).toBe('e-3');
      await expect(writeDataset(task(out, [a]))).rejects.toThrow('holds a dataset already');
    });
  });

  it('goes on where it was interrupted, and links where that is asked', async () => {
    await withFolder(async (folder) => {
      const a = datasetOf(join(folder, 'a'), ['e-1', 'e-2', 'e-3']);
      const out = join(folder, 'out');
      const stop = new AbortController();
      const cut = await writeDataset(task(out, [a], { signal: stop.signal, progress: () => stop.abort() }));
      expect(cut.complete).toBe(false);
      expect(existsSync(join(out, 'dataset.json'))).toBe(false);
      expect(await writeDataset(task(out, [a], { how: 'link' }))).toMatchObject({ complete: true, kept: 1, linked: 2 });
      expect(statSync(join(out, 'episodes', 'e-3.mcap')).nlink).toBe(2);
    });
  });

  it('refuses a recording that was changed or is missing, and says how to go on', async () => {
    await withFolder(async (folder) => {
      const a = datasetOf(join(folder, 'a'), ['e-1', 'e-2']);
      writeFileSync(join(folder, 'a', 'episodes', 'e-2.mcap'), 'changed');
      await expect(writeDataset(task(join(folder, 'x'), [a]))).rejects.toThrow('was changed; --exclude e-2');
      rmSync(join(folder, 'a', 'episodes', 'e-2.mcap'));
      await expect(writeDataset(task(join(folder, 'y'), [a]))).rejects.toThrow('--exclude e-2');
    });
  });

  it('refuses a folder with anything else in it', async () => {
    await withFolder(async (folder) => {
      const a = datasetOf(join(folder, 'a'), ['e-1']);
      writeFileSync(join(folder, 'mine.txt'), '');
      await expect(writeDataset(task(folder, [a]))).rejects.toThrow('must be new or empty');
    });
  });
});

describe('gathering', () => {
  it('refuses one id for two recordings, and names both folders', async () => {
    await withFolder(async (folder) => {
      const a = datasetOf(join(folder, 'a'), ['e-1']);
      const b = datasetOf(join(folder, 'b'), [], { episodes: [episodeOf('e-1', { sha256: hashOf('other') })] });
      expect(() => gather([a, b], ALL)).toThrow(/e-1 of .*a and of .*b: are different recordings/);
    });
  });

  it('never brings back what was removed, under its id or its content', async () => {
    await withFolder(async (folder) => {
      const a = datasetOf(join(folder, 'a'), ['e-1', 'e-2', 'e-3']);
      const b = datasetOf(join(folder, 'b'), ['e-9'], {
        tombstones: [stone('e-1'), { ...stone('gone'), sha256: hashOf('e-2') }],
      });
      const { chosen, said, tombstones } = gather([a, b], ALL);
      expect(chosen.map(({ episode }) => episode.id)).toEqual(['e-3', 'e-9']);
      expect(said.length).toBe(2);
      expect(tombstones.length).toBe(2);
    });
  });

  it('chooses by every criterion, and names what cannot be meant', async () => {
    await withFolder(async (folder) => {
      const failed = { ...episodeOf('x').outcome, success: false };
      const episodes = [
        episodeOf('a', { task: 'sort', quality: { score: 0.9, findings: [] } }),
        episodeOf('b', { outcome: failed, quality: { score: 0.4, findings: [] } }),
      ];
      const dataset = datasetOf(folder, [], { episodes });
      const ids = (more: object) => gather([dataset], { ...ALL, ...more }).chosen.map(({ episode }) => episode.id);
      expect(ids({ success: true })).toEqual(['a']);
      expect(ids({ success: false })).toEqual(['b']);
      expect(ids({ tasks: ['sort'] })).toEqual(['a']);
      expect(ids({ robots: ['ur5'] })).toEqual([]);
      expect(ids({ min_quality: 0.5 })).toEqual(['a']);
      expect(ids({ exclude: ['a'] })).toEqual(['b']);
      expect(() => ids({ exclude: ['c'] })).toThrow('exclude c');
      const unseen = datasetOf(folder, [], { episodes: [episodeOf('a')] });
      expect(() => gather([unseen], { ...ALL, min_quality: 0.5 })).toThrow('dataset quality');
    });
  });
});
