import { describe, expect, it } from 'vitest';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { withFolder } from '../../test/support/recording.ts';
import { episodePath, openDataset } from '../dataset/folder.ts';
import { readTable } from './episode_table.ts';

const OPTIONS = { fps: 20, cameras: null, depth: false, float64: true, success: true };

describe('the table of an episode', () => {
  it.each(['/a_second/joint_states', '/z_second/joint_states'])(
    'names as left out the joint states that it did not read, however the index orders its signals: %s',
    async (more_joints) => {
      await withFolder(async (folder) => {
        await drawnDataset(folder, [{ joints: DRAWN_JOINTS, more_joints, cameras: [], seconds: 0.3 }]);
        const dataset = await openDataset(folder);
        const [episode] = dataset.index.episodes;
        const [used, left] = ['/joint_states', more_joints].sort();
        for (const signals of [episode.signals, [...episode.signals].reverse()]) {
          const table = await readTable(episodePath(dataset, episode), { ...episode, signals }, OPTIONS);
          expect(table.left_out.map(({ topic }) => topic).sort()).toEqual([left, '/rosout'].sort());
          const names = used === more_joints ? ['still.pos'] : DRAWN_JOINTS.map((name) => `${name}.pos`);
          expect(table.features.numbers.find(({ key }) => key === 'observation.state')?.names).toEqual(names);
        }
      });
    },
  );
});
