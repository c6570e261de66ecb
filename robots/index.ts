export { type DynamicsCases, type DynamicsResult, dynamicsCases, evaluateDynamics } from './dynamics_cases.ts';
export { loadRobot, PANDA_URDF, type RobotOptions, TOOLS, type Tool } from './load.ts';
export { convexHull, type HullOptions } from './meshes/convex_hull.ts';
export { type MassProperties, massProperties } from './meshes/mass_properties.ts';
export { MESH_LIMITS, type MeshPart } from './meshes/mesh_part.ts';
export { readMesh } from './meshes/read_mesh.ts';
export { type Payload, withPayload } from './payload.ts';
export * from './robot.ts';
export { loadUrdf, readUrdf, robotFromUrdf, type UrdfOptions, type UrdfRobot } from './urdf/load_urdf.ts';
