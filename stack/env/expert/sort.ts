import type { TaskGoalOf } from '../../../contracts/index.ts';
import type { SceneModel } from '../../../sim/index.ts';
import type { ErrandChooser } from './errand.ts';
import type { GraspChoice } from './grasp_choice.ts';
import { regionErrands } from './regions.ts';

/** Every object to the region of its class. */
export function sortErrands(goal: TaskGoalOf<'sort'>, scene: SceneModel, grasps: GraspChoice): ErrandChooser {
  const regions = scene.objects.map(
    (object) => goal.regions.find((entry) => entry.class === object.class)?.region ?? null,
  );
  return regionErrands(regions, scene, grasps);
}
