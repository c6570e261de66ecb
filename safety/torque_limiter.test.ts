import { describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { type HostileTorques, hostileTorques } from '../test/support/hostile_torques.ts';

const PANDA = loadRobot('panda');

describe('torques to a measured arm', () => {
  it.each<[string, HostileTorques]>([
    ['full torque, another way every cycle', { hold: 1, share: 1, bang_bang: true, mass_error: 0 }],
    ['full torque, held', { hold: 60, share: 1, bang_bang: true, mass_error: 0 }],
    ['any torque, held', { hold: 60, share: 1, bang_bang: false, mass_error: 0 }],
    ['little torque', { hold: 60, share: 0.3, bang_bang: true, mass_error: 0 }],
    ['full torque, held long', { hold: 400, share: 1, bang_bang: true, mass_error: 0 }],
    ['masses wrong by a fifth', { hold: 60, share: 1, bang_bang: true, mass_error: 0.2 }],
  ])('never bring it beyond its velocities or positions: %s', (_name, kind) => {
    for (const seed of [1, 2]) {
      const found = hostileTorques(PANDA, seed, 3000, kind);
      expect(found.velocity, `seed ${seed}: share of the velocity limits`).toBeLessThan(1.1);
      expect(found.beyond_rad, `seed ${seed}: beyond a position limit`).toBe(0);
      expect(found.limited, 'it is hostile').toBeGreaterThan(500);
    }
  });
});
