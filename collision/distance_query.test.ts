import { beforeAll, describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { randomShape } from '../test/support/random_shape.ts';
import { sweep } from '../test/support/sweep.ts';
import { HELD } from './link_shapes.ts';
import { createProximity } from './proximity.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const robot = loadRobot('panda');
const n = robot.arm_joints;
const T_TOOL_HELD = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.05);
let world: CollisionWorld;

beforeAll(() => {
  world = new CollisionWorld(robot);
});

function randomObstacles(rng: Rng): Obstacle[] {
  return Array.from({ length: 1 + rng.int(6) }, (_, i) => {
    const shape = randomShape(rng, 0.03, 0.3);
    const yaw = rng.range(-3, 3);
    return {
      name: `body ${i}`,
      shape,
      padding_m: rng.int(2) === 0 ? 0 : 0.01,
      pose: {
        position: [rng.range(-0.8, 0.8), rng.range(-0.8, 0.8), rng.range(0, 1)],
        orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
      },
    };
  });
}

const randomJoints = (rng: Rng): Float64Array =>
  Float64Array.from({ length: n }, (_, j) => rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]));

describe('distances of a robot', () => {
  test('the nearest distance is the clearance where that is above zero, and not above it in contact', () => {
    const rng = createRng(21);
    const near = createProximity(n);
    let contacts = 0;
    for (let trial = 0; trial < sweep(100, 300); trial++) {
      world.setObstacles(randomObstacles(rng));
      world.setGripperWidth(rng.range(0, 0.08));
      if (trial % 3 === 0) world.attach({ type: 'box', size: [0.05, 0.1, 0.2] }, T_TOOL_HELD);
      else world.detach();
      const q = randomJoints(rng);
      const clearance = world.clearance(q);
      expect(world.nearest(q, 0, 10, near)).toBe(true);
      const place = `trial ${trial}: ${near.a}, ${near.b}, ${near.distance_m}`;
      expect(Math.abs(Math.max(0, near.distance_m) - clearance), place).toBeLessThan(1e-7);
      expect(world.collides(q), place).toBe(near.distance_m <= 0);
      if (near.distance_m < 0) contacts++;
    }
    world.detach();
    expect(contacts).toBeGreaterThan(sweep(16, 50));
    expect(contacts).toBeLessThan(250);
  });

  test('the gradient is the slope of the distance, apart and in contact', () => {
    const rng = createRng(22);
    const [near, ahead, behind] = [createProximity(n), createProximity(n), createProximity(n)];
    const step = 1e-5;
    let compared = 0;
    const trials = sweep(100, 250);
    for (let trial = 0; trial < trials; trial++) {
      world.setObstacles(randomObstacles(rng));
      if (trial % 3 === 0) world.attach({ type: 'cylinder', radius: 0.03, length: 0.2 }, T_TOOL_HELD);
      else world.detach();
      const q = randomJoints(rng);
      world.nearest(q, 0, 10, near);
      for (let j = 0; j < n; j++) {
        const there = q.slice();
        there[j] += step;
        const back = q.slice();
        back[j] -= step;
        world.nearest(there, 0, 10, ahead);
        world.nearest(back, 0, 10, behind);
        const right = (ahead.distance_m - near.distance_m) / step;
        const left = (near.distance_m - behind.distance_m) / step;
        const place = `trial ${trial}, joint ${j}: ${near.a}, ${near.b}, ${near.distance_m}`;
        // where another pair or feature takes over the distance has a kink, and the slope is one of the two or between
        const low = Math.min(left, right) - 3e-3;
        const high = Math.max(left, right) + 3e-3;
        expect(near.gradient[j], place).toBeGreaterThan(low);
        expect(near.gradient[j], place).toBeLessThan(high);
        if (high - low < 7e-3) compared++;
      }
    }
    world.detach();
    expect(compared).toBeGreaterThan(0.95 * trials * n);
  });

  test('the points are as far apart as it says, along the normal, and beyond the reach there is nothing', () => {
    const rng = createRng(23);
    const near = createProximity(n);
    for (let trial = 0; trial < sweep(80, 200); trial++) {
      world.setObstacles(randomObstacles(rng));
      const q = randomJoints(rng);
      world.nearest(q, 0, 10, near);
      for (let k = 0; k < 3; k++) {
        expect(near.point_a[k] - near.point_b[k], `trial ${trial}`).toBeCloseTo(near.distance_m * near.normal[k], 7);
      }
      const { distance_m } = near;
      expect(world.nearest(q, 0, distance_m - 1e-4, near), `trial ${trial}`).toBe(false);
      expect(near.distance_m).toBe(Infinity);
      expect(world.nearest(q, 0, distance_m + 1e-4, near), `trial ${trial}`).toBe(true);
      expect(near.distance_m).toBeCloseTo(distance_m, 9);
    }
  });

  test('what it was asked before does not change an answer', () => {
    const rng = createRng(24);
    const obstacles = randomObstacles(rng);
    world.setObstacles(obstacles);
    const near = createProximity(n);
    const fresh = createProximity(n);
    for (let trial = 0; trial < sweep(30, 60); trial++) {
      const q = randomJoints(rng);
      world.nearest(q, 0, 0.5, near);
      const other = new CollisionWorld(robot);
      other.setObstacles(obstacles);
      other.nearest(q, 0, 0.5, fresh);
      expect(near, `trial ${trial}`).toEqual(fresh);
    }
  });

  test('rows of the table hold every link and every pair; the least of them is the nearest', () => {
    const rng = createRng(25);
    const near = createProximity(n);
    const table = world.proximityTable();
    for (let trial = 0; trial < sweep(60, 150); trial++) {
      world.setObstacles(randomObstacles(rng));
      if (trial % 2 === 0) world.attach({ type: 'sphere', radius: 0.04 }, T_TOOL_HELD);
      else world.detach();
      const q = randomJoints(rng);
      const found = world.nearest(q, 0, 0.2, near);
      world.distances(q, 0, 0.2, table);
      const least = Math.min(...table.distance_m);
      expect(least, `trial ${trial}`).toBe(near.distance_m);
      if (!found) continue;
      const row = table.distance_m.indexOf(least);
      expect([table.a[row], table.b[row]]).toEqual([near.a, near.b]);
      expect(table.gradient.slice(n * row, n * row + n)).toEqual(near.gradient);
    }
    world.detach();
    expect(table.a).toContain(HELD);
  });

  test('rows that are not wanted stay as they are, the others are those of a whole table', () => {
    const rng = createRng(27);
    const whole = world.proximityTable();
    const part = world.proximityTable();
    world.setObstacles(randomObstacles(rng));
    let stayed = new Float64Array(part.rows).fill(Infinity);
    for (let trial = 0; trial < sweep(20, 40); trial++) {
      const q = randomJoints(rng);
      for (let row = 0; row < part.rows; row++) part.wanted[row] = rng.int(2);
      world.distances(q, 0, 0.2, whole);
      world.distances(q, 0, 0.2, part);
      for (let row = 0; row < part.rows; row++) {
        const expected = part.wanted[row] === 1 ? whole.distance_m[row] : stayed[row];
        expect(part.distance_m[row], `trial ${trial}, row ${row}`).toBe(expected);
      }
      stayed = part.distance_m.slice();
    }
    part.a.forEach((name, row) => {
      expect(part.other[row] === '').toBe(row < part.links);
      expect(part.other[row]).not.toBe(name);
    });
  });

  test('contacts allowed do not count, also those allowed before distances were first asked for', () => {
    const other = new CollisionWorld(robot);
    const near = createProximity(n);
    const ball: Obstacle = {
      name: 'ball',
      shape: { type: 'sphere', radius: 0.03 },
      pose: { position: [0.307, 0, 0.49], orientation: [0, 0, 0, 1] },
    };
    other.setGripperWidth(0.04);
    other.setObstacles([ball]);
    for (const link of ['panda_hand', 'panda_leftfinger', 'panda_rightfinger']) other.allow(link, 'ball');
    expect(other.nearest(robot.home_q, 0, 0.3, near)).toBe(true);
    expect(near.b).not.toBe('ball');
    other.allow('panda_hand', 'ball', false);
    other.nearest(robot.home_q, 0, 0.3, near);
    expect([near.a, near.b]).toEqual(['panda_hand', 'ball']);
    other.allow('panda_hand', 'ball');
    expect(other.nearest(robot.home_q, 0, 0.3, near)).toBe(true);
    expect(near.b).not.toBe('ball');
    expect(() => other.allow('panda_wing', 'ball')).toThrow('link panda_wing');
  });

  test('a position that is no number is as near as can be, and the next one is measured as ever', () => {
    const near = createProximity(n);
    const table = world.proximityTable();
    world.setObstacles([]);
    world.nearest(robot.home_q, 0, 1, near);
    const before = structuredClone(near);
    for (const wrong of [Number.NaN, Infinity]) {
      const q = robot.home_q.slice();
      q[3] = wrong;
      expect(world.nearest(q, 0, 1, near)).toBe(true);
      expect([near.distance_m, near.a, near.b]).toEqual([-Infinity, '', '']);
      world.distances(q, 0, 1, table);
      expect(Math.max(...table.distance_m)).toBe(-Infinity);
      expect(world.nearest(robot.home_q, 0, 1, near)).toBe(true);
      expect(near).toEqual(before);
    }
  });

  test('a link that may touch the held object does not count with it, until another is held', () => {
    const near = createProximity(n);
    const long = { type: 'box', size: [0.04, 0.04, 1.2] } as const;
    const bent = robot.home_q.slice();
    bent[3] = -2.9;
    const fresh = () => new CollisionWorld(robot);
    for (const asked_before of [false, true]) {
      const other = fresh();
      if (asked_before) other.nearest(bent, 0, 1, near);
      other.attach(long, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, -0.1));
      const touching: string[] = [];
      for (;;) {
        other.nearest(bent, 0, 1, near);
        expect(other.collides(bent)).toBe(near.distance_m <= 0);
        expect(other.clearance(bent)).toBeCloseTo(Math.max(0, near.distance_m), 6);
        if (near.distance_m > 0) break;
        const link = near.a === HELD ? near.b : near.a;
        expect([near.a, near.b]).toContain(HELD);
        expect(touching).not.toContain(link);
        touching.push(link);
        other.allow(link, HELD);
      }
      expect(touching.length).toBeGreaterThan(0);
      other.attach(long, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, -0.1));
      expect(other.collides(bent)).toBe(true);
      expect(other.nearest(bent, 0, 0, near)).toBe(true);
    }
  });

  test('among ten thousand obstacles the nearest is that of looking at each', () => {
    const rng = createRng(28);
    const many: Obstacle[] = Array.from({ length: 10_000 }, (_, i) => ({
      name: `${i}`,
      shape: i % 2 === 0 ? { type: 'sphere', radius: 0.004 } : { type: 'box', size: [0.006, 0.004, 0.008] },
      pose: {
        position: [rng.range(-1.5, 1.5), rng.range(-1.5, 1.5), rng.range(0, 1.5)],
        orientation: [0, 0, 0, 1],
      },
    }));
    world.setObstacles(many);
    const near = createProximity(n);
    for (let trial = 0; trial < 4; trial++) {
      const q = randomJoints(rng);
      world.nearest(q, 0, 1, near);
      expect(Math.max(0, near.distance_m), `trial ${trial}`).toBeCloseTo(world.clearance(q), 7);
    }
    world.setObstacles([]);
  });

  test('asking allocates nothing', () => {
    const rng = createRng(26);
    world.setObstacles(randomObstacles(rng));
    const Q = Float64Array.from({ length: n * 64 }, (_, i) =>
      rng.range(robot.limits.position_lower[i % n], robot.limits.position_upper[i % n]),
    );
    const near = createProximity(n);
    const table = world.proximityTable();
    const few = 80 * 24;
    const work = (): void => {
      for (let k = 0; k < 64; k++) world.nearest(Q, n * k, 0.3, near);
      for (let k = 0; k < 16; k++) world.distances(Q, n * k, 0.1, table);
    };
    expect(heapGrowthPerCall(work, 3, few)).toBeLessThan(few);
  });
});
