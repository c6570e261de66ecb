import type { Vector3 } from '../../../contracts/index.ts';
import type { Grasp, TableObject } from '../../../planning/index.ts';
import type { SceneObject } from '../../../sim/index.ts';
import type { Standing } from './upright.ts';

/** What an expert does next: which object, how it is taken, and where it goes. */
export interface Errand {
  readonly object: number;
  readonly grasp: Grasp;
  /** Distance between the fingers on the way to the object (m). */
  readonly opening_m: number;
  /** How much further than the object the fingers open to let go of it (m). */
  readonly release_m: number;
  /** Most that the hand goes up or down in a step (m): less where other things are near. */
  readonly plunge_m: number;
  /** Where its centre is to stand, z of what it is to stand on; frame world (m). */
  readonly destination: Vector3;
}

/** Says for one world of a task what is to be done next, from how all objects stand. */
export interface ErrandChooser {
  /**
   * Null if nothing is left that the hand could do.
   * @param all  objects in the order of the scene
   * @param misses  how often each has slipped out of the hand so far
   */
  choose(all: readonly Standing[], misses: ArrayLike<number>): Errand | null;
}

/** An object as planning knows it. */
export function asTableObject({ class: name, colour }: SceneObject, standing: Standing): TableObject {
  const { shape, position, yaw_rad } = standing;
  return { class: name, colour, shape, position, yaw_rad, seen: 1, score: 1 };
}
