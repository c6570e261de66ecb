import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import {
  BruteForce,
  type CellFaults,
  heightOf,
  IdealCell,
  randomScene,
  type TrueScene,
} from '../test/support/planning_cell.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import { type PickPlaceOutcome, pickPlace } from './task_plan.ts';
import { TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');
const NOISE = [0.0015, 0.02, 0.001] as const;
let planner: PickPlanner;
let brute: BruteForce;

beforeAll(() => {
  planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  brute = new BruteForce(robot, planner.motion.world.checkedPairs());
});

function run(scene: TrueScene, seed: number, faults: CellFaults = {}): { cell: IdealCell; outcome: PickPlaceOutcome } {
  const rng = createRng(seed);
  const cell = new IdealCell(robot, scene, brute, rng.stream('cell'), faults);
  const task = pickPlace({ planner, goal: scene.goal, rng: rng.stream('task') });
  let step = task.next();
  while (!step.done) step = task.next(cell.answer(step.value));
  return { cell, outcome: step.value };
}

const sceneOf = (seed: number): TrueScene => randomScene(createRng(seed).stream('scene'));

describe('pick and place with an ideal robot', () => {
  test('random scenes: placed within 20 mm and 20 s, free of contact at 0.005 rad, within the limits', () => {
    const failures: string[] = [];
    const faults: string[] = [];
    const scenes = 40;
    for (let seed = 0; seed < scenes; seed++) {
      const { cell, outcome } = run(sceneOf(seed), seed, { noise: NOISE });
      if (!outcome.ok) failures.push(`scene ${seed}: ${outcome.stage}: ${outcome.reason}`);
      else if (cell.error() > 0.02) faults.push(`scene ${seed}: placed ${cell.error()} m off`);
      if (cell.time_s > 20) faults.push(`scene ${seed}: took ${cell.time_s} s`);
      if (cell.worst_limit_ratio > 0.95) faults.push(`scene ${seed}: ${cell.worst_limit_ratio} of a limit`);
      faults.push(...[...cell.contacts, ...cell.jumps].map((text) => `scene ${seed}: ${text}`));
    }
    expect(faults).toEqual([]);
    expect(failures.length, failures.join('\n')).toBeLessThanOrEqual(scenes * 0.01);
  });

  test('a missed grasp is noticed by the fingers and tried again', () => {
    const { cell, outcome } = run(sceneOf(3), 3, { miss: [1] });
    expect(outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 2 });
    expect(cell.error()).toBeLessThan(0.02);
    expect(cell.contacts).toEqual([]);
  });

  test.each(['lift', 'transfer'] as const)('an object lost in %s is noticed and fetched again', (label) => {
    const scene = sceneOf(5);
    const { cell, outcome } = run(scene, 5, { drop: label });
    expect(outcome.ok, outcome.reason).toBe(true);
    expect(outcome.attempts).toBe(2);
    expect(cell.error()).toBeLessThan(0.02);
  });

  test('what cannot be done is said with its stage and reason', () => {
    expect(run(sceneOf(4), 4, { miss: [1, 2, 3] }).outcome).toMatchObject({ ok: false, stage: 'grasp' });
    const hidden = run(sceneOf(6), 6, { hide: true }).outcome;
    expect(hidden).toMatchObject({ ok: false, stage: 'perceive', attempts: 1 });
    expect(hidden.reason).toMatch(/^no .* seen in 10 frames; seen: /);
    const stopped = run(sceneOf(7), 7, { stop: 'lift' }).outcome;
    expect(stopped).toMatchObject({ ok: false, stage: 'safety', reason: 'lift: stopped by the safety gate' });
    const far = sceneOf(8);
    const unreachable = { ...far, goal: { ...far.goal, target: [1.2, 0.3, 0] as const } };
    const beyond = run(unreachable, 8).outcome;
    expect(beyond).toMatchObject({ ok: false, stage: 'plan' });
    expect(beyond.reason).toContain('cannot be brought to the target within the joint limits');
  });

  test('the same stream gives the same trajectories', () => {
    const labels = (seed: number): string => {
      const scene = sceneOf(seed);
      const rng = createRng(seed);
      const cell = new IdealCell(robot, scene, brute, rng.stream('cell'), { noise: NOISE });
      const task = pickPlace({ planner, goal: scene.goal, rng: rng.stream('task') });
      const log: string[] = [];
      let step = task.next();
      while (!step.done) {
        if (step.value.kind === 'move')
          log.push(`${step.value.label} ${[...step.value.trajectory.position].join(' ')}`);
        step = task.next(cell.answer(step.value));
      }
      return log.join('\n');
    };
    const first = labels(11);
    run(sceneOf(12), 12);
    expect(labels(11)).toBe(first);
  });

  test('stages come in their order', () => {
    const { cell } = run(sceneOf(9), 9);
    expect(cell.stages).toEqual(['perceive', 'plan', 'approach', 'grasp', 'lift', 'transfer', 'place', 'retreat']);
    expect(heightOf(cell.target.shape)).toBeGreaterThan(0);
  });
});
