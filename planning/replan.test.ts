import { describe, expect, test } from 'vitest';
import { CollisionWorld, type Obstacle } from '../collision/index.ts';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { IkSolver } from './ik/index.ts';
import { PathPlanner } from './path_planner.ts';
import { replan } from './replan.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const n = robot.arm_joints;
const home = robot.home_q.slice(0, n);
const world = new CollisionWorld(robot, { max_obstacles: 8 });
const planner = new PathPlanner(robot, world);
const ik = new IkSolver(robot);
const turned = (angle: number) => home.map((x, j) => (j === 0 ? angle : x));

function ballAtTool(q: Float64Array, radius: number): Obstacle {
  ik.chain.place(q);
  const [x, y, z] = ik.chain.tool.slice(9);
  return {
    name: 'ball',
    shape: { type: 'sphere', radius },
    pose: { position: [x, y, z], orientation: [0, 0, 0, 1] },
  };
}

/** A quarter turn of the first joint, and on. */
const way = Array.from({ length: 11 }, (_, i) => turned(-1 + 0.2 * i));

describe('planning again while moving', () => {
  test('keeps a path that is still free', () => {
    world.setObstacles([ballAtTool(turned(1.7), 0.05)]);
    const outcome = replan(planner, way, createRng(1));
    expect(outcome.ok && outcome.kept).toBe(true);
    expect(outcome.ok && outcome.path).toBe(way);
  });

  test('goes round what has come into the way, and takes up the rest of the old path', () => {
    let taken = 0;
    for (let seed = 0; seed < 10; seed++) {
      world.setObstacles([ballAtTool(turned(createRng(seed).range(-0.4, 0.4)), 0.06)]);
      const outcome = replan(planner, way, createRng(seed));
      if (!outcome.ok) throw new Error(`seed ${seed}: ${outcome.reason}`);
      expect(outcome.kept).toBe(false);
      expect(outcome.path[0]).toEqual(way[0]);
      if (outcome.tail > 1) taken++;
      expect(outcome.path.slice(-outcome.tail)).toEqual(way.slice(-outcome.tail));
      expect(planner.pathFree(outcome.path), `seed ${seed}`).toBe(true);
      expect(replan(planner, way, createRng(seed))).toEqual(outcome);
    }
    expect(taken).toBeGreaterThan(0);
  });

  test('does not touch what is committed, and says so when that is blocked', () => {
    world.setObstacles([ballAtTool(turned(0.3), 0.05)]);
    const outcome = replan(planner, way, createRng(3), { committed: 2 });
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.path.slice(0, 3)).toEqual(way.slice(0, 3));
    expect(planner.pathFree(outcome.path)).toBe(true);
    const late = replan(planner, way, createRng(3), { committed: 9 });
    if (late.ok) throw new Error('a committed contact was passed over');
    expect(late.stage).toBe('start');
    expect(late.reason).toMatch(/^the way that cannot be changed any more is blocked: panda_\w+ and ball$/);
    expect(late.free_rad).toBeGreaterThan(0.5);
    expect(late.free_rad).toBeLessThan(1.3);
  });

  test('a goal in contact is a reason, with the free way that is left', () => {
    world.setObstacles([ballAtTool(turned(1), 0.05)]);
    const outcome = replan(planner, way, createRng(4));
    if (outcome.ok) throw new Error('a goal in contact was reached');
    expect(outcome.stage).toBe('goal');
    expect(outcome.contact?.[1]).toBe('ball');
    expect(outcome.free_rad).toBeGreaterThan(1);
  });
});
