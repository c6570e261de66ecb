import type { Robot } from '../robots/index.ts';
import { distance } from './configuration_space.ts';

const TURN = 2 * Math.PI;

/** Arm joints that turn without end: a whole turn of one is the same place of the arm. */
export function endlessJoints({ limits, arm_joints }: Robot): number[] {
  const all = Array.from({ length: arm_joints }, (_, j) => j);
  return all.filter((j) => limits.position_lower[j] === -Infinity && limits.position_upper[j] === Infinity);
}

/** The angle plus the whole turns that bring it nearest to another (rad). */
export function nearestTurn(angle: number, near: number): number {
  const turns = Math.round((near - angle) / TURN);
  return turns === 0 ? angle : angle + TURN * turns;
}

/** Whether two positions are one place of the arm. */
export function sameByTurns(a: Float64Array, b: Float64Array, endless: readonly number[]): boolean {
  return a.every((x, j) => Math.abs((endless.includes(j) ? nearestTurn(x, b[j]) : x) - b[j]) < SAME_RAD);
}

/**
 * Joint positions that differ from a goal by whole turns of endless joints, nearest to `start` first: the nearest of all,
 * and for every endless joint the one that it reaches the other way round. The goal itself where it is one of them.
 */
export function goalsByTurns(goal: Float64Array, start: Float64Array, endless: readonly number[]): Float64Array[] {
  const nearest = goal.slice();
  for (const j of endless) nearest[j] = nearestTurn(goal[j], start[j]);
  const others = endless.map((j) => {
    const other = nearest.slice();
    other[j] += nearest[j] > start[j] ? -TURN : TURN;
    // the way round through the goal as it was given ends in just these numbers
    if (Math.abs(other[j] - goal[j]) < SAME_RAD) other[j] = goal[j];
    return other;
  });
  const n = goal.length;
  return [nearest, ...others.sort((a, b) => distance(a, 0, start, 0, n) - distance(b, 0, start, 0, n))];
}

const SAME_RAD = 1e-9;
