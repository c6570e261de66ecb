import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { withFolder } from '../../test/support/recording.ts';
import { smallRecording } from '../../test/support/small_recording.ts';
import { describeEpisode, hashFile, openDataset, readIndex, readManifest, repairFolder, writeIndex } from '../index.ts';

const NOW = '2026-01-02T03:04:05Z';
const FACTS = { run_id: '20260101-000000-seed1', command: 'run', options: {}, versions: {}, machine: {} };

describe('repairFolder', () => {
  let whole: Buffer;
  let damaged: Buffer;
  beforeAll(async () => {
    whole = await smallRecording();
    damaged = Buffer.from(whole);
    // Within the second chunk, whose record is the second of its kind.
    const chunks = [...damaged.keys()].filter(
      (at) => damaged[at] === 6 && damaged.subarray(at, at + 60).includes('zstd'),
    );
    damaged[chunks[1] + 90] ^= 1;
  });

  const episode = (index: number, bytes: Buffer, file: string) => {
    const outcome = {
      ...{ success: true, stage: '', reason: '', object: 'box', attempts: 1, sim_seconds: 4 },
      ...{ placement_error_m: 0.001, interventions: 0 },
    };
    writeFileSync(file, bytes);
    return { index, file: `episodes/${index}.mcap`, ...hashFile(file), outcome };
  };

  /** A run that died in its third episode, and whose first has a wrong bit since. */
  function brokenRun(folder: string): void {
    mkdirSync(join(folder, 'episodes'));
    const file = (name: string) => join(folder, 'episodes', name);
    const episodes = [episode(0, whole, file('0.mcap')), episode(1, whole, file('1.mcap'))];
    const manifest = {
      ...{ schema: 'surepick/run-manifest', version: 1, ...FACTS, model: null, degraded_reason: '', digest: null },
      ...{ finished: false, interrupted: false, episodes },
    };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(file('0.mcap'), damaged);
    writeFileSync(file('2.mcap.part'), whole.subarray(0, whole.length / 2));
    writeFileSync(file('3.mcap.part'), '');
    writeFileSync(file('foreign.mcap'), 'PK and so on');
  }

  it('repairs a run, lists what it finished as interrupted, and renews no hash but of what it repaired', async () => {
    await withFolder(async (folder) => {
      brokenRun(folder);
      const before = readManifest(folder);
      const shown: number[] = [];
      const { reports, refused, manifest, interrupted } = await repairFolder(folder, {
        now: NOW,
        onFile: (done) => shown.push(done),
      });
      expect(reports.map(({ file, state }) => [file.slice(folder.length + 10), state])).toEqual([
        ...[
          ['0.mcap', 'repaired'],
          ['1.mcap', 'whole'],
          ['2.mcap.part', 'repaired'],
          ['3.mcap.part', 'lost'],
        ],
      ]);
      expect(refused.map(({ reason }) => reason)).toEqual([
        expect.stringContaining('foreign.mcap: is not an MCAP file'),
      ]);
      expect([interrupted, shown]).toEqual([false, [0, 1, 2, 3, 4]]);
      expect(manifest).toEqual({ added: ['episodes/2.mcap'], renewed: ['episodes/0.mcap'] });
      const after = readManifest(folder);
      expect(after).toMatchObject({ finished: false, interrupted: true });
      expect(after.episodes.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(after.episodes[1]).toEqual(before.episodes[1]);
      expect(after.episodes[0]).toEqual({ ...before.episodes[0], ...hashFile(join(folder, 'episodes/0.mcap')) });
      expect(after.episodes[2].outcome).toMatchObject({ success: false, interrupted: true });
      const { index } = await openDataset(folder);
      expect(index.episodes.map(({ outcome }) => outcome.success)).toEqual([true, true, null]);
    });
  });

  it('changes nothing when it only looks, and nothing more the second time', async () => {
    await withFolder(async (folder) => {
      brokenRun(folder);
      const before = readFileSync(join(folder, 'manifest.json'), 'utf8');
      const { reports, manifest } = await repairFolder(folder, { now: NOW, check: true });
      expect(reports.filter(({ state }) => state === 'repairable')).toHaveLength(2);
      expect(manifest).toBeNull();
      expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toBe(before);
      expect(existsSync(join(folder, 'episodes/2.mcap'))).toBe(false);
      await repairFolder(folder, { now: NOW });
      const once = readFileSync(join(folder, 'manifest.json'), 'utf8');
      expect((await repairFolder(folder, { now: NOW })).manifest).toEqual({ added: [], renewed: [] });
      expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toBe(once);
    });
  });

  it('gives a dataset a new revision that says what its repaired episodes hold now', async () => {
    await withFolder(async (folder) => {
      mkdirSync(join(folder, 'episodes'));
      for (const name of ['a', 'b']) writeFileSync(join(folder, 'episodes', `${name}.mcap`), whole);
      const episodes = await Promise.all(
        ['a', 'b'].map((id) => describeEpisode(folder, { id, file: `episodes/${id}.mcap` })),
      );
      writeIndex(folder, {
        ...{ schema: 'surepick/dataset', version: 1, id: '00000000-0000-4000-8000-000000000000', name: 'two' },
        ...{ revision: 4, description: '', licence: '', created_at: NOW, changed_at: NOW, parents: [] },
        ...{ episodes, tombstones: [], products: [] },
      });
      writeFileSync(join(folder, 'episodes/b.mcap'), damaged);
      const { dataset } = await repairFolder(folder, { now: NOW });
      expect(dataset).toEqual({ added: [], renewed: ['episodes/b.mcap'], revision: 5 });
      const [a, b] = readIndex(folder).episodes;
      expect(a).toEqual(episodes[0]);
      expect(b).toMatchObject({ id: 'b', ...hashFile(join(folder, 'episodes/b.mcap')), quality: null });
      expect(b.signals.map(({ messages }) => messages)).toEqual([12, 12]);
      expect((await repairFolder(folder, { now: NOW })).dataset?.revision).toBe(5);
    });
  });

  it('stops between two files when it is interrupted, and tells a folder that cannot be read', async () => {
    await withFolder(async (folder) => {
      brokenRun(folder);
      const stop = new AbortController();
      const onFile = (done: number) => {
        if (done === 2) stop.abort();
      };
      const found = await repairFolder(folder, { now: NOW, signal: stop.signal, onFile });
      expect(found.interrupted).toBe(true);
      expect(found.manifest?.renewed).toEqual(['episodes/0.mcap']);
      writeFileSync(join(folder, 'manifest.json'), '{');
      await expect(repairFolder(folder, { now: NOW })).rejects.toThrow(/manifest\.json: cannot be read/);
    });
  });
});
