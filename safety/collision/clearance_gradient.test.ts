import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { guardsOf, randomObstacle } from '../../test/support/tail_oracle.ts';
import { ClearanceGradient } from './clearance_gradient.ts';
import { CollisionPairs } from './collision_pairs.ts';
import { TailPoses } from './tail_poses.ts';

const STEP_RAD = 1e-6;

/** Greatest relative difference from central differences over all pairs at one position, where both sides agree. */
function compare(robot: Robot, rng: Rng, seen: { smooth: number; kinks: number; rough: number }, label: string): void {
  const n = robot.arm_joints;
  const poses = new TailPoses(robot.model, guardsOf(robot, 500), 4);
  const pairs = new CollisionPairs(robot, 0.01, 0.02, []);
  pairs.setObstacles(
    Array.from({ length: 4 }, (_, i) => randomObstacle(rng, `obstacle ${i}`, 0.3)),
    0,
  );
  const gradient = new ClearanceGradient(robot.model, pairs, poses);
  const { position_lower, position_upper } = robot.limits;
  const q = Float64Array.from({ length: n }, (_, i) => {
    const low = Math.max(-2.5, position_lower[i]);
    return rng.range(low, Math.max(low, Math.min(2.5, position_upper[i])));
  });
  const time = Float64Array.of(0.5);
  const clearanceAt = (pair: number, at: ArrayLike<number>): number => {
    gradient.look(pair, poses.atPositions(at), time);
    return gradient.record[6];
  };
  const found = new Float64Array(n);
  for (let pair = 0; pair < pairs.count; pair++) {
    if (!pairs.exists(pair)) continue;
    const here = clearanceAt(pair, q);
    if (!gradient.find(pair, 0, found)) continue;
    for (let i = 0; i < n; i++) {
      const moved = (step: number): number =>
        clearanceAt(
          pair,
          Float64Array.from(q, (x, k) => (k === i ? x + step : x)),
        );
      const ahead = (moved(STEP_RAD) - here) / STEP_RAD;
      const behind = (here - moved(-STEP_RAD)) / STEP_RAD;
      if (Math.abs(ahead - behind) > 1e-4) {
        seen.kinks++;
        continue;
      }
      seen.smooth++;
      const error = Math.abs(found[i] - 0.5 * (ahead + behind));
      // Near the rim of a cylinder distances are bounds, and so are their closest points.
      if (error > 2e-3) seen.rough++;
      if (!(error < 0.05)) expect.fail(`${label}, pair ${pairs.describe(pair)}, joint ${i}: ${found[i]}, ${ahead}`);
    }
  }
}

describe('gradient of clearance', () => {
  it('is what central differences say, for obstacles of every shape, for links and for their shapes', () => {
    const rng = createRng(41, 'gradient');
    const panda = loadRobot('panda');
    const seen = { smooth: 0, kinks: 0, rough: 0 };
    for (let trial = 0; trial < 15; trial++) {
      const robot = trial % 3 === 0 ? panda : randomSolidArm(rng, 3 + rng.int(5));
      compare(robot, rng, seen, `trial ${trial}`);
    }
    expect(seen.smooth).toBeGreaterThan(5000);
    expect(seen.rough).toBeLessThan(0.01 * seen.smooth);
    expect(seen.kinks).toBeLessThan(0.05 * seen.smooth);
  });
});
