import { beforeAll, describe, expect, test } from 'vitest';
import { createRng, INSPECTION_VERDICTS, type InspectionVerdict } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { InspectTask } from '../sim/index.ts';
import { BruteForce, type CellFaults, NOISE } from '../test/support/planning_cell.ts';
import { sweep } from '../test/support/sweep.ts';
import { playGoal, TaskCell, trueObjects } from '../test/support/task_cell.ts';
import { reachesOut } from './free_spots.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import { TABLE_WORKCELL } from './workcell.ts';

let planner: PickPlanner;
let brute: BruteForce;

beforeAll(() => {
  const robot = loadRobot('panda');
  planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  brute = new BruteForce(robot, planner.motion.world.checkedPairs());
});

function play(seed: number, faults: CellFaults = {}, astray: TaskCell['astray'] = null) {
  const rng = createRng(seed);
  const { scene, goal } = new InspectTask().reset(rng.stream('inspect'));
  const verdicts = scene.objects.map((): InspectionVerdict => INSPECTION_VERDICTS[rng.int(3)]);
  const cell = new TaskCell(planner, trueObjects(scene), brute, seed, faults, verdicts);
  cell.astray = astray;
  return { cell, goal, verdicts, outcome: playGoal(planner, cell, goal, seed) };
}

describe('inspection with an ideal robot', () => {
  test('every object is shown once, near the camera, and ends in the region of its verdict, without contact', () => {
    for (let seed = 0; seed < sweep(1, 2); seed++) {
      const { cell, goal, verdicts, outcome } = play(seed, { noise: NOISE });
      expect(outcome, `seed ${seed}`).toMatchObject({ ok: true, stage: 'retreat' });
      expect(cell.judged.length, `seed ${seed}`).toBe(verdicts.length);
      cell.scene.objects.forEach((object, i) => {
        const standing = {
          ...object,
          position: [object.x, object.y, 0] as const,
          yaw_rad: object.yaw,
          seen: 1,
          score: 1,
        };
        expect(reachesOut(standing, goal[verdicts[i]]), `seed ${seed}, object ${i}`).toBeLessThanOrEqual(0);
      });
      expect([...cell.contacts, ...cell.jumps], `seed ${seed}`).toEqual([]);
    }
  });

  test('a judged object that is lost on its way is brought to its region without being judged anew', () => {
    for (const seed of [2, 4]) {
      const { cell, goal, verdicts, outcome } = play(seed, { drop: 'transfer' }, { x: 0.475, y: 0, turn_rad: 1.3 });
      expect(cell.astray, `seed ${seed}`).toBeNull();
      expect(outcome.ok, outcome.reason).toBe(true);
      expect(outcome.attempts, `seed ${seed}`).toBe(verdicts.length + 2);
      expect(cell.judged.length, `seed ${seed}`).toBe(verdicts.length);
      cell.scene.objects.forEach((object, i) => {
        const standing = {
          ...object,
          position: [object.x, object.y, 0] as const,
          yaw_rad: object.yaw,
          seen: 1,
          score: 1,
        };
        expect(reachesOut(standing, goal[verdicts[i]]), `seed ${seed}, object ${i}`).toBeLessThanOrEqual(0);
      });
    }
  });

  test('an object lost on its way up is fetched again, one lost before the camera is not judged', () => {
    const lifted = play(2, { drop: 'lift' });
    expect(lifted.outcome.ok, lifted.outcome.reason).toBe(true);
    expect(lifted.cell.judged.length).toBe(lifted.verdicts.length);
    const shown = play(2, { drop: 'show' });
    expect(shown.cell.judged.length).toBe(shown.verdicts.length - (shown.outcome.ok ? 0 : 1));
  });
});
