import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFolder } from '../../test/support/recording.ts';
import { sampleRun } from '../../test/support/sample_run.ts';
import { ManifestWriter, readManifest } from './manifest.ts';
import { earlierRuns } from './run_history.ts';
import { type EpisodeCounts, sumCounts } from './run_record.ts';

const counts = (asked: number): EpisodeCounts => ({
  ...{ wrong_picks: 0, retries: 1, escalations_asked: asked },
  ...{ escalations_answered: asked, escalations_overruled: 0, saves: asked },
});

/** A run of two episodes in a folder, finished or not. */
async function writeRun(
  parent: string,
  name: string,
  part: { task?: string; asked?: number; finished?: boolean } = {},
) {
  const run = await sampleRun(2);
  const folder = join(parent, name);
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const facts = { ...run, run_id: name, options: { ...run.options, task: part.task ?? 'sort' } };
  const manifest = new ManifestWriter(join(folder, 'manifest.json'), facts);
  for (const episode of run.episodes) {
    writeFileSync(join(folder, 'episodes', episode.recording), '');
    manifest.add(part.asked === undefined ? episode : { ...episode, counts: counts(part.asked) }, folder);
  }
  if (part.finished !== false) manifest.finish(run);
  return folder;
}

describe('earlier runs', () => {
  it('are those of the task beside it that have ended and were counted, oldest first', async () => {
    await withFolder(async (parent) => {
      await writeRun(parent, '20260103-100000-seed1', { asked: 3 });
      await writeRun(parent, '20260101-100000-seed1', { asked: 1 });
      await writeRun(parent, '20260102-100000-seed1', { asked: 9, task: 'clutter' });
      await writeRun(parent, '20260104-100000-seed1');
      await writeRun(parent, '20260105-100000-seed1', { asked: 4, finished: false });
      mkdirSync(join(parent, 'something else'));
      mkdirSync(join(parent, 'broken'));
      writeFileSync(join(parent, 'broken', 'manifest.json'), '{"schema": "surepick/run-manifest"');
      const own = await writeRun(parent, '20260106-100000-seed1', { asked: 5 });
      expect(readManifest(own).episodes[0].outcome.counts).toEqual(counts(5));
      expect(earlierRuns(own, 'sort')).toEqual([
        { run_id: '20260101-100000-seed1', episodes: 2, successes: 2, counts: sumCounts([counts(1), counts(1)]) },
        { run_id: '20260103-100000-seed1', episodes: 2, successes: 2, counts: sumCounts([counts(3), counts(3)]) },
      ]);
      expect(earlierRuns(join(parent, 'none', 'none'), 'sort')).toEqual([]);
    });
  });
});
