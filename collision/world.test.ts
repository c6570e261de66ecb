import { beforeAll, describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { hullOfShape, withMeshes } from '../test/support/mesh_robot.ts';
import { BruteForce } from '../test/support/planning_cell.ts';
import { randomShape } from '../test/support/random_shape.ts';
import { sweep } from '../test/support/sweep.ts';
import { HELD } from './link_shapes.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const robot = loadRobot('panda');
const n = robot.arm_joints;
let world: CollisionWorld;
let brute: BruteForce;

beforeAll(() => {
  world = new CollisionWorld(robot);
  brute = new BruteForce(robot, world.checkedPairs());
});

interface Body {
  name: string;
  shape: Shape;
  position: number[];
  yaw: number;
}

function randomBodies(rng: Rng): Body[] {
  return Array.from({ length: 1 + rng.int(6) }, (_, i) => {
    const shape = randomShape(rng, 0.03, 0.3);
    return {
      name: `body ${i}`,
      shape,
      position: [rng.range(-0.8, 0.8), rng.range(-0.8, 0.8), rng.range(0, 1)],
      yaw: rng.range(-3, 3),
    };
  });
}

const obstacle = ({ name, shape, position, yaw }: Body, padding_m = 0): Obstacle => ({
  name,
  shape,
  padding_m,
  pose: {
    position: [position[0], position[1], position[2]],
    orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
  },
});

const randomJoints = (rng: Rng): Float64Array =>
  Float64Array.from({ length: n }, (_, j) => rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]));

describe('collision world', () => {
  test('agrees with every shape against every shape, with margins and fingers anywhere', () => {
    const rng = createRng(1);
    let hits = 0;
    for (let scene = 0; scene < sweep(16, 40); scene++) {
      const bodies = randomBodies(rng);
      world.setObstacles(bodies.map((body) => obstacle(body)));
      brute.setBodies(bodies);
      for (let k = 0; k < 25; k++) {
        const q = randomJoints(rng);
        const finger = rng.range(0, 0.04);
        world.margin_m = k % 2 === 0 ? 0 : rng.range(0, 0.03);
        world.setGripperWidth(2 * finger);
        const found = world.collides(q);
        const contact = brute.contact(q, 0, finger, world.margin_m);
        expect(found, `scene ${scene}, ${k}: ${contact} ${world.lastContact()}`).toBe(contact !== null);
        if (found) hits++;
        else expect(world.clearance(q)).toBeGreaterThanOrEqual(world.margin_m);
      }
    }
    world.margin_m = 0;
    expect(hits).toBeGreaterThan(sweep(80, 200));
    expect(hits).toBeLessThan(900);
  });

  test('padding an obstacle is the margin towards it; growing either only adds contacts', () => {
    const rng = createRng(2);
    for (let k = 0; k < sweep(80, 200); k++) {
      const body = randomBodies(rng)[0];
      const q = randomJoints(rng);
      let touching = false;
      for (const padding of [0, 0.005, 0.02, 0.08]) {
        world.setObstacles([obstacle(body, padding)]);
        const now = world.collides(q);
        expect(touching && !now).toBe(false);
        touching = now;
      }
    }
  });

  test('home is free of the robot itself, folded arms are not, and the contact is named', () => {
    world.setObstacles([]);
    expect(world.collides(robot.home_q)).toBe(false);
    const folded = Float64Array.of(0, -1.7, 0, -3, 0, 0.1, 0);
    expect(world.collides(folded)).toBe(true);
    expect(world.lastContact().every((name) => name.startsWith('panda_'))).toBe(true);
    const wall: Obstacle = {
      name: 'wall',
      shape: { type: 'box', size: [0.1, 2, 2] },
      pose: { position: [0.3, 0, 0.5], orientation: [0, 0, 0, 1] },
    };
    world.setObstacles([wall]);
    expect(world.collides(robot.home_q)).toBe(true);
    expect(world.lastContact()[1]).toBe('wall');
  });

  test('an allowed contact is no contact until obstacles are set again; unknown names are refused', () => {
    const around: Obstacle = {
      name: 'ball',
      shape: { type: 'sphere', radius: 0.03 },
      pose: { position: [0.307, 0, 0.49], orientation: [0, 0, 0, 1] },
    };
    world.setGripperWidth(0.04);
    world.setObstacles([around]);
    expect(world.collides(robot.home_q)).toBe(true);
    for (const link of ['panda_hand', 'panda_leftfinger', 'panda_rightfinger']) world.allow(link, 'ball');
    expect(world.collides(robot.home_q)).toBe(false);
    world.setObstacles([around]);
    expect(world.collides(robot.home_q)).toBe(true);
    expect(() => world.allow('panda_hand', 'vase')).toThrow('obstacle vase is not one of: ball');
    expect(() => world.allow('panda_wing', 'ball')).toThrow('link panda_wing');
  });

  test('a held object collides where its shape is, and not once let go', () => {
    const floor: Obstacle = {
      name: 'floor',
      shape: { type: 'box', size: [3, 3, 0.1] },
      pose: { position: [0, 0, -0.05], orientation: [0, 0, 0, 1] },
    };
    world.setObstacles([floor]);
    world.setGripperWidth(0.04);
    const T_tool_object = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.2);
    expect(world.collides(robot.home_q)).toBe(false);
    // home holds the tool 0.487 m above the floor, pointing down: the object's end hangs 12 mm above it
    world.attach({ type: 'box', size: [0.04, 0.04, 0.55] }, T_tool_object);
    expect(world.collides(robot.home_q)).toBe(false);
    world.attach({ type: 'box', size: [0.04, 0.04, 0.55] }, T_tool_object, 0.013);
    expect(world.collides(robot.home_q)).toBe(true);
    expect(world.lastContact()).toEqual([HELD, 'floor']);
    world.allow(HELD, 'floor');
    expect(world.collides(robot.home_q)).toBe(false);
    world.detach();
    world.setObstacles([floor]);
    expect(world.collides(robot.home_q)).toBe(false);
  });

  test('the tool stays inside its box', () => {
    const boxed = new CollisionWorld(robot);
    boxed.setToolBox([-1, -1, 0], [1, 1, 0.4]);
    expect(boxed.collides(robot.home_q)).toBe(true);
    expect(boxed.lastContact()).toEqual(['tool', 'edge of the workspace']);
    boxed.setToolBox([-1, -1, 0], [1, 1, 0.6]);
    expect(boxed.collides(robot.home_q)).toBe(false);
  });

  test('a robot known by meshes alone is seen as by its primitives, among obstacles of either kind', () => {
    const meshes = new CollisionWorld(withMeshes(robot));
    const rng = createRng(12);
    for (const each of [world, meshes]) each.setGripperWidth(0.04);
    let touching = 0;
    for (let trial = 0; trial < sweep(40, 80); trial++) {
      const bodies = randomBodies(rng);
      world.setObstacles(bodies.map((body) => obstacle(body)));
      meshes.setObstacles(bodies.map((body) => ({ ...obstacle(body), shape: hullOfShape(body.shape) })));
      const q = robot.home_q.map((_, j) => rng.range(robot.limits.position_lower[j], robot.limits.position_upper[j]));
      const clearance = world.clearance(q);
      const of_hulls = meshes.clearance(q);
      // Hulls of round shapes are inside them.
      expect(of_hulls, `trial ${trial}`).toBeGreaterThanOrEqual(clearance - 1e-9);
      expect(of_hulls, `trial ${trial}`).toBeLessThan(clearance + 0.01);
      if (clearance > 1e-6) expect(meshes.collides(q), `trial ${trial}`).toBe(false);
      if (of_hulls === 0) touching++;
    }
    expect(touching).toBeGreaterThan(sweep(7, 15));
  });

  test('a check allocates nothing', () => {
    const rng = createRng(4);
    world.setObstacles(randomBodies(rng).map((body) => obstacle(body)));
    const Q = Float64Array.from({ length: n * 32 }, (_, i) =>
      rng.range(robot.limits.position_lower[i % n], robot.limits.position_upper[i % n]),
    );
    const run = (calls: number): void => {
      for (let i = 0; i < calls; i++) for (let k = 0; k < 32; k++) world.collides(Q, n * k);
    };
    run(300);
    const growth = bytesPerCall(40, run, 12, 127);
    expect(growth / 32).toBeLessThan(4);
  });
});
