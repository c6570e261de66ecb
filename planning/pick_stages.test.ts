import { expect, test } from 'vitest';
import { createRng, type Vector3 } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import type { TableObject } from './table_objects.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');
const start = robot.home_q.slice(0, robot.arm_joints);

const box = (size: Vector3, x: number, y: number): TableObject => ({
  ...{ class: 'box', colour: 'red', shape: { type: 'box', size }, position: [x, y, size[2] / 2], yaw_rad: 0 },
  ...{ seen: 3, score: 1 },
});

test('an object with many grasps and a place with no room is given up after so many of them, and it is said', () => {
  const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  const target: Vector3 = [0.5, -0.15, 0];
  const around = [
    [0.052, 0],
    [-0.052, 0],
    [0, 0.052],
    [0, -0.052],
  ].map(([x, y]) => box([0.03, 0.03, 0.08], target[0] + x, target[1] + y));
  const planned = planner.plan(start, box([0.04, 0.06, 0.05], 0.5, 0.15), around, target, createRng(1));
  expect(planned.ok).toBe(false);
  if (planned.ok) return;
  expect(planned.reason).toMatch(/ ways tried, so many grasps led nowhere that others were not tried; place line: /);
  const rows = planner.report();
  const tried = (name: string): number => rows.find((row) => row.name === name)?.tried ?? 0;
  // at each of three distances from others
  expect(tried('place')).toBe(3 * 32);
  expect(rows.find(({ name }) => name === 'grasps')?.failures).toEqual([
    { reason: 'so many grasps led nowhere that others were not tried', count: 3 },
  ]);
});
