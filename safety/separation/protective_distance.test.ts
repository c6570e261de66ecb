import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { protectiveDistance } from './protective_distance.ts';

const LIMITS = {
  ...{ body_speed_m_per_s: 1.6, track_delay_s: 0.1, track_period_s: 0.05, contact_speed_m_per_s: 0 },
  ...{ body_error_m: 0.05, robot_error_m: 0.02, intrusion_m: 0.12 },
};

describe('the protective separation distance', () => {
  it('is the sum of its six terms, as ISO/TS 15066 equation 1 has them', () => {
    const body = { reaction_s: 0.1, stop_s: 0.3, robot_speed_m_per_s: 1, position_error_m: 0.01 };
    const { total_m, ...terms } = protectiveDistance(LIMITS, body);
    expect(terms).toEqual({
      body_m: expect.closeTo(0.64, 12),
      reaction_m: expect.closeTo(0.1, 12),
      braking_m: expect.closeTo(0.15, 12),
      intrusion_m: 0.12,
      body_error_m: expect.closeTo(0.06, 12),
      robot_error_m: 0.02,
    });
    expect(total_m).toBeCloseTo(1.09, 12);
  });

  it('is what two that approach each other need, played through in small steps', () => {
    const rng = createRng(3, 'approach');
    for (let i = 0; i < 200; i++) {
      const reaction_s = rng.range(0, 0.3);
      const speed = rng.range(0, 3);
      const deceleration = rng.range(2, 20);
      const stop_s = speed / deceleration;
      const limits = { ...LIMITS, body_error_m: 0, robot_error_m: 0, intrusion_m: 0 };
      const body = { reaction_s, stop_s, robot_speed_m_per_s: speed, position_error_m: 0 };
      let apart = protectiveDistance(limits, body).total_m;
      const steps = 4000;
      const dt = (reaction_s + stop_s) / steps;
      for (let k = 0; k < steps; k++) {
        const t = (k + 0.5) * dt;
        const v = t < reaction_s ? speed : speed - deceleration * (t - reaction_s);
        apart -= (Math.max(0, v) + 1.6) * dt;
      }
      expect(Math.abs(apart), JSON.stringify(body)).toBeLessThan(1e-3);
    }
  });
});
