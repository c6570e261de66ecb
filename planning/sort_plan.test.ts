import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { SortTask } from '../sim/index.ts';
import { BruteForce, type CellFaults, NOISE } from '../test/support/planning_cell.ts';
import { sweep } from '../test/support/sweep.ts';
import { playGoal, TaskCell, trueObjects } from '../test/support/task_cell.ts';
import { reachesOut } from './free_spots.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import type { SortGoal } from './sort_plan.ts';
import { TABLE_WORKCELL } from './workcell.ts';

let planner: PickPlanner;
let brute: BruteForce;

beforeAll(() => {
  const robot = loadRobot('panda');
  planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  brute = new BruteForce(robot, planner.motion.world.checkedPairs());
});

function sceneOf(seed: number) {
  const { scene, goal } = new SortTask().reset(createRng(seed).stream('sort'));
  return { objects: trueObjects(scene), goal };
}

function play(seed: number, faults: CellFaults = {}) {
  const { objects, goal } = sceneOf(seed);
  const cell = new TaskCell(planner, objects, brute, seed, faults);
  return { cell, goal, outcome: playGoal(planner, cell, goal, seed) };
}

/** Objects that are not wholly in the region of their class. */
function misplaced(cell: TaskCell, goal: SortGoal): string[] {
  return cell.scene.objects.flatMap((object) => {
    const region = goal.regions.find((entry) => entry.class === object.class)?.region;
    const { shape, yaw, x, y } = object;
    const standing = { ...object, position: [x, y, 0] as const, yaw_rad: yaw, seen: 1, score: 1, shape };
    return region !== undefined && reachesOut(standing, region) <= 0 ? [] : [`${object.colour} ${object.class}`];
  });
}

describe('sorting with an ideal robot', () => {
  test('random scenes end with every object inside the region of its class, without contact', () => {
    for (let seed = 0; seed < sweep(1, 2); seed++) {
      const { cell, goal, outcome } = play(seed, { noise: NOISE });
      expect(outcome, `seed ${seed}`).toMatchObject({ ok: true, stage: 'retreat' });
      expect(misplaced(cell, goal), `seed ${seed}`).toEqual([]);
      expect([...cell.contacts, ...cell.jumps], `seed ${seed}`).toEqual([]);
      expect(cell.worst_limit_ratio, `seed ${seed}`).toBeLessThan(0.95);
    }
  });

  test('what is where it belongs is left alone', () => {
    const { cell, goal } = play(1);
    const before = cell.scene.objects.map(({ x, y }) => [x, y]);
    const again = new TaskCell(planner, cell.scene.objects, brute, 2);
    expect(playGoal(planner, again, goal, 2)).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 1 });
    expect(again.scene.objects.map(({ x, y }) => [x, y])).toEqual(before);
  });

  test('a missed and a lost object are fetched again; a hand that never closes on one gives up and says so', () => {
    for (const faults of [{ miss: [1] }, { drop: 'lift' }]) {
      const { cell, goal, outcome } = play(3, faults);
      expect(outcome.ok, outcome.reason).toBe(true);
      expect(outcome.attempts).toBe(cell.scene.objects.length + 2);
      expect(misplaced(cell, goal)).toEqual([]);
    }
    const { outcome } = play(3, { miss: [1, 2, 3, 4] });
    expect(outcome).toMatchObject({ ok: false, stage: 'grasp', attempts: 4 });
    expect(outcome.reason).toMatch(/^missed the object: /);
  });

  test('a region without room is named with what cannot go there', () => {
    const { objects, goal } = sceneOf(4);
    const regions = goal.regions.map((entry) => ({
      ...entry,
      region: { ...entry.region, centre: [0.5, 0.9, 0] as const },
    }));
    const cell = new TaskCell(planner, objects, brute, 4);
    const outcome = playGoal(planner, cell, { ...goal, regions }, 4);
    expect(outcome).toMatchObject({ ok: false, stage: 'plan' });
    expect(outcome.reason).toContain('cannot be brought to the target within the joint limits');
  });

  test('a safety stop ends the task with its stage', () => {
    expect(play(5, { stop: 'lift' }).outcome).toMatchObject({ ok: false, stage: 'safety', attempts: 1 });
  });
});
