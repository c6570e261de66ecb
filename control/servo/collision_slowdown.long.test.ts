import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { approachPlate, createServoCell, post } from '../../test/support/servo_cell.ts';
import { DEFAULT_SLOWDOWN_OPTIONS } from './collision_slowdown.ts';

const APPROACHES = 150;
const { obstacle_stop_m, self_stop_m } = DEFAULT_SLOWDOWN_OPTIONS;
const MEASURED = 1e-6;

describe('servo and contact', () => {
  it('never touches a plate in many approaches, judged in every other cycle, and leaves at full speed', () => {
    let arrived = 0;
    let tried = 0;
    for (let seed = 1000; tried < APPROACHES; seed++) {
      const approach = approachPlate(seed, 1, 2);
      if (approach === null) continue;
      tried++;
      expect(approach.least_m, `seed ${seed}`).toBeGreaterThanOrEqual(obstacle_stop_m - MEASURED);
      expect(approach.leaving_share, `seed ${seed}: slowed while leaving`).toBe(1);
      if (approach.arrived) arrived++;
    }
    expect(arrived, 'approaches that ended at the plate').toBeGreaterThan(APPROACHES / 2);
  }, 600_000);

  it.each([500, 1000])(
    'two minutes of random commands among posts, at %i Hz: no touch, and every limit kept',
    (hz) => {
      const posts = [0, 1, 2, 3, 4, 5].map((k) => post(k, [0.4 + 0.12 * (k % 3), k < 3 ? 0.25 : -0.25, 0.2]));
      const { servo, rig, distances } = createServoCell(posts, undefined, hz);
      const rng = createRng(hz, 'servo among posts');
      const first = distances().self;
      let slowed = 0;
      let least = { obstacle: Number.POSITIVE_INFINITY, self: Number.POSITIVE_INFINITY };
      for (let k = 0; k < 240; k++) {
        const twist = Array.from({ length: 6 }, (_, d) => rng.range(-1, 1) * (d < 3 ? 0.6 : 1.5));
        const velocity = Array.from({ length: 7 }, () => rng.range(-1, 1));
        rig.run(hz / 2, (cycle) => {
          if (k % 4 === 3) servo.setJointVelocity(velocity);
          else servo.setTwist(twist);
          if (servo.status.reason === 'collision') slowed++;
          if (cycle % 10 !== 0) return;
          const now = distances();
          least = { obstacle: Math.min(least.obstacle, now.obstacle), self: Math.min(least.self, now.self) };
        });
        expect(least.obstacle, `command ${k}`).toBeGreaterThanOrEqual(obstacle_stop_m - MEASURED);
        expect(least.self, `command ${k}`).toBeGreaterThanOrEqual(Math.min(first, self_stop_m) - MEASURED);
      }
      expect(slowed).toBeGreaterThan(hz);
      expect(rig.worst_velocity).toBeLessThanOrEqual(1 + 1e-8);
      expect(rig.worst_acceleration).toBeLessThanOrEqual(1 + 1e-7);
      expect(rig.worst_jerk).toBeLessThanOrEqual(1 + 1e-4);
      expect(rig.worst_position).toBeLessThanOrEqual(1e-12);
    },
    600_000,
  );
});
