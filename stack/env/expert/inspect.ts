import type { TaskGoalOf } from '../../../contracts/index.ts';
import { type SceneModel, surfaceTruth } from '../../../sim/index.ts';
import type { ErrandChooser } from './errand.ts';
import type { GraspChoice } from './grasp_choice.ts';
import { regionErrands } from './regions.ts';

/** Every object to the region of what is true of its surface, known without looking; what is ambiguous to the unsure. */
export function inspectErrands(goal: TaskGoalOf<'inspect'>, scene: SceneModel, grasps: GraspChoice): ErrandChooser {
  const regions = scene.objects.map((object) => {
    const truth = surfaceTruth(object);
    return goal[truth === 'ambiguous' ? 'unsure' : truth];
  });
  return regionErrands(regions, scene, grasps);
}
