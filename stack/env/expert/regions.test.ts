import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { loadRobot } from '../../../robots/index.ts';
import { InspectTask, SortTask, surfaceTruth } from '../../../sim/index.ts';
import { GraspChoice } from './grasp_choice.ts';
import { inspectErrands } from './inspect.ts';
import { sortErrands } from './sort.ts';
import { type Standing, standing } from './upright.ts';

const GRASPS = new GraspChoice(loadRobot('panda'), -Math.PI / 2);

describe('errands to regions', () => {
  it.each(['sort', 'inspect'] as const)(
    'of the task %s bring every object to its own, and then there are none',
    (task) => {
      for (let seed = 0; seed < 20; seed++) {
        const rng = createRng(seed);
        const drawn = task === 'sort' ? new SortTask().reset(rng) : new InspectTask().reset(rng);
        const { scene, goal } = drawn;
        const chooser = goal.task === 'sort' ? sortErrands(goal, scene, GRASPS) : inspectErrands(goal, scene, GRASPS);
        const all = scene.objects.map(
          ({ shape, pose: { position, orientation } }): Standing => standing(shape, [...position, ...orientation]),
        );
        const misses = new Int32Array(all.length);
        for (let left = all.length; left > 0; left--) {
          const errand = chooser.choose(all, misses);
          if (errand === null) throw new Error(`seed ${seed}: ${left} objects left`);
          const object = scene.objects[errand.object];
          const truth = surfaceTruth(object);
          const region =
            goal.task === 'sort'
              ? goal.regions.find((entry) => entry.class === object.class)?.region
              : goal[truth === 'ambiguous' ? 'unsure' : truth];
          const { destination } = errand;
          for (const c of [0, 1] as const) {
            const room = (region?.size[c] ?? 0) / 2 - Math.abs(destination[c] - (region?.centre[c] ?? 0));
            expect(room, `seed ${seed}, object ${errand.object}`).toBeGreaterThan(0.015);
          }
          const [x, y, z] = destination;
          const here = all[errand.object];
          all[errand.object] = { ...here, position: [x, y, z + here.height_m / 2] };
        }
        expect(chooser.choose(all, misses)).toBeNull();
      }
    },
  );
});
