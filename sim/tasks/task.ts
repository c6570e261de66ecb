import type { Rng, TaskGoal, Vector3 } from '../../contracts/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import type { ObjectSet } from './object_sets.ts';

/** The world as a task judges it. Only the judge sees it: no stage of the stack does. */
export interface TaskView {
  readonly engine: PhysicsEngine;
  /** Since the start of the episode. */
  readonly time_s: number;
  /** Distance between the fingers. */
  readonly gripper_width_m: number;
  /** Origin of the tool frame, world. */
  readonly tool_position: Vector3;
}

/** Verdict: booleans first; `success` is all of them. */
export interface Evaluation {
  readonly success: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
  /** Horizontal distance of the object's centre from the target's, m; the largest one where a task has several. */
  readonly placement_error_m: number;
  /** How far a task of several objects has come, as counts and shares; none for a task of one. */
  readonly measures?: Readonly<Record<string, number>>;
  /** How many objects are where they belong; none for a task of one. */
  readonly done?: number;
}

/** One drawn world with its goal. The judge needs nothing but these two, so an instance can be restored from them. */
export interface TaskInstance<Goal extends TaskGoal = TaskGoal> {
  readonly scene: SceneModel;
  readonly goal: Goal;
  evaluate(view: TaskView): Evaluation;
  /** Dense reward, 0 to 1: grows from reaching over moving to placing, 1 if and only if `evaluate` says success. */
  reward(view: TaskView): number;
}

export type Range = readonly [number, number];

/** What every world of a task keeps to; lengths in m, frame world. */
export interface TaskSpec {
  readonly time_limit_s: number;
  /** Fewest and most objects. */
  readonly objects: Range;
  /** Where objects' centres start. */
  readonly x_m: Range;
  readonly y_m: Range;
  /** Edges of boxes' outlines, diameters of cylinders; and heights. */
  readonly edge_m: Range;
  readonly height_m: Range;
  readonly mass_kg: Range;
  readonly friction: Range;
  /** Whether objects start touching each other. */
  readonly touching: boolean;
  /** Names of the checks that `evaluate` gives. */
  readonly checks: readonly string[];
}

/** A family of worlds with a goal each and a judge. */
export interface Task<Goal extends TaskGoal = TaskGoal> {
  readonly name: Goal['task'];
  readonly spec: TaskSpec;
  readonly time_limit_s: number;
  /** Draws a world; the same stream and object set give the same world. */
  reset(rng: Rng, object_set?: ObjectSet): TaskInstance<Goal>;
  /** Whether a world whose objects have other sizes than were drawn is still one that `reset` could give. */
  allows(scene: SceneModel, goal: Goal, object_set: ObjectSet): boolean;
  /** The instance of a world that was drawn before, changed by randomisation or not. */
  restore(scene: SceneModel, goal: Goal): TaskInstance<Goal>;
}
