export * from './computed_torque.ts';
export type { Driver, RobotState } from './driver.ts';
export * from './gripper_controller.ts';
export * from './loop.ts';
export { ControlNode } from './node.ts';
export * from './trajectory_follower.ts';
export { TrajectorySampler } from './trajectory_sampler.ts';
