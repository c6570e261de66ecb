export { robotOfScene, worldOfScene } from './apply_scene.ts';
export * from './convex.ts';
export { type DepthObstacle, type DepthObstacleOptions, depthObstacle } from './depth_image.ts';
export { type ElementTree, pointTree, triangleTree } from './element_tree.ts';
export * from './gjk.ts';
export { HELD } from './link_shapes.ts';
export { type MeshObstacleOptions, meshFileObstacle, meshObstacle } from './mesh_obstacle.ts';
export { withLinkPadding } from './padded_robot.ts';
export {
  type AttachedObject,
  type PlanningScene,
  parsePlanningScene,
  readPlanningScene,
  type SceneOptions,
} from './planning_scene.ts';
export { type PointCloud, type PointCloudOptions, pointCloud } from './point_cloud.ts';
export { createProximity, type Proximity, ProximityTable } from './proximity.ts';
export { RobotFilter } from './robot_filter.ts';
export { SignedDistance } from './signed_distance.ts';
export * from './world.ts';
export { writePlanningScene } from './write_scene.ts';
