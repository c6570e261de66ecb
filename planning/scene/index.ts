export { furnishScene, robotOfScene, worldOfScene } from './apply_scene.ts';
export {
  type AttachedObject,
  type PlanningScene,
  parsePlanningScene,
  readPlanningScene,
  type SceneOptions,
} from './planning_scene.ts';
export { writePlanningScene } from './write_scene.ts';
