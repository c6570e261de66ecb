import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { withFolder } from '../../test/support/recording.ts';
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

/** Every file of a set, by its path, less the report on where it came from. */
function contents(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('surepick_export'));
  return new Map(paths.sort().map((path) => [path.slice(folder.length), readFileSync(path)]));
}

describe('import of LeRobot sets', () => {
  it.each([false, true])('gives back, exported again, every byte of a set (float64 %s)', async (float64) => {
    await withFolder(async (folder) => {
      const drawn = { joints: DRAWN_JOINTS, cameras: ['front', 'wrist'], depth: true };
      await drawnDataset(join(folder, 'a'), [
        { ...drawn, seconds: 1.5, split: 'train', text: 'Lift it.' },
        { ...drawn, seconds: 1, split: 'train', success: false, text: 'Put it down.' },
        { ...drawn, seconds: 1.2, split: 'test', text: 'Lift it.' },
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
      const [before, after] = [contents(join(folder, 'set')), contents(join(folder, 'again'))];
      expect([...after.keys()]).toEqual([...before.keys()]);
      for (const [path, bytes] of before) {
        if (!path.endsWith('.json')) expect(after.get(path)?.equals(bytes), path).toBe(true);
        else expect(JSON.parse(String(after.get(path)))).toEqual(JSON.parse(String(bytes)));
      }
    });
  });
});
