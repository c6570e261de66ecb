import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot, PANDA_SRDF, type Robot } from '../robots/index.ts';
import { selfCollisionMatrix, srdfOf } from './self_matrix.ts';
import { CollisionWorld } from './world.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const { semantic, ...undescribed } = robot;
const NOTHING = { disabled_pairs: [], groups: [], states: [], end_effectors: [], virtual_joints: [] };
const key = ([a, b]: readonly [string, string]): string => [a, b].sort().join(' ');

describe('the pairs of links that are not checked', () => {
  const matrix = selfCollisionMatrix(robot, { samples: 2000, descents: 3 });

  test('are those of the shipped SRDF of the Panda, letter by letter', () => {
    expect(srdfOf(robot, matrix)).toBe(readFileSync(PANDA_SRDF, 'utf8'));
    expect(new Set(semantic?.disabled_pairs.map(key))).toEqual(new Set(matrix.map(({ a, b }) => key([a, b]))));
  });

  test('never come near each other in fresh positions, where those checked do, by signed distances', () => {
    const world = new CollisionWorld({ ...undescribed, semantic: NOTHING });
    world.setObstacles([]);
    const table = world.proximityTable();
    const never = new Set(matrix.filter(({ reason }) => reason === 'Never').map(({ a, b }) => key([a, b])));
    expect(never.size).toBe(18);
    table.wanted.forEach((_, row) => {
      table.wanted[row] = never.has(key([table.a[row], table.other[row]])) ? 1 : 0;
    });
    expect(table.wanted.reduce((sum, one) => sum + one, 0)).toBe(never.size);
    const { position_lower, position_upper } = robot.limits;
    const rng = createRng(91);
    let least = Infinity;
    for (let k = 0; k < 1500; k++) {
      const q = position_lower.map((lower, j) =>
        rng.uniform() < 0.2 ? (rng.uniform() < 0.5 ? lower : position_upper[j]) : rng.range(lower, position_upper[j]),
      );
      world.setGripperWidth(rng.range(0, 0.08));
      world.distances(q, 0, 0.5, table);
      for (let row = table.links; row < table.rows; row++) {
        if (table.wanted[row] === 1) least = Math.min(least, table.distance_m[row]);
      }
      expect(least, `${q}`).toBeGreaterThan(0.005);
    }
    expect(least).toBeLessThan(0.03);
  });

  test('change no answer: with and without them the same positions are free, and the same pairs touch', () => {
    const [described, whole] = [robot, undescribed as Robot].map((one) => new CollisionWorld(one));
    const rest = new Set(described.checkedPairs().map(key));
    const all = new Set(whole.checkedPairs().map(key));
    expect([...rest].filter((pair) => !all.has(pair))).toEqual([]);
    expect(all.size).toBeGreaterThan(rest.size + 15);
    const rng = createRng(92);
    let touching = 0;
    for (let k = 0; k < 4000; k++) {
      const q = robot.limits.position_lower.map((lower, j) => rng.range(lower, robot.limits.position_upper[j]));
      const width = rng.range(0, 0.08);
      for (const world of [described, whole]) world.setGripperWidth(width);
      const contact = whole.collides(q);
      expect(described.collides(q), `${q}: ${whole.lastContact()}`).toBe(contact);
      if (contact) touching++;
    }
    expect(touching).toBeGreaterThan(500);
  });
});
