export * from './computed_torque.ts';
export type { Driver, RobotState } from './driver.ts';
