import type { Rng, Vector3 } from '../contracts/index.ts';
import { NOTHING_FITS } from './grasp_ranking.ts';
import type { Planned } from './motion_planner.ts';
import { NOT_WITHIN_REACH } from './pick_motions.ts';
import type { PickConditions, PickPlan, PickPlanner } from './pick_planner.ts';
import type { TableObject } from './table_objects.ts';
import { remainingTurn, SIDE_TURNS, type Standing, type Turn, turnedHeight, UNTURNED } from './turning.ts';

/** Where an object is to stand, and on which side. */
export interface RegraspGoal {
  /** Places of its centre at the height of what it stands on, the one liked most first (m). */
  readonly spots: readonly Vector3[];
  /** How it is to be turned; UNTURNED keeps its side. */
  readonly turn: Turn;
}

export interface RegraspQuery {
  readonly start: Float64Array;
  readonly object: TableObject;
  readonly others: readonly TableObject[];
  readonly goal: RegraspGoal;
  /** Where it may be put down on the way, for the object as it would stand there (m). */
  readonly between: (object: TableObject) => readonly Vector3[];
  readonly conditions?: Omit<PickConditions, 'turn'>;
}

/** Failures that no other grasp cures. */
const HOPELESS = [NOT_WITHIN_REACH, NOTHING_FITS];
/** Sides tried on the way; each costs a whole plan. */
const MOST_SIDES = 4;

/**
 * Plans to bring an object to its goal by one grasp, or, when no grasp serves both ends, by two: put down in between, on the
 * same or another side, and taken again (Tournassoud, Lozano-Pérez and Mazer, ICRA 1987). Both are planned before the arm
 * moves. The second starts where the first ends; whoever carries them out should look again in between.
 */
export function planRegrasp(planner: PickPlanner, query: RegraspQuery, rng: Rng): Planned<readonly PickPlan[]> {
  const { start, object, others, goal, between, conditions = {} } = query;
  const at = { ...conditions, turn: goal.turn };
  const direct = planner.planToAny(start, object, others, goal.spots, rng.stream('direct'), at);
  if (direct.ok) return { ok: true, value: [direct.value] };
  if (HOPELESS.some((end) => direct.reason.includes(end))) return direct;
  let failure = '';
  for (const [k, side] of sidesBetween(object, goal.turn).entries()) {
    const stream = rng.stream(`between/${k}`);
    const spots = between({ ...object, position: [0, 0, turnedHeight(object.shape, side) / 2] });
    const first = planner.planToAny(start, object, others, spots, stream.stream('first'), {
      ...conditions,
      turn: side,
    });
    if (!first.ok) {
      failure ||= first.reason;
      continue;
    }
    const { placed } = first.value;
    const again = { ...restOf(conditions), turn: turnFrom(goal.turn, placed) };
    const from = first.value.home.position.slice(-planner.motion.robot.arm_joints);
    const second = planner.planToAny(from, placed.object, others, goal.spots, stream.stream('second'), again);
    if (second.ok) return { ok: true, value: [first.value, second.value] };
    failure ||= `after putting it down in between: ${second.reason}`;
  }
  return { ok: false, reason: `${direct.reason}; with another grasp: ${failure}` };
}

/** Sides the object may stand on in between: a way to turn over by two quarters first, then its own side, then others. */
function sidesBetween({ shape }: TableObject, turn: Turn): Turn[] {
  if (shape.type !== 'box') return [UNTURNED];
  const quarters = SIDE_TURNS.slice(0, 4);
  const halfway = turn === UNTURNED ? [] : quarters;
  return [...halfway.slice(0, MOST_SIDES - 1), UNTURNED, ...(turn === UNTURNED ? quarters : [])].slice(0, MOST_SIDES);
}

/** The width of the fingers is known at the very start only. */
function restOf({ finger_width_m: _, ...rest }: Omit<PickConditions, 'turn'>): Omit<PickConditions, 'turn'> {
  return rest;
}

function turnFrom(turn: Turn, placed: Standing): Turn {
  const rest = remainingTurn(turn, placed);
  const upright = Math.abs(rest[8] - 1) < 1e-9;
  return upright ? UNTURNED : rest;
}
