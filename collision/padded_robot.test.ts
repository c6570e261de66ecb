import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { withMeshes } from '../test/support/mesh_robot.ts';
import { sweep } from '../test/support/sweep.ts';
import { withLinkPadding } from './padded_robot.ts';
import { CollisionWorld, type Obstacle } from './world.ts';

const panda = loadRobot('panda');
const n = panda.arm_joints;

describe('padding of links', () => {
  test('brings obstacles nearer by the padding: exactly where links are hulls, by no less where they are cylinders', () => {
    const rng = createRng(91);
    for (const [robot, slack] of [
      [withMeshes(panda), 1e-6],
      [panda, 0.0125],
    ] as const) {
      const bare = new CollisionWorld(robot);
      const padded = new CollisionWorld(withLinkPadding(robot, { '*': 0.03 }));
      const one = new CollisionWorld(withLinkPadding(robot, { panda_link4: 0.03 }));
      const tables = [bare, padded, one].map((world) => world.proximityTable());
      for (const table of tables) table.wanted.fill(0, table.links);
      const toBall = (k: number, world: CollisionWorld, q: Float64Array): number => {
        world.distances(q, 0, 2, tables[k]);
        return Math.min(...tables[k].distance_m.subarray(0, tables[k].links));
      };
      let compared = 0;
      for (let trial = 0; trial < sweep(24, 60); trial++) {
        const position = [rng.range(-0.8, 0.8), rng.range(-0.8, 0.8), rng.range(0, 1)] as const;
        const ball: Obstacle = {
          name: 'ball',
          shape: { type: 'sphere', radius: 0.05 },
          pose: { position, orientation: [0, 0, 0, 1] },
        };
        for (const world of [bare, padded, one]) world.setObstacles([ball]);
        const q = panda.home_q.map((x, j) => (j < n ? x + rng.range(-0.4, 0.4) : x));
        const [a, b, c] = [toBall(0, bare, q), toBall(1, padded, q), toBall(2, one, q)];
        expect(c, `trial ${trial}`).toBeLessThan(a + 1e-9);
        expect(c, `trial ${trial}`).toBeGreaterThan(b - 1e-9);
        if (a < 0) continue;
        expect(b, `trial ${trial}`).toBeLessThan(a - 0.03 + 1e-6);
        expect(b, `trial ${trial}`).toBeGreaterThan(a - 0.03 - slack);
        compared++;
      }
      expect(compared).toBeGreaterThan(sweep(6, 15));
    }
  });

  test('links without a shape and paddings out of range are refused', () => {
    expect(() => withLinkPadding(panda, { panda_wing: 0.1 })).toThrow('padding of link panda_wing');
    expect(() => withLinkPadding(panda, { panda_link1: -0.1 })).toThrow('padding of link panda_link1: -0.1 m');
    expect(() => withLinkPadding(panda, { panda_link1: Number.NaN })).toThrow('NaN m');
    expect(withLinkPadding(panda, {}).model.collision).toEqual(panda.model.collision);
  });
});
