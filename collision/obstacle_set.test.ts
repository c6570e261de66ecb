import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const robot = loadRobot('panda');

function scattered(rng: Rng, count: number, size: number, reach: number): Obstacle[] {
  return Array.from({ length: count }, (_, i): Obstacle => {
    const side = (): number => rng.range(0.3, 1) * size;
    const shape: Shape =
      i % 3 === 0
        ? { type: 'box', size: [side(), side(), side()] }
        : i % 3 === 1
          ? { type: 'cylinder', radius: side() / 2, length: side() }
          : { type: 'sphere', radius: side() / 2 };
    const yaw = rng.range(-3, 3);
    return {
      name: `thing ${i}`,
      shape,
      pose: {
        position: [rng.range(-reach, reach), rng.range(-reach, reach), rng.range(-0.3, 1.5)],
        orientation: [0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)],
      },
    };
  });
}

const randomJoints = (rng: Rng): Float64Array =>
  Float64Array.from({ length: robot.arm_joints }, (_, j) =>
    rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]),
  );

describe('obstacles', () => {
  test('many in a tree touch as they do a few at a time in lists, along segments too', () => {
    const rng = createRng(1);
    const all = new CollisionWorld(robot);
    const few = new CollisionWorld(robot);
    let touching = 0;
    for (let scene = 0; scene < 12; scene++) {
      const obstacles = scattered(rng, 60 + rng.int(60), 0.12, 1);
      all.setObstacles(obstacles);
      const groups = Array.from({ length: Math.ceil(obstacles.length / 10) }, (_, k) =>
        obstacles.slice(10 * k, 10 * k + 10),
      );
      for (let k = 0; k < 15; k++) {
        const a = randomJoints(rng);
        const b = a.map((x) => x + rng.range(-0.2, 0.2));
        const hint = `scene ${scene}, state ${a}`;
        let contact = false;
        let along = false;
        for (const group of groups) {
          few.setObstacles(group);
          contact ||= few.collides(a);
          along ||= !few.segmentFree(a, 0, b, 0);
        }
        expect(all.collides(a), hint).toBe(contact);
        expect(all.segmentFree(a, 0, b, 0), hint).toBe(!along);
        if (contact) touching++;
      }
    }
    expect(touching).toBeGreaterThan(30);
    expect(touching).toBeLessThan(150);
  });

  test('an allowed contact is none in a tree either, and the nearest of 10,000 is not missed', () => {
    const rng = createRng(2);
    const world = new CollisionWorld(robot);
    const obstacles = scattered(rng, 10_000, 0.02, 1.5).filter(({ pose }) => Math.hypot(...pose.position) > 0.9);
    const ball: Obstacle = {
      name: 'ball',
      shape: { type: 'sphere', radius: 0.02 },
      pose: { position: [0.307, 0, 0.49], orientation: [0, 0, 0, 1] },
    };
    world.setGripperWidth(0.03);
    world.setObstacles([...obstacles, ball]);
    expect(obstacles.length).toBeGreaterThan(7000);
    expect(world.collides(robot.home_q)).toBe(true);
    expect(world.lastContact()[1]).toBe('ball');
    for (const link of ['panda_hand', 'panda_leftfinger', 'panda_rightfinger']) world.allow(link, 'ball');
    expect(world.collides(robot.home_q)).toBe(false);
  });

  test('10,000 within reach cost a check a few times what ten do, not a thousand times', () => {
    const rng = createRng(3);
    const [many, ten] = [new CollisionWorld(robot), new CollisionWorld(robot)];
    // a fine dust that the arm mostly moves clear of
    many.setObstacles(scattered(rng, 10_000, 0.001, 1.2));
    ten.setObstacles(scattered(rng, 10, 0.001, 1.2));
    const Q = Array.from({ length: 200 }, () => randomJoints(rng));
    const cost = (world: CollisionWorld): number => {
      let least = Infinity;
      for (let round = 0; round < 5; round++) {
        const begin = process.cpuUsage();
        for (const q of Q) world.collides(q);
        const { user, system } = process.cpuUsage(begin);
        least = Math.min(least, user + system);
      }
      return least;
    };
    cost(many);
    expect(cost(many) / cost(ten)).toBeLessThan(100);
  });

  test('what is not a number is no free position, and no obstacle', () => {
    const world = new CollisionWorld(robot);
    const q = robot.home_q.slice(0, robot.arm_joints);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (let j = 0; j < robot.arm_joints; j++) {
        const broken = q.map((x, k) => (k === j ? bad : x));
        expect(world.collides(broken), `joint ${j}`).toBe(true);
        expect(world.segmentFree(q, 0, broken, 0), `joint ${j}`).toBe(false);
        expect(world.segmentFree(broken, 0, q, 0), `joint ${j}`).toBe(false);
      }
    }
    const [good] = scattered(createRng(4), 1, 0.1, 1);
    const wall: Obstacle = {
      name: 'wall',
      shape: { type: 'box', size: [0.1, 2, 2] },
      pose: { position: [0.3, 0, 0.5], orientation: [0, 0, 0, 1] },
    };
    world.setObstacles([wall]);
    world.allow('panda_hand', 'wall');
    const before = [world.collides(q), world.lastContact(), world.clearance(q), world.revision];
    for (const position of [[Number.NaN, 0, 0] as const, [0, Number.POSITIVE_INFINITY, 0] as const]) {
      const broken = { ...good, name: 'ghost', pose: { ...good.pose, position } };
      expect(() => world.setObstacles([good, broken])).toThrow('obstacle ghost: its pose or size is not finite');
      const hint = 'a list that was refused has changed the world';
      expect([world.collides(q), world.lastContact(), world.clearance(q), world.revision], hint).toEqual(before);
    }
    expect(before[0]).toBe(true);
  });
});
