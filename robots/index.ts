export { type DynamicsCases, type DynamicsResult, dynamicsCases, evaluateDynamics } from './dynamics_cases.ts';
export { loadRobot, PANDA_URDF, type RobotOptions } from './load.ts';
export * from './robot.ts';
export { loadUrdf, readUrdf, robotFromUrdf, type UrdfOptions, type UrdfRobot } from './urdf/load_urdf.ts';
