import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { withFolder } from '../../test/support/recording.ts';
import { differingFiles, setContents } from '../../test/support/set_contents.ts';
import { LONG } from '../../test/support/sweep.ts';
import { openDataset } from '../index.ts';
import { exportLerobot } from './export_lerobot.ts';
import { importLerobot } from './import_lerobot.ts';

const NOW = '2026-03-04T05:06:07Z';
const asked = {
  fps: null,
  cameras: null,
  depth: true,
  float64: false,
  video: null,
  workers: 1,
  resume: false,
} as const;

async function exported(folder: string, out: string, more: object = {}) {
  const dataset = await openDataset(folder);
  return exportLerobot({ dataset, episodes: dataset.index.episodes, out, ...asked, ...more });
}

describe('import of LeRobot sets', () => {
  it.each(LONG ? [false, true] : [false])(
    'gives back, exported again, every byte of a set (float64 %s)',
    async (float64) => {
      await withFolder(async (folder) => {
        const drawn = { joints: DRAWN_JOINTS, cameras: ['front', 'wrist'], depth: true };
        await drawnDataset(join(folder, 'a'), [
          { ...drawn, seconds: 0.7, split: 'train', text: 'Lift it.' },
          { ...drawn, seconds: 0.5, split: 'train', success: false, text: 'Put it down.' },
          { ...drawn, seconds: 0.6, split: 'test', text: 'Lift it.' },
        ]);
        const first = await exported(join(folder, 'a'), join(folder, 'set'), { float64 });
        expect(first.report?.skipped).toEqual([]);
        const made = await importLerobot({
          source: join(folder, 'set'),
          out: join(folder, 'b'),
          name: 'b',
          now: NOW,
          video: null,
        });
        expect(made.skipped).toEqual([]);
        expect(made.episodes.map(({ outcome }) => outcome.success)).toEqual([true, false, true]);
        expect(made.episodes.map(({ split }) => split)).toEqual(['train', 'train', 'test']);
        expect(made.episodes.map(({ text }) => text)).toEqual(['Lift it.', 'Put it down.', 'Lift it.']);
        expect(made.episodes[0].robot.joint_names).toEqual(DRAWN_JOINTS);
        expect(made.episodes[0].lineage).toMatchObject({ source: 'import', versions: { lerobot: 'v3.0' } });
        await exported(join(folder, 'b'), join(folder, 'again'));
        const own = ['surepick_export.json'];
        const [before, after] = [setContents(join(folder, 'set'), own), setContents(join(folder, 'again'), own)];
        expect(differingFiles(before, after)).toEqual([]);
      });
    },
  );
});
