import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { withFolder } from '../../test/support/recording.ts';
import { spoil, tryImport } from '../../test/support/spoilt_set.ts';
import { openDataset } from '../index.ts';
import { exportLerobot } from './export_lerobot.ts';

it('1,000 sets spoilt as drawn are read as far as they can be, or refused in one line', async () => {
  await withFolder(async (folder) => {
    await drawnDataset(
      join(folder, 'a'),
      [0, 1].map(() => ({ joints: DRAWN_JOINTS, cameras: ['front'], seconds: 1 })),
    );
    const dataset = await openDataset(join(folder, 'a'));
    const asked = { fps: 10, cameras: null, depth: false, float64: false, video: null, workers: 1, resume: false };
    await exportLerobot({ dataset, episodes: dataset.index.episodes, out: join(folder, 'set'), ...asked });
    let refused = 0;
    for (let seed = 1000; seed < 2000; seed++) {
      await withFolder(async (own) => {
        const what = spoil(join(folder, 'set'), join(own, 'set'), seed);
        const read = await tryImport(join(own, 'set'), join(own, 'out')).catch((error: unknown) => {
          throw new Error(`seed ${seed}: ${what}`, { cause: error });
        });
        if ('refused' in read) refused++;
      });
    }
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(1000);
  });
}, 1_200_000);
