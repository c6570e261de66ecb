import { expect, test } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { BruteForce, playScenes } from '../test/support/planning_cell.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import { TABLE_WORKCELL } from './workcell.ts';

test('1,000 random scenes: 99 % placed, none of them in contact, late or beyond a limit', () => {
  const robot = loadRobot('panda');
  const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  const brute = new BruteForce(robot, planner.motion.world.checkedPairs());
  const seeds = Array.from({ length: 1000 }, (_, k) => 1000 + k);
  const { failures, faults } = playScenes(planner, brute, seeds);
  expect(faults).toEqual([]);
  expect(failures.length, failures.join('\n')).toBeLessThanOrEqual(10);
}, 1_200_000);
