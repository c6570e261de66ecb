import type { Vector3 } from '../../contracts/index.ts';
import { nearness, type ObjectJudge, shapedReward } from './judge.ts';
import type { TaskView } from './task.ts';

/** Where the objects of a task belong; both are asked about the object that the judge has loaded. */
export interface Placement {
  /** Whether object i lies where it belongs. */
  isDone(i: number): boolean;
  /** Centre of the place where object i belongs, null if there is none. */
  centre(i: number): Vector3 | null;
}

/** What every task of several objects asks of them. */
export interface PlacementVerdict {
  readonly at_rest: boolean;
  /** Whether the hand touches none of them. */
  readonly released: boolean;
  /** How many lie where they belong. */
  readonly done: number;
  /** Largest horizontal distance of an object that is not there from the centre of its place; 0 if all are there. */
  readonly placement_error_m: number;
}

export function judgePlacements(view: TaskView, judge: ObjectJudge, placement: Placement): PlacementVerdict {
  const { engine } = view;
  let [done, placement_error_m, at_rest, released] = [0, 0, true, true];
  for (let i = 0; i < engine.object_count; i++) {
    judge.load(engine, i);
    at_rest &&= judge.atRest;
    released &&= !engine.handTouches(i);
    if (placement.isDone(i)) done++;
    else placement_error_m = Math.max(placement_error_m, distance(judge, placement.centre(i)));
  }
  return { at_rest, released, done, placement_error_m };
}

/** Dense reward of a task of several objects; see shapedReward. */
export function rewardPlacements(view: TaskView, judge: ObjectJudge, placement: Placement, success: boolean): number {
  const { engine, tool_position: tool } = view;
  let [done, to_destination, to_tool] = [0, 0, 0];
  for (let i = 0; i < engine.object_count; i++) {
    const { state } = judge.load(engine, i);
    if (placement.isDone(i)) {
      done++;
      continue;
    }
    to_destination += nearness(distance(judge, placement.centre(i)));
    const reach = Math.hypot(state[0] - tool[0], state[1] - tool[1], state[2] - tool[2]);
    to_tool = Math.max(to_tool, nearness(reach));
  }
  const left = engine.object_count - done;
  return shapedReward(success, done / engine.object_count, left === 0 ? 1 : to_destination / left, to_tool);
}

function distance({ state }: ObjectJudge, centre: Vector3 | null): number {
  return centre === null ? 0 : Math.hypot(state[0] - centre[0], state[1] - centre[1]);
}
