import { type PickPlaceResult, StageError, type TableRegion, type TaskGoalOf } from '../contracts/index.ts';
import { freeSpots, reachesOut } from './free_spots.ts';
import { Manipulation } from './manipulation.ts';
import { pickByPick } from './pick_by_pick.ts';
import type { PickPlan } from './pick_planner.ts';
import type { Steps } from './requests.ts';
import { DoubtSettler } from './settle_doubts.ts';
import { roomAround, spread, type TableObject } from './table_objects.ts';
import type { TaskContext } from './task_plan.ts';

export type SortGoal = TaskGoalOf<'sort'>;

/** Spots tried for one object before the next one is taken. */
const SPOTS_TRIED = 3;
/** Objects of the same class that stand in each other's way may have to be moved more than once. */
const LIMITS = { most_picks: 24, most_failures: 4, in_a_row: false, undone: 'objects are outside their regions' };
/** An object seen to reach out of its region by less than this (m) counts as inside: as sure as it is seen. */
const PLACED_M = 0.0015;

/**
 * Brings every object to the region of its class: looks, takes the object with the most room around it that is outside
 * its region, stands it on a free spot inside, and looks again, until none is seen outside. Failed picks are tried again
 * a few times. Returns how it ended; throws nothing of its own.
 */
export function* sortObjects(context: TaskContext<SortGoal>): Steps<PickPlaceResult> {
  const arm = new Manipulation(context.options);
  const doubts = new DoubtSettler(arm, context);
  return yield* pickByPick(arm, LIMITS, function* (pick) {
    const {
      seen,
      sure: misplaced,
      left_alone,
    } = yield* doubts.settle(
      function* () {
        return (yield* arm.look(isAny)).filter((object) => object.seen >= 2);
      },
      (object) => isMisplaced(object, context.goal),
    );
    if (misplaced.length === 0 && left_alone !== '') throw new StageError('perceive', left_alone);
    if (misplaced.length === 0) return 'done';
    yield* arm.enter('plan');
    const start = yield* arm.position();
    const finger_width_m = yield* arm.fingerWidth();
    yield* arm.transport(choose(context, start, finger_width_m, misplaced, seen, pick));
    return 'more';
  });
}

const isAny = (seen: readonly TableObject[]): boolean => seen.length > 0;

function regionOf(object: TableObject, goal: SortGoal): TableRegion | null {
  return goal.regions.find((entry) => entry.class === object.class)?.region ?? null;
}

function isMisplaced(object: TableObject, goal: SortGoal): boolean {
  const region = regionOf(object, goal);
  return region !== null && reachesOut(object, region) > PLACED_M;
}

/** A plan for the first object, in the order of the room around them, that can be taken and has a spot to go to. */
function choose(
  { planner, goal, rng }: TaskContext<SortGoal>,
  start: Float64Array,
  finger_width_m: number,
  misplaced: readonly TableObject[],
  seen: readonly TableObject[],
  pick: number,
): PickPlan {
  const ranked = [...misplaced].sort((a, b) => roomAround(b, seen) - roomAround(a, seen));
  let reason = '';
  for (const [index, object] of ranked.entries()) {
    const others = seen.filter((other) => other !== object);
    const region = regionOf(object, goal);
    const spots = region === null ? [] : spread(freeSpots(region, object, others), SPOTS_TRIED);
    const planned = planner.planAmong(start, object, others, spots, rng.stream(`pick/${pick}/${index}`), {
      finger_width_m,
    });
    if (planned.ok) return planned.value;
    reason ||= `${object.colour} ${object.class}: ${planned.reason}`;
  }
  throw new StageError('plan', reason);
}
