import { describe, expect, test } from 'vitest';
import { CollisionWorld } from '../collision/index.ts';
import { createRng } from '../contracts/index.ts';
import { ARMS, armOf } from '../test/support/urdf_arm.ts';
import { distance } from './configuration_space.ts';
import { IkSolver } from './ik/index.ts';
import { PathPlanner } from './path_planner.ts';
import { planToPoses } from './pose_goals.ts';
import { pathLength } from './simplify.ts';
import { endlessJoints, goalsByTurns, nearestTurn } from './whole_turns.ts';

/** Seven joints, every other one endless. */
const robot = armOf('gen3', ARMS.gen3.joints);
const n = robot.arm_joints;
const endless = endlessJoints(robot);
const world = new CollisionWorld(robot);
const planner = new PathPlanner(robot, world);
const { position_lower: lower, position_upper: upper } = robot.limits;

describe('joints that turn without end', () => {
  test('are those without limits', () => {
    expect(endless).toEqual([0, 2, 4, 6]);
    expect(endlessJoints(armOf('iiwa', ARMS.iiwa.joints))).toEqual([]);
  });

  test('goals by turns are the same place, the nearest first; the goal is one of them where it is within a turn', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'turns');
      const draw = () => Float64Array.from({ length: n }, () => rng.range(-9, 9));
      const [start, goal] = [draw(), draw()];
      const same = goalsByTurns(goal, start, endless);
      expect(same.length).toBe(1 + endless.length);
      same.forEach((q, i) => {
        for (let j = 0; j < n; j++) {
          const turns = (q[j] - goal[j]) / (2 * Math.PI);
          expect(turns, `seed ${seed}, joint ${j}`).toBeCloseTo(endless.includes(j) ? Math.round(turns) : 0, 9);
          expect(Math.abs(q[j] - start[j])).toBeLessThan(endless.includes(j) ? 2 * Math.PI + 1e-9 : 18);
        }
        if (i > 0) expect(distance(q, 0, start, 0, n)).toBeGreaterThanOrEqual(distance(same[i - 1], 0, start, 0, n));
      });
      for (const j of endless) expect(Math.abs(same[0][j] - start[j]), `seed ${seed}`).toBeLessThanOrEqual(Math.PI);
    }
    expect(nearestTurn(0.5, 0.4)).toBe(0.5);
    expect(nearestTurn(3, -3)).toBeCloseTo(3 - 2 * Math.PI, 12);
  });

  test('paths take the shorter way, say so, and take the goal by its numbers unless that is allowed', () => {
    let turned = 0;
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'ways');
      const draw = () =>
        Float64Array.from({ length: n }, (_, j) => rng.range(Math.max(lower[j], -8), Math.min(upper[j], 8)));
      const [start, goal] = [draw(), draw()];
      const short = planner.plan(start, [goal], rng, { whole_turns: true });
      const exact = planner.plan(start, [goal], rng);
      if (!short.ok || !exact.ok) throw new Error(`seed ${seed}: no path among nothing`);
      expect(exact.path[exact.path.length - 1], `seed ${seed}`).toEqual(goal);
      const [least] = goalsByTurns(goal, start, endless);
      expect(pathLength(short.path), `seed ${seed}`).toBeCloseTo(distance(start, 0, least, 0, n), 9);
      const changed = least.some((x, j) => x !== goal[j]);
      if (changed) turned++;
      expect(short.note !== '', `seed ${seed}: ${short.note}`).toBe(changed);
      if (changed) expect(short.note).toMatch(/^j\d ends at -?[\d.]+ rad, whole turns from -?[\d.]+ rad/);
    }
    expect(turned).toBeGreaterThan(20);
  });

  test('poses are reached without needless turns', () => {
    const ik = new IkSolver(robot);
    for (let seed = 0; seed < 10; seed++) {
      const rng = createRng(seed, 'poses');
      const draw = (most: number) =>
        Float64Array.from({ length: n }, (_, j) => rng.range(Math.max(lower[j], -most), Math.min(upper[j], most)));
      ik.chain.place(draw(3));
      const target = ik.chain.tool.slice();
      const start = draw(9);
      const found = planToPoses(planner, ik, start, [{ target }], rng);
      if (!found.ok) throw new Error(`seed ${seed}: ${found.reason}`);
      const end = found.path[found.path.length - 1];
      for (const j of endless) expect(Math.abs(end[j] - start[j]), `seed ${seed}`).toBeLessThanOrEqual(Math.PI + 1e-9);
    }
  });

  test('where something stands in the shorter way they go round it, and a goal in contact is one goal', () => {
    const held = new CollisionWorld(robot);
    held.attach({ type: 'sphere', radius: 0.05 }, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0));
    const among = new PathPlanner(robot, held);
    const ik = new IkSolver(robot);
    const stretched = (first: number) => Float64Array.of(first, 1.5, 0, 0, 0, 0, 0);
    const wall = (first: number) => {
      ik.chain.place(stretched(first));
      const [x, y] = ik.chain.tool.slice(9);
      const pose = { position: [x, y, 0], orientation: [0, 0, 0, 1] } as const;
      return { name: 'post', shape: { type: 'box', size: [0.1, 0.1, 6] } as const, pose };
    };
    const [start, goal] = [stretched(8.3), stretched(1)];
    const straight = among.plan(start, [goal], createRng(1), { whole_turns: true });
    expect(straight.ok && pathLength(straight.path)).toBeCloseTo(8.3 - 1 - 2 * Math.PI, 9);
    held.setObstacles([wall(1)]);
    const taken = among.plan(start, [goal], createRng(1), { whole_turns: true });
    expect(taken.ok ? '' : taken.reason).toBe('the goal is in collision: held object and post');
    held.setObstacles([wall(7.8)]);
    for (let seed = 0; seed < 5; seed++) {
      const round = among.plan(start, [goal], createRng(seed), { whole_turns: true });
      if (!round.ok) throw new Error(`seed ${seed}: ${round.reason}`);
      expect(held.pathFree(round.path)).toBe(true);
      expect(Math.cos(round.path[round.path.length - 1][0] - 1), `seed ${seed}`).toBeCloseTo(1, 12);
    }
  });
});
