import type { Rng } from '../contracts/index.ts';
import { distance } from './configuration_space.ts';
import { type IkSolver, type PoseRegion, samplePoseRegion } from './ik/index.ts';
import type { FoundPath, NoPath, PathPlanner } from './path_planner.ts';

/** A pose the tool shall reach, or any pose of a region about it. */
export interface PoseGoal {
  /** Rotation row-major 9 and position 3, root frame (m). */
  readonly target: Float64Array;
  readonly region?: PoseRegion;
}

export interface PoseGoalOptions {
  /** Joint positions looked for, over all goals. */
  readonly count?: number;
  /** Inverse kinematics tried for each goal; default 12, and 200 where one is a region, most of which may be taken. */
  readonly tries?: number;
}

/** Joint positions that reach goals, in contact with nothing; or why there is none. */
export type GoalPositions =
  | {
      readonly ok: true;
      readonly positions: readonly Float64Array[];
      /** Which goal each position reaches. */
      readonly goal: readonly number[];
    }
  | NoPath;

/**
 * Joint positions for goals given as poses, nearest to `near` first: inverse kinematics from `near` and from random
 * positions, each of which finds what is nearest to it; of like ones the first is kept, those in contact are left out.
 */
export function goalPositions(
  planner: PathPlanner,
  ik: IkSolver,
  goals: readonly PoseGoal[],
  near: Float64Array,
  rng: Rng,
  options: PoseGoalOptions = {},
): GoalPositions {
  const { count = 8, tries = goals.some(({ region }) => region !== undefined) ? 200 : 12 } = options;
  const n = planner.robot.arm_joints;
  const kept: { readonly q: Float64Array; readonly goal: number }[] = [];
  let contact: readonly [string, string] | null = null;
  let nearest: { q: Float64Array; position_error_m: number; rotation_error_rad: number } | null = null;
  let reason = 'there is no goal';
  const seed = near.slice(0, n);
  const target = new Float64Array(12);
  for (let round = 0; round < tries && kept.length < count; round++) {
    goals.forEach((goal, index) => {
      if (round > 0) drawPosition(planner, rng, seed);
      target.set(goal.target);
      if (goal.region !== undefined && round > 0) samplePoseRegion(goal.target, goal.region, rng, target);
      const solution =
        goal.region !== undefined && round === 0
          ? ik.solveRegion(goal.target, goal.region, seed, rng)
          : ik.solve(target, seed, rng);
      if (!solution.ok) {
        const { position_error_m, rotation_error_rad } = solution;
        if (
          nearest === null ||
          position_error_m + rotation_error_rad < nearest.position_error_m + nearest.rotation_error_rad
        ) {
          nearest = { q: solution.q.slice(0, n), position_error_m, rotation_error_rad };
          reason = solution.reason;
        }
        return;
      }
      if (kept.some(({ q }) => distance(q, 0, solution.q, 0, n) < SAME_RAD)) return;
      if (planner.world.collides(solution.q)) contact ??= planner.world.lastContact();
      else kept.push({ q: solution.q.slice(0, n), goal: index });
    });
  }
  if (kept.length > 0) {
    kept.sort((a, b) => distance(a.q, 0, near, 0, n) - distance(b.q, 0, near, 0, n));
    return { ok: true, positions: kept.map(({ q }) => q), goal: kept.map(({ goal }) => goal) };
  }
  if (contact !== null) {
    const [a, b]: readonly [string, string] = contact;
    return {
      ok: false,
      stage: 'goal',
      reason: `every position that reaches the pose is in contact: ${a} and ${b}`,
      contact,
    };
  }
  return { ok: false, stage: 'ik', reason, ...(nearest === null ? {} : { nearest }) };
}

/** A path to whichever pose is reached first; `goal` of the answer is the index of that pose. */
export function planToPoses(
  planner: PathPlanner,
  ik: IkSolver,
  start: Float64Array,
  goals: readonly PoseGoal[],
  rng: Rng,
  options: PoseGoalOptions = {},
): FoundPath | NoPath {
  const found = goalPositions(planner, ik, goals, start, rng.stream('ik'), options);
  if (!found.ok) return found;
  const outcome = planner.plan(start, found.positions, rng.stream('path'), { whole_turns: true });
  return outcome.ok ? { ...outcome, goal: found.goal[outcome.goal] } : outcome;
}

function drawPosition(planner: PathPlanner, rng: Rng, out: Float64Array): void {
  const { position_lower, position_upper } = planner.robot.limits;
  for (let j = 0; j < out.length; j++) {
    out[j] = rng.range(Math.max(position_lower[j], -Math.PI), Math.min(position_upper[j], Math.PI));
  }
}

/** Positions nearer to each other than this are one goal (rad). */
const SAME_RAD = 0.2;
