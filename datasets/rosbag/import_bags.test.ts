import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bagPeer, byTime, listBags, listRecording, type Ur5Bag, writeUr5Bags } from '../../test/support/rosbags.ts';
import { episodePath, importBags, openDataset } from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-import-bags-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const fresh = (name = 'set') => join(folder, `${name}-${++made}`);
const task = (source: string, out: string, more: object = {}) => ({
  ...{ source, out, name: 'ur5', id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a', now: '2026-02-03T04:05:06Z' },
  ...{ signal: new AbortController().signal, ...more },
});

const BAGS: readonly (readonly [string, Ur5Bag])[] = [
  ['sqlite3, version 9', { storage: 'sqlite3', version: 9 }],
  ['sqlite3, version 8, each message compressed', { storage: 'sqlite3', version: 8, compression: 'message' }],
  ['sqlite3, the file compressed', { storage: 'sqlite3', compression: 'file' }],
  ['MCAP, version 9', { storage: 'mcap', version: 9 }],
  ['MCAP, version 8, chunks compressed', { storage: 'mcap', version: 8, compression: 'storage' }],
  ['MCAP, the file compressed', { storage: 'mcap', compression: 'file' }],
  ['sqlite3 as Humble has it, version 5, two files, no definitions', { layout: 'humble' }],
  ['the same with write-ahead logs that a killed recorder left', { layout: 'humble', write_ahead: true }],
];

describe('bags that rosbags wrote', () => {
  it('come back message by message, in either storage, and are read again by rosbags', async (ctx) => {
    const python = await bagPeer(ctx, 'rosbags');
    const bags = BAGS.map(([what, bag]) => ({ what, folder: fresh('bag'), ...bag }));
    const written = await writeUr5Bags(python, bags);
    const recordings: string[] = [];
    for (const [k, { what, folder: source }] of bags.entries()) {
      const out = fresh();
      const imported = await importBags(task(source, out));
      expect(imported, what).toMatchObject({ complete: true, bags: [{ notes: [], left_out: [] }] });
      const dataset = await openDataset(out);
      expect(dataset.index, what).toEqual(imported.index);
      recordings.push(episodePath(dataset, dataset.index.episodes[0]));
      expect(await listRecording(recordings[k]), what).toEqual(byTime(written[k]));
    }
    const again = await listBags(python, 'rosbags', recordings);
    for (const [k, { what }] of bags.entries()) expect(byTime(again[k]), what).toEqual(byTime(written[k]));
  });
});
