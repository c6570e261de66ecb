import type { Rng } from '../contracts/index.ts';
import { distance } from './configuration_space.ts';
import type { NoPath, PathPlanner } from './path_planner.ts';

export interface ReplanOptions {
  /**
   * Waypoints from the first on that the arm will pass whatever happens: where it can be stopped or turned in time. They
   * are kept as they are.
   */
  readonly committed?: number;
}

/** What becomes of a path that is being travelled. */
export type Replanned =
  | {
      readonly ok: true;
      /** Whether the old path still holds as it is. */
      readonly kept: boolean;
      readonly path: readonly Float64Array[];
      /** Waypoints at the end that were taken over from the old path. */
      readonly tail: number;
    }
  | (NoPath & {
      /** Free way that is left of the old path, from its first waypoint to the last free one before the contact (rad). */
      readonly free_rad: number;
    });

/**
 * Plans again while moving. `remaining` is what is left of the path under way, from the state at which the answer will be
 * used on. Where the world has not come into its way it is kept; else the search goes from the last committed waypoint to
 * any waypoint of the tail that is still free up to the goal, and the tail is travelled as before. The answer is checked
 * whole, committed part included.
 */
export function replan(
  planner: PathPlanner,
  remaining: readonly Float64Array[],
  rng: Rng,
  options: ReplanOptions = {},
): Replanned {
  const last = remaining.length - 1;
  const committed = Math.min(Math.max(options.committed ?? 0, 0), last);
  const blocked = firstBlocked(planner, remaining);
  if (blocked < 0) return { ok: true, kept: true, path: remaining, tail: remaining.length };
  const contact = planner.world.lastContact();
  const free_rad = lengthTo(remaining, blocked);
  if (blocked <= committed) {
    const reason = `the way that cannot be changed any more is blocked: ${contact.join(' and ')}`;
    return { ok: false, stage: 'start', reason, contact, free_rad };
  }
  const tail: Float64Array[] = [];
  for (let i = last; i > committed; i--) {
    if (planner.world.collides(remaining[i])) break;
    if (i < last && !planner.segmentFree(remaining[i], remaining[i + 1])) break;
    tail.unshift(remaining[i]);
  }
  if (tail.length === 0) {
    planner.world.collides(remaining[last]);
    const at_goal = planner.world.lastContact();
    const reason = `the goal is in collision: ${at_goal.join(' and ')}`;
    return { ok: false, stage: 'goal', reason, contact: at_goal, free_rad };
  }
  const outcome = planner.plan(remaining[committed], tail, rng);
  if (!outcome.ok) return { ...outcome, free_rad };
  const taken = tail.slice(outcome.goal + 1);
  const path = [...remaining.slice(0, committed), ...outcome.path, ...taken];
  return { ok: true, kept: false, path, tail: taken.length + 1 };
}

/** Index of the first waypoint that is not reached freely from the one before, −1 if all are. */
function firstBlocked(planner: PathPlanner, path: readonly Float64Array[]): number {
  if (planner.world.collides(path[0])) return 0;
  for (let i = 1; i < path.length; i++) if (!planner.segmentFree(path[i - 1], path[i])) return i;
  return -1;
}

/** Length of the path up to the last waypoint before number `end` (rad). */
function lengthTo(path: readonly Float64Array[], end: number): number {
  let sum = 0;
  for (let i = 1; i < end; i++) sum += distance(path[i - 1], 0, path[i], 0, path[i].length);
  return sum;
}
