import { describe, expect, it } from 'vitest';
import { CollisionWorld, createProximity } from '../../collision/index.ts';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { type Approach, approachPlate, createServoCell, plate, toolPoint } from '../../test/support/servo_cell.ts';
import { DEFAULT_SLOWDOWN_OPTIONS } from './collision_slowdown.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const { obstacle_stop_m, self_stop_m, soft_m } = DEFAULT_SLOWDOWN_OPTIONS;
const MEASURED = 1e-6;

function judgeApproach(seed: number, approach: Approach): void {
  expect(approach.least_m, `seed ${seed}`).toBeGreaterThanOrEqual(obstacle_stop_m - MEASURED);
  if (!approach.arrived) return;
  expect(approach.reason, `seed ${seed}`).toMatch(/is 1\d\.\d mm from plate/);
  expect(approach.leaving_share, `seed ${seed}: slowed while leaving`).toBe(1);
  if (approach.leaving_m_s !== null) expect(approach.leaving_m_s, `seed ${seed}`).toBeCloseTo(approach.speed_m_s, 1);
}

describe('slowing down before contact', () => {
  it('never touches a plate approached from any side at any speed, and leaves it at full speed', () => {
    let arrived = 0;
    let tried = 0;
    for (let seed = 0; tried < 6; seed++) {
      const approach = approachPlate(seed, 0.5, 8);
      if (approach === null) continue;
      tried++;
      judgeApproach(seed, approach);
      if (approach.arrived) arrived++;
    }
    expect(arrived, 'approaches that ended at the plate').toBeGreaterThan(2);
  });

  it('comes to rest where it was told to, straight ahead, and holds there', () => {
    for (const hz of [500, 1000]) {
      const { servo, rig, distances } = createServoCell(
        [plate(toolPoint(PANDA.home_q), [1, 0, 0], 0.2, 1.5)],
        undefined,
        hz,
      );
      rig.run(3 * hz, () => servo.setTwist([0.4, 0, 0, 0, 0, 0]));
      expect(distances().obstacle).toBeGreaterThan(obstacle_stop_m);
      expect(distances().obstacle).toBeLessThan(obstacle_stop_m + 1.2 * soft_m);
      expect(rig.worst_acceleration).toBeLessThanOrEqual(1 + 1e-7);
      expect(rig.worst_jerk).toBeLessThanOrEqual(1 + 1e-4);
    }
  });

  it('keeps links from each other under random joint velocities and poses', () => {
    let near = 0;
    for (let seed = 0; seed < 5; seed++) {
      const rng = createRng(seed, 'servo self');
      const { servo, rig, distances } = createServoCell([]);
      const first = distances().self;
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 12; k++) {
        const velocity = Float64Array.from({ length: N }, () => rng.range(-1.5, 1.5));
        rig.run(60, (cycle) => {
          servo.setJointVelocity(velocity);
          if (cycle % 5 === 0) least = Math.min(least, distances().self);
        });
      }
      expect(least, `seed ${seed}`).toBeGreaterThanOrEqual(Math.min(first, self_stop_m) - MEASURED);
      if (least < self_stop_m + 2 * soft_m) near++;
    }
    expect(near, 'runs in which links came near').toBeGreaterThan(1);
  });

  it('out of a place too near it leaves at full speed and goes no nearer', () => {
    const { servo, rig, distances } = createServoCell([plate(toolPoint(PANDA.home_q), [0, 0, -1], 0.015, 0.3)]);
    const start = distances().obstacle;
    expect(start).toBeLessThan(obstacle_stop_m);
    rig.run(100, () => servo.setTwist([0, 0, -0.1, 0, 0, 0]));
    expect(distances().obstacle).toBeGreaterThanOrEqual(start - MEASURED);
    expect(servo.status.reason).toBe('collision');
    rig.run(100, () => servo.setTwist([0, 0, 0.1, 0, 0, 0]));
    expect(servo.status.state).toBe('following');
    expect(distances().obstacle).toBeGreaterThan(start + 0.01);
  });

  it('sees obstacles that come while it moves, and the fingers as they are', () => {
    const { servo, rig, world } = createServoCell([]);
    rig.run(200, () => servo.setTwist([0.2, 0, 0, 0, 0, 0]));
    expect(servo.status.state).toBe('following');
    world.setObstacles([plate(toolPoint(rig.q), [1, 0, 0], 0.12, 1)]);
    rig.run(800, () => servo.setTwist([0.2, 0, 0, 0, 0, 0]));
    expect(servo.status.reason).toBe('collision');
    const table = world.proximityTable();
    world.distances(rig.q, 0, 0.1, table);
    expect(Math.min(...table.distance_m.slice(0, table.links))).toBeGreaterThanOrEqual(obstacle_stop_m - MEASURED);
    const finger = PANDA.gripper?.coordinate ?? -1;
    const before = world.revision;
    rig.state.position[finger] = 0.01;
    rig.run(2, () => servo.setTwist([-0.2, 0, 0, 0, 0, 0]));
    expect(world.revision).toBe(before + 1);
  });

  it('counts a held object', () => {
    const obstacle = plate(toolPoint(PANDA.home_q), [0, 0, -1], 0.12, 0.4);
    const { servo, rig, world } = createServoCell([obstacle]);
    const judge = new CollisionWorld(PANDA);
    judge.setObstacles([obstacle]);
    for (const each of [world, judge]) {
      each.attach({ type: 'sphere', radius: 0.05 }, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0));
    }
    rig.run(1000, () => servo.setTwist([0, 0, -0.2, 0, 0, 0]));
    const proximity = createProximity(N);
    judge.nearest(rig.q, 0, 0.1, proximity);
    expect(servo.status.describe()).toContain('held object');
    const held = judge.proximityTable();
    judge.distances(rig.q, 0, 0.1, held);
    const least = Math.min(...held.distance_m.slice(0, held.links));
    expect(least).toBeGreaterThanOrEqual(obstacle_stop_m - MEASURED);
    expect(least).toBeLessThan(obstacle_stop_m + 2 * soft_m);
  });

  it('allocates nothing, near contact or far', () => {
    const { servo, rig } = createServoCell([plate(toolPoint(PANDA.home_q), [1, 0, 0], 0.15, 1)]);
    const twist = [0.1, 0.05, 0, 0, 0, 0];
    rig.run(300, () => servo.setTwist(twist));
    let cycle = 0;
    const growth = heapGrowthPerCall(
      () => {
        if (cycle++ % 200 === 0) twist[1] = -twist[1];
        servo.setTwist(twist);
        rig.request.kind = 'none';
        servo.update(0, rig.state, rig.gate, rig.request);
        rig.gate.lastCommand.position.set(rig.request.values);
        rig.state.position.set(rig.request.values);
      },
      2000,
      BOXED_NUMBER,
    );
    expect(growth).toBeLessThan(BOXED_NUMBER + 1);
  });
});
