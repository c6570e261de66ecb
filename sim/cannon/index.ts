import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { checkParameters, checkSpawns } from '../scene_check.ts';
import { CannonEngine, type CannonOptions } from './engine.ts';

export { CannonEngine, type CannonOptions } from './engine.ts';

/**
 * A fresh world with the robot at home and the scene's objects where they are spawned. Throws InputError and
 * InvalidStateError as `checkScene` does.
 */
export function createCannonEngine(robot: Robot, scene: SceneModel, options: CannonOptions = {}): PhysicsEngine {
  checkParameters(scene, options);
  const engine = new CannonEngine(robot, scene, options);
  checkSpawns(robot, scene, engine.contacts);
  return engine;
}
