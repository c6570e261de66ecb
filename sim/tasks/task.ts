import type { PickPlaceGoal, Rng, Vector3 } from '../../contracts/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';

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
  /** Horizontal distance of the object's centre from the target's, m. */
  readonly placement_error_m: number;
}

/** One drawn world with its goal. */
export interface TaskInstance {
  readonly scene: SceneModel;
  readonly goal: PickPlaceGoal;
  evaluate(view: TaskView): Evaluation;
}

/** A family of worlds with a goal each and a judge. */
export interface Task {
  readonly name: string;
  readonly time_limit_s: number;
  /** Draws a world; the same stream gives the same world. */
  reset(rng: Rng): TaskInstance;
}
