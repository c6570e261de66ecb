import { describe } from 'vitest';
import { driverContract } from '../../test/support/driver_contract.ts';

describe('the driver of a joint_trajectory_controller over a bus that delays', () => {
  driverContract(
    'ros2_control',
    { path_rad: 0.01, acceleration: 1.3, delay_s: 0.06 },
    { delay_s: 0.06, jitter_s: 0.02, seed: 4 },
  );
});
