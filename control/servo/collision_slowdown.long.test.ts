import { expect, it } from 'vitest';
import { approachPlate } from '../../test/support/servo_cell.ts';
import { DEFAULT_SLOWDOWN_OPTIONS } from './collision_slowdown.ts';

const APPROACHES = 150;

it('never touches a plate in many approaches, judged in every other cycle, and leaves at full speed', () => {
  let arrived = 0;
  let tried = 0;
  for (let seed = 1000; tried < APPROACHES; seed++) {
    const approach = approachPlate(seed, 1, 2);
    if (approach === null) continue;
    tried++;
    expect(approach.least_m, `seed ${seed}`).toBeGreaterThanOrEqual(DEFAULT_SLOWDOWN_OPTIONS.obstacle_stop_m - 1e-6);
    expect(approach.leaving_share, `seed ${seed}: slowed while leaving`).toBe(1);
    if (approach.arrived) arrived++;
  }
  expect(arrived, 'approaches that ended at the plate').toBeGreaterThan(APPROACHES / 2);
});
