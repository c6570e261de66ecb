import { InputError } from '../../contracts/index.ts';
import { PickPlaceTask } from './pick_place.ts';
import type { Task } from './task.ts';

export { NOMINAL_RGB } from './colours.ts';
export { PICK_PLACE, PickPlaceTask } from './pick_place.ts';
export * from './task.ts';

export const TASK_NAMES = ['pick-place'] as const;

/** @throws InputError naming the tasks there are */
export function createTask(name: string): Task {
  if (name === 'pick-place') return new PickPlaceTask();
  throw new InputError(`task '${name}'`, `one of ${TASK_NAMES.join(', ')}`);
}
