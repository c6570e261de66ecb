import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { withMeshes } from '../test/support/mesh_robot.ts';
import { randomSolidArm } from '../test/support/random_solid_arm.ts';
import { sweep } from '../test/support/sweep.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const PANDA = loadRobot('panda');
const ROBOTS: readonly (readonly [string, Robot])[] = [
  ['the Panda', PANDA],
  ['the Panda as hulls', withMeshes(PANDA)],
  ...[1, 2, 3, 4].map((seed) => [`random tree ${seed}`, randomSolidArm(createRng(seed, 'arm'), 3 + seed)] as const),
];

function randomObstacles(rng: Rng, padding_m: number): Obstacle[] {
  return Array.from({ length: 1 + rng.int(8) }, (_, i) => {
    const size = (): number => rng.range(0.01, 0.25);
    const shape: Shape = [
      { type: 'box', size: [size(), size(), size()] } as const,
      { type: 'cylinder', radius: size() / 2, length: size() } as const,
      { type: 'sphere', radius: size() / 2 } as const,
    ][rng.int(3)];
    const yaw = rng.range(-3, 3);
    const position = [rng.range(-0.7, 0.7), rng.range(-0.7, 0.7), rng.range(0, 0.9)] as const;
    const orientation = [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] as const;
    return { name: `body ${i}`, shape, padding_m, pose: { position, orientation } };
  });
}

function randomJoints({ arm_joints, limits }: Robot, rng: Rng): Float64Array {
  return Float64Array.from({ length: arm_joints }, (_, j) =>
    rng.range(limits.position_lower[j], limits.position_upper[j]),
  );
}

/** Whether one of `count` + 1 positions along a segment is in contact. */
function touchesWhenStepping(world: CollisionWorld, a: Float64Array, b: Float64Array, count: number): boolean {
  for (let i = 0; i <= count; i++) if (world.collides(a.map((x, j) => x + (i / count) * (b[j] - x)))) return true;
  return false;
}

describe('segments', () => {
  test.each(ROBOTS)('%s: what is called free is free at every small step, what is not touches at one', (_, robot) => {
    const world = new CollisionWorld(robot);
    let [free_count, touching] = [0, 0];
    for (let seed = 0; seed < sweep(20, 50); seed++) {
      const rng = createRng(seed, 'segments');
      world.setObstacles(randomObstacles(rng, 0));
      world.margin_m = seed % 3 === 0 ? rng.range(0, 0.02) : 0;
      for (let k = 0; k < 5; k++) {
        const a = randomJoints(robot, rng);
        if (world.collides(a)) continue;
        const b = a.map((x, j) => x + rng.range(0.02, 1) * (randomJoints(robot, rng)[j] - x));
        const hint = `seed ${seed}, segment ${k}: ${a} to ${b}`;
        const free = world.segmentFree(a, 0, b, 0);
        const contact = world.lastContact();
        if (free) {
          world.margin_m *= 0.5;
          expect(touchesWhenStepping(world, a, b, 200), `${hint}, ${world.lastContact()}`).toBe(false);
          world.margin_m *= 2;
          free_count++;
        } else {
          // a contact may be shorter than a step: then it is near one
          const margin = world.margin_m;
          world.margin_m += 0.01;
          expect(touchesWhenStepping(world, a, b, 200), `${hint}, ${contact}`).toBe(true);
          world.margin_m = margin;
          touching++;
        }
      }
    }
    expect(free_count).toBeGreaterThan(sweep(2, 5));
    expect(touching).toBeGreaterThan(sweep(2, 5));
  });

  test('a sheet thinner than any step is met; a segment may end just before contact, not in it', () => {
    const world = new CollisionWorld(PANDA);
    world.setGripperWidth(0.04);
    const a = PANDA.home_q.slice(0, 7);
    const b = a.slice();
    a[0] = -0.4;
    b[0] = 0.4;
    const sheet: Obstacle = {
      name: 'sheet',
      shape: { type: 'box', size: [0.2, 1e-5, 0.2] },
      pose: { position: [0.307, 0, 0.5], orientation: [0, 0, 0, 1] },
    };
    world.setObstacles([sheet]);
    expect(world.collides(b)).toBe(false);
    expect(world.segmentFree(a, 0, b, 0)).toBe(false);
    expect(world.lastContact()[1]).toBe('sheet');
    let [low, high] = [-0.4, 0];
    while (high - low > 1e-5) {
      b[0] = (low + high) / 2;
      if (world.collides(b)) high = b[0];
      else low = b[0];
    }
    b[0] = low;
    expect(world.segmentFree(a, 0, b, 0)).toBe(true);
    b[0] = high;
    expect(world.segmentFree(a, 0, b, 0)).toBe(false);
  });

  test('padding is room: bare bodies stay apart by half of it', () => {
    const world = new CollisionWorld(PANDA);
    let free = 0;
    for (let seed = 0; seed < sweep(24, 60); seed++) {
      const rng = createRng(seed, 'padded');
      const obstacles = randomObstacles(rng, 0.01);
      const [a, b] = [randomJoints(PANDA, rng), randomJoints(PANDA, rng)];
      world.setObstacles(obstacles);
      if (world.collides(a) || !world.segmentFree(a, 0, b, 0)) continue;
      free++;
      world.setObstacles(obstacles.map((obstacle) => ({ ...obstacle, padding_m: 0.005 })));
      expect(touchesWhenStepping(world, a, b, 300), `seed ${seed}`).toBe(false);
    }
    expect(free).toBeGreaterThan(sweep(2, 5));
  });

  test('the tool stays in its box all along, and an allowed contact is none', () => {
    const world = new CollisionWorld(PANDA);
    const a = PANDA.home_q.slice(0, 7);
    const b = a.slice();
    a[0] = -0.5;
    b[0] = 0.5;
    // the arc bulges out to 0.307 m between two ends at 0.269 m
    world.setToolBox([-1, -1, 0], [0.3, 1, 1]);
    expect(world.segmentFree(a, 0, b, 0)).toBe(false);
    expect(world.lastContact()[0]).toBe('tool');
    world.setToolBox([-1, -1, 0], [0.31, 1, 1]);
    expect(world.segmentFree(a, 0, b, 0)).toBe(true);
    const ball: Obstacle = {
      name: 'ball',
      shape: { type: 'sphere', radius: 0.02 },
      pose: { position: [0.307, 0, 0.49], orientation: [0, 0, 0, 1] },
    };
    world.setObstacles([ball]);
    expect(world.segmentFree(a, 0, b, 0)).toBe(false);
    for (const link of ['panda_hand', 'panda_leftfinger', 'panda_rightfinger']) world.allow(link, 'ball');
    expect(world.segmentFree(a, 0, b, 0)).toBe(true);
  });

  test('asking allocates nothing', () => {
    const world = new CollisionWorld(withMeshes(PANDA));
    const rng = createRng(5, 'heap');
    world.setObstacles(randomObstacles(rng, 0.002));
    const Q = new Float64Array(7 * 16);
    for (let k = 0; k < 16; k += 2) {
      Q.set(randomJoints(PANDA, rng), 7 * k);
      for (let j = 0; j < 7; j++) Q[7 * k + 7 + j] = Q[7 * k + j] + rng.range(-0.3, 0.3);
    }
    const run = (calls: number): void => {
      for (let i = 0; i < calls; i++) for (let k = 0; k < 8; k++) world.segmentFree(Q, 14 * k, Q, 14 * k + 7);
    };
    run(600);
    const growth = bytesPerCall(60, run, 12, 63);
    expect(growth / 8).toBeLessThan(8);
  });
});
