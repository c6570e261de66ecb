import { describe } from 'vitest';
import { driverContract } from '../test/support/driver_contract.ts';

describe('the driver of a simulated arm', () => {
  driverContract('sim', { path_rad: 0.01, acceleration: 1.51, delay_s: 0 });
});
