import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { CannonEngine, type CannonOptions } from './engine.ts';

export { CannonEngine, type CannonOptions } from './engine.ts';

/** A fresh world with the robot at home and the scene's objects where they are spawned. */
export function createCannonEngine(robot: Robot, scene: SceneModel, options: CannonOptions = {}): PhysicsEngine {
  return new CannonEngine(robot, scene, options);
}
