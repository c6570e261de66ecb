import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { checkScene } from '../scene_check.ts';
import { MujocoEngine, type MujocoOptions } from './engine.ts';

export { MUJOCO_CONTACT, type MujocoContactOptions } from './contact_parameters.ts';
export { MujocoEngine, type MujocoOptions } from './engine.ts';
export { writeMjcf } from './mjcf.ts';
export { prepareMujoco } from './module.ts';

/** A fresh world with the robot at home and the scene's objects where they are spawned; `prepareMujoco` comes first. Throws as `checkScene` does. */
export function createMujocoEngine(robot: Robot, scene: SceneModel, options: MujocoOptions = {}): PhysicsEngine {
  checkScene(robot, scene, options);
  return new MujocoEngine(robot, scene, options);
}
