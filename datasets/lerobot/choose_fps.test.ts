import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DRAWN_JOINTS, type DrawnEpisode, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { withFolder } from '../../test/support/recording.ts';
import { type Dataset, episodePath, openDataset } from '../dataset/folder.ts';
import { McapFile } from '../recording/mcap_file.ts';
import { chooseFps } from './choose_fps.ts';
import { SOURCE_RECORD } from './kept_feature.ts';

const ARM = { joints: DRAWN_JOINTS, seconds: 0.5 };

async function fpsOf(
  episodes: readonly DrawnEpisode[],
  change: (dataset: Dataset) => Promise<void> = async () => {},
  seed = 1,
): Promise<number> {
  return withFolder(async (folder) => {
    await drawnDataset(folder, episodes, seed);
    const dataset = await openDataset(folder);
    await change(dataset);
    return chooseFps(dataset, dataset.index.episodes);
  });
}

const spoil = (dataset: Dataset, k: number) =>
  writeFileSync(episodePath(dataset, dataset.index.episodes[k]), 'no MCAP');

describe('the rate of rows that nobody chose', () => {
  it('is that of the colour cameras, measured, whatever its jitter', async () => {
    for (let seed = 0; seed < 2; seed++)
      expect(await fpsOf([{ ...ARM, cameras: ['front'], depth: true }], undefined, seed), `seed ${seed}`).toBe(10);
  });

  it('is that of the joints where no camera is', async () => {
    for (let seed = 0; seed < 2; seed++) {
      const fps = await fpsOf([{ ...ARM, seconds: 1, cameras: [] }], undefined, seed);
      expect(Math.abs(fps - 50), `seed ${seed}: ${fps}`).toBeLessThanOrEqual(2);
    }
  });

  it('is that of the first episode that can be read', async () => {
    const episodes = [
      { ...ARM, cameras: [] },
      { ...ARM, cameras: ['front'] },
      { ...ARM, cameras: [] },
    ];
    expect(await fpsOf(episodes, async (dataset) => spoil(dataset, 0))).toBe(10);
  });

  it('is that of the set that an episode came from', async () => {
    const fps = await fpsOf([{ ...ARM, cameras: ['front'] }], async (dataset) => {
      const file = await McapFile.create({ file: `${episodePath(dataset, dataset.index.episodes[0])}.new` });
      const record = { fps: 24, told: {}, pictures: {}, kept: [] };
      await file.addMetadata(SOURCE_RECORD, { record: JSON.stringify(record) });
      await file.finish();
      const [episode] = dataset.index.episodes;
      Object.assign(episode, { file: `${episode.file}.new` });
    });
    expect(fps).toBe(24);
  });

  it('cannot be told where no episode can be read', async () => {
    const unreadable = fpsOf([{ ...ARM, cameras: [] }], async (dataset) => spoil(dataset, 0));
    await expect(unreadable).rejects.toThrow(/has no episode with joints that can be read \(.*drawn-0\.mcap/);
    await withFolder(async (folder) => {
      await drawnDataset(join(folder, 'none'), []);
      await expect(chooseFps(await openDataset(join(folder, 'none')), [])).rejects.toThrow(/there is none/);
    });
  });
});
