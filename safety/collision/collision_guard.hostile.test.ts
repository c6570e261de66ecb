import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { CollisionRun } from '../../test/support/collision_run.ts';
import { sweep } from '../../test/support/sweep.ts';

const HZ = 500;
const WALKS = sweep(2, 8);
const PANDA = loadRobot('panda');

/** Wanders for `cycles`; after each the oracle looks. Returns how near anything came and how far the arm got. */
function wander(
  seed: number,
  cycles: number,
  obstacle_speed: number,
): { least: number; travel: number; refused: number } {
  const rng = createRng(seed, 'wander');
  const margins = { self_margin_m: 0.004, obstacle_margin_m: 0.01 };
  const run = new CollisionRun(PANDA, rng, { hz: HZ, ...margins, obstacles: 20, obstacle_speed });
  const velocity = new Float64Array(7);
  let least = Number.POSITIVE_INFINITY;
  let travel = 0;
  let next = 0;
  for (let k = 0; k < cycles; k++) {
    if (k === next) {
      next += 20 + rng.int(300);
      const speed = rng.uniform() < 0.3 ? 0.15 : 1;
      for (let i = 0; i < 7; i++) velocity[i] = speed * rng.range(-1.2, 1.2) * run.joints[i].bounds.velocity;
    }
    const before = run.q[0];
    run.step(velocity);
    travel += Math.abs(run.q[0] - before);
    const clearance = run.oracle.clearance(run.q, run.guard.time_s);
    if (clearance < -1e-9 && least >= -1e-9) {
      expect(clearance, `seed ${seed}, cycle ${k}: ${run.oracle.worst}`).toBeGreaterThanOrEqual(-1e-9);
    }
    least = Math.min(least, clearance);
  }
  return { least, travel, refused: run.refused };
}

describe('an arm driven at random among obstacles', () => {
  it('never comes nearer to one, or to itself, than the margin at any cycle', () => {
    let travel = 0;
    let nearest = Number.POSITIVE_INFINITY;
    for (let seed = 1; seed <= WALKS; seed++) {
      const run = wander(seed, 4000, 0);
      travel += run.travel;
      nearest = Math.min(nearest, run.least);
      expect(run.refused).toBeGreaterThan(50);
    }
    expect(travel).toBeGreaterThan(WALKS);
    // It does come as near as it may.
    expect(nearest).toBeLessThan(0.003);
  });
});
