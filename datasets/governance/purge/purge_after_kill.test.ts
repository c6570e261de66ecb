import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killedAtChange } from '../../../test/support/dying_disk.ts';
import { writeRun } from '../../../test/support/purge_folder.ts';
import { withFolder } from '../../../test/support/recording.ts';
import { sweep } from '../../../test/support/sweep.ts';
import { openDataset } from '../../dataset/index.ts';
import { carryOut, finishPurge, JOURNAL_NAME, planPurge } from './index.ts';

const now = '2026-06-01T00:00:00Z';
const order = { who: 'Ada', why: 'asked to be forgotten', now };

describe('a purge that is killed', () => {
  // Every second change, and every one in the long form.
  it('has done nothing or is completed by the next call, whatever change of the disk was its last', () =>
    withFolder(async (folder) => {
      const [clean, done] = ['clean', 'done'].map((name) => join(folder, name));
      await writeRun(clean, 3);
      cpSync(clean, done, { recursive: true });
      const before = await openDataset(clean);
      const ids = before.index.episodes.slice(0, 2).map(({ id }) => id);
      const purge = async (data: string) => {
        const dataset = await openDataset(data);
        const plan = await planPurge(dataset, ids, { models: [], now });
        return carryOut(dataset, plan, order);
      };
      await purge(done);
      const wanted = contentOf(done);
      let [killed, untouched, completed] = [0, 0, 0];
      for (let last = 1; ; last += sweep(2, 1)) {
        const data = join(folder, `killed-${last}`, 'clean');
        cpSync(clean, data, { recursive: true });
        const dataset = await openDataset(data);
        const plan = await planPurge(dataset, ids, { models: [], now });
        if (!(await killedAtChange(last, () => carryOut(dataset, plan, order)))) break;
        killed++;
        if (existsSync(join(data, JOURNAL_NAME))) {
          // Killed again while it goes on, and then left alone.
          await killedAtChange(1 + (last % 5), () => finishPurge(data));
          await finishPurge(data);
          completed++;
        } else if (existsSync(join(data, 'episodes', 'episode-0000.mcap'))) {
          expect((await openDataset(data)).index, `killed at change ${last}`).toMatchObject({
            revision: 0,
            episodes: before.index.episodes,
          });
          untouched++;
          await purge(data);
        }
        expect(unnamed(contentOf(data)), `killed at change ${last}`).toEqual(unnamed(wanted));
      }
      expect(killed).toBeGreaterThan(sweep(7, 15));
      expect(completed).toBeGreaterThan(sweep(5, 10));
      expect(untouched).toBeGreaterThan(sweep(0, 1));
    }));
});

/** Every file with its content. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'latin1')]));
}

/** A run's dataset is named by its folder. */
function unnamed(content: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(content).map(([path, text]) => [path, text.replace(/"name": "(?:clean|done)"/, '')]),
  );
}
