import { InputError, type TaskGoal, type TaskGoalOf } from '../../contracts/index.ts';
import { ClutterTask } from './clutter.ts';
import { InspectTask } from './inspect.ts';
import { PickPlaceTask } from './pick_place.ts';
import { SortTask } from './sort.ts';
import type { Task } from './task.ts';

export { CLUTTER, ClutterTask } from './clutter.ts';
export { NOMINAL_RGB } from './colours.ts';
export { DEFECTS, defectSignal_mm2, type SurfaceTruth, surfaceTruth } from './defects.ts';
export { INSPECT, InspectTask } from './inspect.ts';
export { inObjectSet, kindName, OBJECT_SETS, type ObjectSet, objectSetOf } from './object_sets.ts';
export { insideRectangle, overlap, type PlanarOutline, planarOutline } from './outlines.ts';
export { PICK_PLACE, PickPlaceTask } from './pick_place.ts';
export { SORT, SortTask } from './sort.ts';
export * from './task.ts';

const TASKS: { readonly [Name in TaskGoal['task']]: () => Task<TaskGoalOf<Name>> } = {
  'pick-place': () => new PickPlaceTask(),
  sort: () => new SortTask(),
  clutter: () => new ClutterTask(),
  inspect: () => new InspectTask(),
};

export const TASK_NAMES = ['pick-place', 'sort', 'clutter', 'inspect'] as const satisfies readonly TaskGoal['task'][];

/** @throws InputError naming the tasks there are */
export function createTask(name: string): Task {
  const known = TASK_NAMES.find((task) => task === name);
  if (known !== undefined) return TASKS[known]();
  throw new InputError(`task '${name}'`, `one of ${TASK_NAMES.join(', ')}`);
}
