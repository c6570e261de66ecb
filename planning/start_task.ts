import type { PickPlaceResult, Rng, TaskGoal } from '../contracts/index.ts';
import { emptyBin } from './clutter_plan.ts';
import { inspectObjects } from './inspect_plan.ts';
import type { TaskOptions } from './manipulation.ts';
import type { PickPlanner } from './pick_planner.ts';
import type { Steps } from './requests.ts';
import { sortObjects } from './sort_plan.ts';
import { pickPlace } from './task_plan.ts';

/** The steps of the task a goal asks for. */
export function startTask(
  goal: TaskGoal,
  planner: PickPlanner,
  rng: Rng,
  options: TaskOptions = {},
): Steps<PickPlaceResult> {
  switch (goal.task) {
    case 'pick-place':
      return pickPlace({ planner, goal, rng, options });
    case 'sort':
      return sortObjects({ planner, goal, rng, options });
    case 'clutter':
      return emptyBin({ planner, goal, rng, options });
    case 'inspect':
      return inspectObjects({ planner, goal, rng, options });
  }
}
