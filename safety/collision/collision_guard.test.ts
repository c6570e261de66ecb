import { describe, expect, it } from 'vitest';
import { CollisionWorld } from '../../collision/index.ts';
import { createRng, type Rng } from '../../contracts/index.ts';
import { IkSolver, TABLE_WORKCELL, toolDown } from '../../planning/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../../test/support/heap.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { sweep } from '../../test/support/sweep.ts';
import { guardsOf, randomObstacle, scatter, TailOracle } from '../../test/support/tail_oracle.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { Obstacle } from '../obstacle.ts';
import { COLLISION, CollisionGuard } from './collision_guard.ts';

const HZ = 500;
const PANDA = loadRobot('panda');
const MARGINS = { self: 0.004, obstacle: 0.01 };
const STILL = [0, 0, 0] as const;

function guardOf(robot: Robot, joints: readonly JointGuard[]): CollisionGuard {
  const options = { hz: HZ, self_margin_m: MARGINS.self, obstacle_margin_m: MARGINS.obstacle, keep_out: [] };
  return new CollisionGuard(robot, joints, options);
}

function restAt(joints: readonly JointGuard[], q: ArrayLike<number>): void {
  joints.forEach((joint, k) => {
    joint.reset(q[k]);
  });
}

function sphere(id: string, position: readonly [number, number, number], radius: number): Obstacle {
  return {
    id,
    shape: { type: 'sphere', radius },
    pose: { position, orientation: [0, 0, 0, 1] },
    velocity_m_per_s: STILL,
  };
}

/** Obstacles that are clear of the arm at its committed positions. */
function clearObstacles(rng: Rng, oracle: TailOracle, q: ArrayLike<number>, count: number, speed: number): Obstacle[] {
  const list: Obstacle[] = [];
  while (list.length < count) {
    const obstacle = randomObstacle(rng, `obstacle_${list.length}`, speed);
    oracle.setObstacles([obstacle]);
    if (oracle.clearance(q, 0) > 0) list.push(obstacle);
  }
  return list;
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

interface Tally {
  safe: number;
  unsafe: number;
  /** Safe ones that were refused. */
  refused: number;
}

/** Compares the guard with the oracle over random tails among random obstacles. */
function compare(robot: Robot, tails: number, joint_speed: number, obstacle_speed: number, seed: number): Tally {
  const rng = createRng(seed, `${robot.name} ${joint_speed} ${obstacle_speed}`);
  const joints = guardsOf(robot, HZ);
  const oracle = new TailOracle(robot, MARGINS);
  const guard = guardOf(robot, joints);
  const tally = { safe: 0, unsafe: 0, refused: 0 };
  for (let i = 0; i < tails; i++) {
    oracle.setObstacles([]);
    let q: number[] = [];
    do {
      scatter(rng, robot, joints, HZ, joint_speed);
      q = joints.map((joint) => joint.p);
    } while (oracle.clearance(q, 0) < 0);
    const set_s = rng.range(0, 5);
    guard.time_s = set_s + rng.range(0, 0.1);
    const elapsed = guard.time_s - set_s;
    const obstacles = clearObstacles(rng, oracle, q, 20, obstacle_speed).map((obstacle) => back(obstacle, elapsed));
    guard.setObstacles(obstacles, set_s);
    oracle.setObstacles(obstacles, set_s);
    const clearance = oracle.tailClearance(joints, guard.time_s, HZ);
    const allowed = guard.allows();
    const label = `${robot.name}, tail ${i} of seed ${seed}: ${oracle.worst}, guard: ${guard.describe()}`;
    if (clearance < -1e-9) {
      tally.unsafe++;
      expect(allowed, label).toBe(false);
    } else {
      tally.safe++;
      if (!allowed) tally.refused++;
    }
  }
  return tally;
}

describe('collision guard', () => {
  it('misses no tail that a check of every pose refuses, and refuses hardly any other', () => {
    let tried = 0;
    const tails = sweep(30, 60);
    for (const [joint_speed, obstacle_speed] of [
      [1, 0],
      [1, 0.5],
      [0.15, 1],
    ] as const) {
      const { safe, unsafe, refused } = compare(PANDA, tails, joint_speed, obstacle_speed, 1);
      tried += unsafe;
      expect(safe).toBeGreaterThan(tails / 3);
      expect(refused / safe).toBeLessThan(0.02);
    }
    expect(tried).toBeGreaterThan(tails / 4);
  });

  it('does so among obstacles that are faster than the arm', () => {
    const { safe, unsafe, refused } = compare(PANDA, sweep(30, 60), 0.3, 6, 2);
    expect(unsafe).toBeGreaterThan(sweep(5, 10));
    expect(refused / safe).toBeLessThan(0.05);
  });

  it('does so on random trees of sliding, turning and mimicking joints', () => {
    const sum = { safe: 0, unsafe: 0, refused: 0 };
    const arms = sweep(4, 12);
    for (let seed = 0; seed < arms; seed++) {
      const tally = compare(randomSolidArm(createRng(seed, 'arm'), 4), 25, 1, 0.3, seed);
      sum.safe += tally.safe;
      sum.unsafe += tally.unsafe;
      sum.refused += tally.refused;
    }
    expect(sum.safe).toBeGreaterThan(8 * arms);
    expect(sum.unsafe).toBeGreaterThan(sweep(4, 20));
    expect(sum.refused / sum.safe).toBeLessThan(0.02);
  });

  it('knows at every cycle that the stop verified one cycle ago is still safe', () => {
    const rng = createRng(6, 'remainder');
    const joints = guardsOf(PANDA, HZ);
    const oracle = new TailOracle(PANDA, MARGINS);
    const guard = guardOf(PANDA, joints);
    let stops = 0;
    while (stops < sweep(15, 40)) {
      scatter(rng, PANDA, joints, HZ, 1, 0.4);
      for (const joint of joints) joint.commit();
      guard.time_s = 0;
      const q = joints.map((joint) => joint.p);
      guard.setObstacles(clearObstacles(rng, oracle, q, 20, 0.5), 0);
      for (const joint of joints) joint.proposeStop();
      if (!guard.allows()) continue;
      stops++;
      for (let cycle = 1; joints.some((joint) => !joint.atRest); cycle++) {
        for (const joint of joints) joint.commit();
        for (const joint of joints) joint.proposeStop();
        guard.time_s = cycle / HZ;
        const near = guard.clearanceOf(joints.map((joint) => joint.next_p));
        // Where a margin is just kept, rounding may decide otherwise.
        if (near > 1e-9) expect(guard.allows(), `stop ${stops}, cycle ${cycle}: ${guard.describe()}`).toBe(true);
      }
    }
  });

  it('lets the arm leave what it is too near to, and come no nearer', () => {
    const joints = guardsOf(PANDA, HZ);
    const guard = guardOf(PANDA, joints);
    restAt(joints, PANDA.home_q);
    const oracle = new TailOracle(PANDA, MARGINS);
    // Beside the hand, which turning the first joint moves along y.
    const blocking = [sphere('hand_side', [0.4, 0.17, 0.55], 0.08)];
    guard.setObstacles(blocking, 0);
    oracle.setObstacles(blocking);
    expect(oracle.clearance(PANDA.home_q, 0)).toBeLessThan(-0.001);
    const before = guard.clearanceOf(PANDA.home_q);
    for (const joint of joints) joint.proposeStop();
    expect(guard.allows()).toBe(true);
    joints[0].proposeTowardsVelocity(Float64Array.of(0.3), 0);
    expect(guard.allows()).toBe(false);
    expect(guard.reason).toBe(COLLISION.obstacle);
    expect(guard.describe()).toMatch(/^panda_\w+ and hand_side, clearance -0\.\d+ m$/);
    for (let cycle = 0; cycle < 400; cycle++) {
      joints[0].proposeTowardsVelocity(Float64Array.of(-0.3), 0);
      expect(guard.allows(), `cycle ${cycle}`).toBe(true);
      expect(guard.reason).toBe(COLLISION.none);
      for (const joint of joints) joint.commit();
    }
    expect(before).toBeLessThan(0);
    expect(guard.clearanceOf(joints.map((joint) => joint.p))).toBeGreaterThan(0);
  });

  it('refuses motion of the arm into itself', () => {
    const joints = guardsOf(PANDA, HZ);
    const guard = guardOf(PANDA, joints);
    restAt(joints, PANDA.home_q);
    // The hand sinks to the base.
    const target = [0, 1, 0, -1, 0, 0.6, 0].map((value) => Float64Array.of(value));
    let refused = false;
    for (let cycle = 0; cycle < 2000; cycle++) {
      joints.forEach((joint, k) => {
        joint.proposeTowardsVelocity(target[k], 0);
      });
      if (!guard.allows()) {
        refused = true;
        expect(guard.reason).toBe(COLLISION.self);
        for (const joint of joints) joint.proposeStop();
      }
      for (const joint of joints) joint.commit();
      expect(guard.clearanceOf(joints.map((joint) => joint.p))).toBeGreaterThanOrEqual(-1e-9);
    }
    expect(refused).toBe(true);
  });

  it('stays out of keep-out volumes whatever else is set, and is told how near they are', () => {
    const joints = guardsOf(PANDA, HZ);
    restAt(joints, PANDA.home_q);
    const table = {
      id: 'table',
      shape: { type: 'box', size: [1.4, 1.4, 0.1] },
      pose: { position: [0.5, 0, -0.05], orientation: [0, 0, 0, 1] },
    } as const;
    const options = { hz: HZ, self_margin_m: 0, obstacle_margin_m: 0.005, keep_out: [table] };
    const guard = new CollisionGuard(PANDA, joints, options);
    guard.setObstacles([sphere('ball', [0.5, 0.6, 0.5], 0.05)], 0);
    guard.setObstacles([], 0);
    expect(guard.clearanceOf(PANDA.home_q)).toBeGreaterThan(0.005);
    const low = PANDA.home_q.slice();
    low[1] += 1.6;
    expect(guard.clearanceOf(low)).toBeLessThan(0);
    restAt(joints, PANDA.home_q);
    let cycle = 0;
    for (; cycle < 3000; cycle++) {
      joints[1].proposeTowardsVelocity(Float64Array.of(1), 0);
      if (!guard.allows()) break;
      for (const joint of joints) joint.commit();
    }
    expect(cycle).toBeLessThan(2999);
    expect(guard.describe()).toMatch(/ and table, clearance/);
  });

  it('allows every grasp from above that the exact shapes allow, 2 cm over the table and higher', () => {
    const joints = guardsOf(PANDA, HZ);
    const keep_out = TABLE_WORKCELL.obstacles.flatMap(({ name, shape, pose }) =>
      shape.type === 'mesh' || shape.type === 'elements' ? [] : [{ id: name, shape, pose }],
    );
    const options = { hz: HZ, self_margin_m: 0.005, obstacle_margin_m: 0.005, keep_out };
    const guard = new CollisionGuard(PANDA, joints, options);
    const world = new CollisionWorld(PANDA);
    world.setObstacles(TABLE_WORKCELL.obstacles);
    const ik = new IkSolver(PANDA);
    const rng = createRng(4, 'grasps');
    let grasps = 0;
    for (let i = 0; i < sweep(120, 300); i++) {
      const height = i % 2 === 0 ? 0.02 : rng.range(0.02, 0.4);
      const yaw = rng.range(-Math.PI / 2, Math.PI / 2);
      const target = toolDown(yaw, rng.range(0.35, 0.7), rng.range(-0.4, 0.4), height);
      const solution = ik.solve(target, PANDA.home_q.subarray(0, 7), rng);
      if (!solution.ok || world.collides(solution.q)) continue;
      grasps++;
      restAt(joints, solution.q);
      expect(guard.allows(), `grasp ${i} at ${height} m: ${guard.describe()}`).toBe(true);
      expect(guard.clearanceOf(solution.q)).toBeGreaterThan(0);
    }
    expect(grasps).toBeGreaterThan(sweep(100, 250));
  });

  it('allocates nothing in a cycle', () => {
    const joints = guardsOf(PANDA, HZ);
    const guard = guardOf(PANDA, joints);
    restAt(joints, PANDA.home_q);
    const rng = createRng(12, 'heap');
    const oracle = new TailOracle(PANDA, MARGINS);
    guard.setObstacles(clearObstacles(rng, oracle, PANDA.home_q, 20, 0), 0);
    const targets = Array.from({ length: 64 }, () =>
      Float64Array.from(joints, ({ bounds }) => rng.range(-1, 1) * bounds.velocity),
    );
    let k = 0;
    const run = (calls: number): void => {
      for (let i = 0; i < calls; i++, k++) {
        const target = targets[(k >> 7) & 63];
        for (let j = 0; j < joints.length; j++) joints[j].proposeTowardsVelocity(target, j);
        if (!guard.allows()) for (let j = 0; j < joints.length; j++) joints[j].proposeStop();
        for (let j = 0; j < joints.length; j++) joints[j].commit();
      }
    };
    run(20_000);
    const bytes = bytesPerCall(5000, run);
    expect(bytes).toBeLessThanOrEqual(BOXED_NUMBER);
  });

  it('refuses what it cannot be built or told with', () => {
    const joints = guardsOf(PANDA, HZ);
    expect(() => guardOf(PANDA, joints.slice(1))).toThrow(/6 guarded joints.*panda has 7/);
    const options = { hz: HZ, self_margin_m: Number.NaN, obstacle_margin_m: 0, keep_out: [] };
    expect(() => new CollisionGuard(PANDA, joints, options)).toThrow(/collision margin NaN m/);
    expect(() => guardOf(PANDA, joints).setObstacles([], Number.NEGATIVE_INFINITY)).toThrow(/time -Infinity/);
  });
});
