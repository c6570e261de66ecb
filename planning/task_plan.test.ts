import { beforeAll, describe, expect, test } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { BruteForce, NOISE, playScenes, playTask, sceneOf } from '../test/support/planning_cell.ts';
import { sweep } from '../test/support/sweep.ts';
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

describe('pick and place with an ideal robot', () => {
  test('random scenes: placed within 20 mm and 20 s, free of contact at 0.005 rad, within the limits', () => {
    const seeds = Array.from({ length: sweep(4, 24) }, (_, seed) => seed);
    const { failures, faults } = playScenes(planner, brute, seeds);
    expect([...failures, ...faults]).toEqual([]);
  });

  test('a missed grasp is noticed by the fingers and tried again', () => {
    const { cell, outcome } = playTask(planner, brute, sceneOf(3), 3, { miss: [1] });
    expect(outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 2 });
    expect(cell.error()).toBeLessThan(0.02);
    expect(cell.contacts).toEqual([]);
  });

  test('a hand that comes to stand on something draws back the way it came, and looks again', () => {
    const moves: string[] = [];
    const { cell, outcome } = playTask(planner, brute, sceneOf(3), 3, { short: 'descend' }, (request) => {
      if (request.kind === 'move') moves.push(request.label);
    });
    expect(outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 2 });
    expect(moves.slice(0, 5)).toEqual(['approach', 'descend', 'draw back', 'abandon', 'approach']);
    expect(cell.jumps).toEqual([]);
    expect(cell.contacts).toEqual([]);
    expect(cell.error()).toBeLessThan(0.02);
  });

  test('a hand that touches something on the way down goes back the way it came from there, and looks again', () => {
    const moves: string[] = [];
    const guarded: string[] = [];
    const { cell, outcome } = playTask(planner, brute, sceneOf(3), 3, { touch: 'descend' }, (request) => {
      if (request.kind !== 'move') return;
      moves.push(request.label);
      if (request.most_N !== undefined) guarded.push(request.label);
    });
    expect(outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 2 });
    expect(moves.slice(0, 5)).toEqual(['approach', 'descend', 'draw back', 'abandon', 'approach']);
    expect(guarded).toEqual(['descend', 'descend', 'place']);
    expect(cell.jumps).toEqual([]);
    expect(cell.contacts).toEqual([]);
    expect(cell.error()).toBeLessThan(0.02);
  });

  test.each(['lift', 'transfer'] as const)('an object lost in %s is noticed and fetched again', (label) => {
    const { cell, outcome } = playTask(planner, brute, sceneOf(5), 5, { drop: label });
    expect(outcome.ok, outcome.reason).toBe(true);
    expect(outcome.attempts).toBe(2);
    expect(cell.error()).toBeLessThan(0.02);
  });

  test('a hand that closes on something but carries no weight has lost it; one that feels it goes on', () => {
    const light = playTask(planner, brute, sceneOf(5), 5, { weightless: 1 });
    expect(light.outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 2 });
    const felt = playTask(planner, brute, sceneOf(5), 5, { weightless: 0 });
    expect(felt.outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: 1 });
  });

  test('what is heavier than anything that was told of is put back where it stood', () => {
    const moves: string[] = [];
    const { cell, outcome } = playTask(planner, brute, sceneOf(5), 5, { weight_N: 14 }, (request) => {
      if (request.kind === 'move') moves.push(request.label);
    });
    const { x, y } = sceneOf(5).objects[0];
    expect(outcome).toMatchObject({ ok: false, stage: 'lift', attempts: 1 });
    expect(outcome.reason).toBe('the object weighs 14.0 N, more than 10 N');
    expect(moves).toEqual(['approach', 'descend', 'lift', 'put back', 'draw back', 'abandon']);
    expect(Math.hypot(cell.target.x - x, cell.target.y - y)).toBeLessThan(1e-3);
    expect(cell.jumps).toEqual([]);
    expect(playTask(planner, brute, sceneOf(5), 5, { weight_N: 9.9 }).outcome.ok).toBe(true);
  });

  test('fingers that something keeps apart lift nothing', () => {
    const { cell, outcome } = playTask(planner, brute, sceneOf(5), 5, { blocked_m: 0.079 });
    expect(outcome).toMatchObject({ ok: false, stage: 'grasp', attempts: 3 });
    expect(outcome.reason).toMatch(
      /^something is between the fingers: the fingers closed to 79.0 mm, expected \d+\.\d mm/,
    );
    expect(cell.stages).not.toContain('lift');
  });

  test('what cannot be done is said with its stage and reason', () => {
    const missed = playTask(planner, brute, sceneOf(4), 4, { miss: [1, 2, 3] }).outcome;
    expect(missed).toMatchObject({ ok: false, stage: 'grasp' });
    expect(missed.reason).toMatch(/^missed the object: the fingers closed to 0.0 mm, expected \d+\.\d mm/);
    const hidden = playTask(planner, brute, sceneOf(6), 6, { hide: true }).outcome;
    expect(hidden).toMatchObject({ ok: false, stage: 'perceive', attempts: 1 });
    expect(hidden.reason).toMatch(/^no .* seen in 10 frames; seen: /);
    const stopped = playTask(planner, brute, sceneOf(7), 7, { stop: 'lift' }).outcome;
    expect(stopped).toMatchObject({ ok: false, stage: 'safety', reason: 'lift: stopped by the safety gate' });
    const near = sceneOf(8);
    const far = { ...near, goal: { ...near.goal, target: [1.2, 0.3, 0] as const } };
    const beyond = playTask(planner, brute, far, 8).outcome;
    expect(beyond).toMatchObject({ ok: false, stage: 'plan' });
    expect(beyond.reason).toContain('cannot be brought to the target within the joint limits');
  });

  test('the same stream gives the same trajectories, whatever was planned before', () => {
    const log = (): string => {
      const lines: string[] = [];
      playTask(planner, brute, sceneOf(11), 11, { noise: NOISE }, (request) => {
        if (request.kind === 'move') lines.push(`${request.label} ${[...request.trajectory.position].join(' ')}`);
      });
      return lines.join('\n');
    };
    const first = log();
    playTask(planner, brute, sceneOf(12), 12);
    expect(log()).toBe(first);
  });

  test('stages come in their order', () => {
    const { cell } = playTask(planner, brute, sceneOf(9), 9);
    expect(cell.stages).toEqual(['perceive', 'plan', 'approach', 'grasp', 'lift', 'transfer', 'place', 'retreat']);
  });
});
