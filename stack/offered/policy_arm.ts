import type { PickPlaceGoal } from '../../contracts/index.ts';
import { isOperating, type SafetyMode } from '../../safety/index.ts';
import type { DrivenCell } from '../env/driven_cell.ts';
import type { SeatPictures } from '../learned/pictures.ts';
import type { MotionRows } from './motion_rows.ts';
import type { OpenPolicy } from './open_offered.ts';
import type { OperatorMotion } from './operator_motion.ts';

/** Why an arm waits whose speed is 0. */
export const PAUSED = 'paused, or the way is not free';

/** Time of a task while a policy is at it (s). */
export interface TaskTime {
  time_s: number;
}

/** What a policy is told, what it does, and how its task stands. */
export type PolicyWorld = Pick<
  DrivenCell,
  'layout' | 'features' | 'begin' | 'look' | 'write' | 'act' | 'judge' | 'status' | 'furthest_stage'
>;

/** An arm for the time that a policy moves it: of a simulated cell, or of a robot on the bus. */
export interface PolicyArm {
  readonly world: PolicyWorld;
  /** Why the arm is stopped; empty while it operates. */
  readonly stopped: string;
  /** Why the policy must give it up; empty while it has it. */
  readonly lost: string;
  /** Share of its speed that it may go at; 0 while it is to wait, for what `waits` says. */
  readonly share: number;
  readonly waits: string;
  readonly atRest: boolean;
  /** What `world.act` asks for moves it. */
  drive(): void;
  /** It comes to rest and is kept. */
  hold(): void;
  /** Whoever moved it before may do so again. */
  release(): void;
  /** What its cameras see; null for a policy that is told no pictures. */
  pictures(): SeatPictures | null;
  /** Where the wanted object is (x, y, z, m) into `out`; whether anybody knows. */
  locate(out: Float64Array): boolean;
  /** An operator's motion after the policy, to be learned from; null where it cannot be followed. */
  operatorMotion(rows: MotionRows): OperatorMotion | null;
}

/** Where policies may be started. */
export interface PolicyPlace {
  /** Why this one cannot begin now; empty where it can. */
  refusalOf(open: OpenPolicy): string;
  /** Takes the arm. InputError where the goal cannot be. @param time  goes on while the policy is at it */
  begin(open: OpenPolicy, goal: PickPlaceGoal, time: TaskTime): PolicyArm;
}

/** Why a policy cannot begin in this mode of the gate; empty where it can. @param selected  the mode it goes back to after a stop */
export function wrongMode(mode: SafetyMode, selected: SafetyMode = mode): string {
  if (!isOperating(mode)) return `the arm is stopped (${mode}); reset it first`;
  return selected === 'automatic' ? '' : 'select automatic mode first';
}

/** A policy has learned to begin at home: an arm whose joints are farther from there than this has to go home first (rad). */
const START_RAD = 0.3;

/** Why a policy cannot begin from joints where they are (rad); empty where it can. */
export function farFromHome(position: ArrayLike<number>, home_q: Float64Array, arm_joints: number): string {
  let farthest = 0;
  for (let j = 0; j < arm_joints; j++) farthest = Math.max(farthest, Math.abs(position[j] - home_q[j]));
  return farthest > START_RAD
    ? `a joint is ${farthest.toFixed(2)} rad from home, where the policy begins, at most ${START_RAD}; press Home first`
    : '';
}
