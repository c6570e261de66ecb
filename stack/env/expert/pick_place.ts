import type { TaskGoalOf } from '../../../contracts/index.ts';
import type { SceneModel } from '../../../sim/index.ts';
import { isWanted } from '../goal.ts';
import type { ErrandChooser } from './errand.ts';
import type { GraspChoice } from './grasp_choice.ts';

/** As near as this to its target an object is left where it is (m). */
const ARRIVED_M = 0.01;

/** The one object that the goal names, to its target. */
export function pickPlaceErrands(
  goal: TaskGoalOf<'pick-place'>,
  { objects }: SceneModel,
  grasps: GraspChoice,
): ErrandChooser {
  const object = objects.findIndex((one) => isWanted(goal, one));
  const { target: destination } = goal;
  return {
    choose: (all) => {
      const { position, height_m } = all[object];
      const stands = position[2] - height_m / 2 < destination[2] + ARRIVED_M;
      if (stands && Math.hypot(position[0] - destination[0], position[1] - destination[1]) < ARRIVED_M) return null;
      const neighbours = all.filter((_, i) => i !== object);
      const grasp = grasps.choose(all[object], neighbours);
      return grasp === null ? null : { object, destination, ...grasps.roomy(grasp) };
    },
  };
}
