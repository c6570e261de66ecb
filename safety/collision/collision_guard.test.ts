import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { guardsOf, randomObstacle, TailOracle } from '../../test/support/tail_oracle.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { Obstacle } from '../obstacle.ts';
import { CollisionGuard } from './collision_guard.ts';

const HZ = 500;
const PANDA = loadRobot('panda');
const MARGINS = { self: 0.004, obstacle: 0.01 };

/** Joints at a random state near home, with the stop from it. */
function scatter(rng: Rng, robot: Robot, joints: readonly JointGuard[], speed: number, spread = 0.7): void {
  joints.forEach((joint, k) => {
    const { bounds } = joint;
    const home = robot.home_q[k] + rng.range(-spread, spread);
    joint.next_p = Math.min(Math.max(home, bounds.position_lower), bounds.position_upper);
    joint.next_v = speed * bounds.velocity * rng.range(-1, 1);
    joint.next_a = speed * bounds.acceleration * rng.range(-1, 1);
    joint.p = joint.next_p - joint.next_v / HZ;
    joint.tail.velocity = joint.next_v;
    joint.tail.acceleration = joint.next_a;
    joint.tail.solve();
  });
}

function guardOf(robot: Robot, joints: readonly JointGuard[]): CollisionGuard {
  const options = { hz: HZ, self_margin_m: MARGINS.self, obstacle_margin_m: MARGINS.obstacle, keep_out: [] };
  return new CollisionGuard(robot, joints, options);
}

/** Obstacles that are clear of the arm at its committed positions. */
function clearObstacles(
  rng: Rng,
  oracle: TailOracle,
  joints: readonly JointGuard[],
  count: number,
  speed: number,
  t_s: number,
): Obstacle[] {
  const list: Obstacle[] = [];
  const q = joints.map((joint) => joint.p);
  while (list.length < count) {
    const obstacle = randomObstacle(rng, `obstacle_${list.length}`, speed);
    oracle.setObstacles([obstacle], t_s);
    if (oracle.clearance(q, t_s) > 0) list.push(obstacle);
  }
  return list;
}

/** Compares the guard with the oracle over random tails; returns how many safe ones were refused. */
function compare(robot: Robot, tails: number, joint_speed: number, obstacle_speed: number, seed: number): number {
  const rng = createRng(seed, `${robot.name} ${joint_speed} ${obstacle_speed}`);
  const joints = guardsOf(robot, HZ);
  const oracle = new TailOracle(robot, MARGINS);
  const guard = guardOf(robot, joints);
  let safe = 0;
  let unsafe = 0;
  let refused_safe = 0;
  for (let i = 0; i < tails; i++) {
    do scatter(rng, robot, joints, joint_speed);
    while (guardAlone(oracle, joints) < 0);
    const t_s = rng.range(0, 5);
    const obstacles = clearObstacles(rng, oracle, joints, 20, obstacle_speed, t_s);
    const set_s = t_s - rng.range(0, 0.1);
    const moved = obstacles.map((obstacle) => back(obstacle, t_s - set_s));
    guard.setObstacles(moved, set_s);
    oracle.setObstacles(moved, set_s);
    guard.time_s = t_s;
    const clearance = oracle.tailClearance(joints, t_s, HZ);
    const allowed = guard.allows();
    if (clearance < -1e-9) {
      unsafe++;
      expect(allowed, `tail ${i} of seed ${seed}: ${oracle.worst}`).toBe(false);
    } else {
      safe++;
      if (!allowed) refused_safe++;
    }
  }
  expect(safe).toBeGreaterThan(tails / 20);
  expect(unsafe).toBeGreaterThan(tails / 20);
  return refused_safe;
}

function guardAlone(oracle: TailOracle, joints: readonly JointGuard[]): number {
  oracle.setObstacles([]);
  return oracle.clearance(
    joints.map((joint) => joint.p),
    0,
  );
}

/** Where an obstacle was `seconds` ago. */
function back(obstacle: Obstacle, seconds: number): Obstacle {
  const { pose, velocity_m_per_s: v } = obstacle;
  const [x, y, z] = pose.position;
  return {
    ...obstacle,
    pose: { ...pose, position: [x - seconds * v[0], y - seconds * v[1], z - seconds * v[2]] },
  };
}

describe('collision guard', () => {
  it('misses no tail that a check of every pose refuses, and refuses few that it allows', () => {
    expect(compare(PANDA, 250, 1, 0, 1)).toBeLessThan(5);
    expect(compare(PANDA, 250, 1, 0.5, 2)).toBeLessThan(5);
    expect(compare(PANDA, 250, 0.3, 1, 3)).toBeLessThan(5);
  });
});
