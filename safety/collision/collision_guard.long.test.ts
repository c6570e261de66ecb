import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { guardsOf, randomObstacle, scatter, TailOracle } from '../../test/support/tail_oracle.ts';
import { CollisionGuard } from './collision_guard.ts';

it('misses none of ten thousand tails', () => {
  const robot = loadRobot('panda');
  const rng = createRng(77, 'long');
  const joints = guardsOf(robot, 500);
  const margins = { self: 0.004, obstacle: 0.01 };
  const oracle = new TailOracle(robot, margins);
  const guard = new CollisionGuard(robot, joints, {
    hz: 500,
    self_margin_m: margins.self,
    obstacle_margin_m: margins.obstacle,
    keep_out: [],
  });
  let safe = 0;
  let unsafe = 0;
  let refused = 0;
  for (let i = 0; i < 10_000; i++) {
    scatter(rng, robot, joints, 500, [0.1, 0.3, 1][i % 3]);
    const q = joints.map((joint) => joint.p);
    const obstacles = Array.from({ length: 20 }, (_, k) => randomObstacle(rng, `${k}`, (i % 4) * 0.25));
    guard.setObstacles(obstacles, 0);
    guard.time_s = rng.range(0, 0.05);
    oracle.setObstacles(obstacles);
    if (oracle.clearance(q, guard.time_s) < 0) continue;
    const clearance = oracle.tailClearance(joints, guard.time_s, 500);
    const allowed = guard.allows();
    if (clearance < -1e-9) {
      unsafe++;
      expect(allowed, `tail ${i}: ${oracle.worst}`).toBe(false);
    } else {
      safe++;
      if (!allowed) refused++;
    }
  }
  expect(safe).toBeGreaterThan(500);
  expect(unsafe).toBeGreaterThan(200);
  expect(refused / safe, `${refused} of ${safe} safe tails`).toBeLessThan(0.01);
});
