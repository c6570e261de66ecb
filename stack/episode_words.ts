import { EPISODE_STAGES, type EpisodeStage } from '../contracts/index.ts';
import type { Evaluation, TaskInstance } from '../sim/index.ts';

/** How near an episode that failed came. */
export function howNear({ placement_error_m, measures }: Evaluation): string {
  if (measures === undefined) return `${(1000 * placement_error_m).toFixed(1)} mm from the target`;
  return Object.entries(measures)
    .map(([name, value]) => `${name} ${Number(value.toFixed(2))}`)
    .join(', ');
}

/** What an episode is about, for tables: the object of a task that names one, else how many there are. */
export function describeTask({ goal, scene }: TaskInstance): string {
  return goal.task === 'pick-place' ? `${goal.object.colour} ${goal.object.class}` : `${scene.objects.length} objects`;
}

/** Stages of the task plan that are none of an episode's count to the one they belong to. */
export function asStage(name: string): EpisodeStage {
  return EPISODE_STAGES.find((stage) => stage === name) ?? 'place';
}
