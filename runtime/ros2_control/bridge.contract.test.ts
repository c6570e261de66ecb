import { describe } from 'vitest';
import { driverContract } from '../../test/support/driver_contract.ts';

describe('the driver of a joint_trajectory_controller', () => {
  driverContract('ros2_control', { path_rad: 0.01, acceleration: 1.3, delay_s: 0.04 });
});

describe('the driver of a forward controller', () => {
  driverContract('ros2_control forward', { path_rad: 0.06, acceleration: 2.01, delay_s: 0.004 });
});
