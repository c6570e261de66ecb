import { beforeAll, describe, expect, test } from 'vitest';
import { createRng, DECLINE, type PickPlaceResult } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { SortTask } from '../sim/index.ts';
import { DoubtfulCell } from '../test/support/doubtful_cell.ts';
import { BruteForce, sceneOf } from '../test/support/planning_cell.ts';
import { sweep } from '../test/support/sweep.ts';
import { trueObjects } from '../test/support/task_cell.ts';
import type { TaskOptions } from './manipulation.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import { UNANSWERED } from './settle_doubts.ts';
import { startTask } from './start_task.ts';
import { TABLE_WORKCELL } from './workcell.ts';

let planner: PickPlanner;
let brute: BruteForce;

beforeAll(() => {
  const robot = loadRobot('panda');
  planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  brute = new BruteForce(robot, planner.motion.world.checkedPairs());
});

const SEED = 3;

interface Played {
  readonly cell: DoubtfulCell;
  readonly result: PickPlaceResult;
  /** Distance of the goal's object from its target at the end (m). */
  readonly error_m: number;
}

/** One object to be picked among others; `prepare` says what is in doubt and who answers what. */
function pick(prepare: (cell: DoubtfulCell) => void, options: TaskOptions = {}, seed = SEED): Played {
  const { objects, goal } = sceneOf(seed);
  const cell = new DoubtfulCell(planner, objects, brute, seed);
  prepare(cell);
  const task = startTask({ task: 'pick-place', ...goal }, planner, createRng(seed).stream('task'), options);
  let step = task.next();
  while (!step.done) step = task.next(cell.answer(step.value));
  const [target] = cell.scene.objects;
  const error_m = Math.hypot(target.x - goal.target[0], target.y - goal.target[1]);
  expect([...cell.contacts, ...cell.jumps]).toEqual([]);
  return { cell, result: step.value, error_m };
}

const untouched = ({ cell }: Played): boolean => !cell.stages.includes('approach');

describe('a task in doubt of what it is to take', () => {
  test('asks at once where the detector wants a person, and takes it on her word', () => {
    const played = pick((cell) => {
      cell.doubtful = (object) => (object === cell.target ? { verdict: 'escalate' } : null);
    });
    expect(played.result).toMatchObject({ ok: true, attempts: 1 });
    expect(played.error_m).toBeLessThan(0.02);
    expect(played.cell.asked.map(({ request_id, detections }) => [request_id, detections.length])).toEqual([
      ['overview/3', 1],
    ]);
    expect(played.cell.reasons[0]).toMatch(/ is uncertain; asks a person$/);
    expect(played.cell.moves).not.toContain('view');
  });

  test('takes what a person names against the guess, and knows it again where it was put', () => {
    const played = pick((cell) => {
      const guess = cell.target.class === 'box' ? 'cylinder' : 'box';
      cell.doubtful = (object) => (object === cell.target ? { verdict: 'escalate', guess } : null);
    });
    expect(played.result).toMatchObject({ ok: true, attempts: 1 });
    expect(played.cell.asked).toHaveLength(1);
  });

  test('does not take what a person says is something else', () => {
    const played = pick((cell) => {
      cell.doubtful = (object) => (object === cell.target ? { verdict: 'escalate' } : null);
      cell.reply = (_, { colour, class: name }) => ({
        answer: `${colour} ${name === 'box' ? 'cylinder' : 'box'}`,
        by: 'ada',
      });
    });
    expect(played.result).toMatchObject({ ok: false, stage: 'perceive' });
    expect(played.result.reason).toMatch(/^no .* seen in 10 frames/);
    expect(untouched(played)).toBe(true);
  });

  test.each([
    ['a person says so', { answer: DECLINE, by: 'ada' } as const, /is uncertain; ada says: skip$/],
    [
      'nobody answers',
      { end: 'expired', reason: 'nobody answered within 3 s' } as const,
      new RegExp(`^${UNANSWERED}: `),
    ],
    ['nobody asks', { end: 'withdrawn', reason: 'nobody asks people here' } as const, new RegExp(`^${UNANSWERED}: `)],
  ])('leaves it alone when %s', (_, reply, reason) => {
    const played = pick((cell) => {
      cell.doubtful = (object) => (object === cell.target ? { verdict: 'escalate' } : null);
      cell.reply = () => reply;
    });
    expect(played.result).toMatchObject({ ok: false, stage: 'perceive' });
    expect(played.result.reason).toMatch(reason);
    expect(untouched(played)).toBe(true);
  });

  test('asks anew when the object was gone after the answer, and gives up after some questions', () => {
    const played = pick((cell) => {
      cell.doubtful = (object) => (object === cell.target ? { verdict: 'escalate' } : null);
      cell.reply = () => ({ end: 'withdrawn', answer: 'red box', by: 'ada', reason: 'nothing is seen at its place' });
    });
    expect(played.cell.asked).toHaveLength(8);
    expect(played.result.reason).toMatch(/nobody is asked: 8 questions were asked before$/);
  });

  test('looks from above before it asks, without touching anything, and needs nobody when that is sure', () => {
    for (let seed = 0; seed < sweep(1, 4); seed++) {
      const played = pick(
        (cell) => {
          cell.doubtful = (object) => (object === cell.target ? { verdict: 'look_again', from_hand: 'accept' } : null);
        },
        {},
        seed,
      );
      expect(played.result, `seed ${seed}`).toMatchObject({ ok: true, attempts: 1 });
      expect(played.cell.asked, `seed ${seed}`).toEqual([]);
      expect(played.cell.moves.slice(0, 2), `seed ${seed}`).toEqual(['view', 'home']);
      expect(played.cell.reasons[1], `seed ${seed}`).toMatch(/ is uncertain; looked from above: /);
    }
  });

  test.each(['blur', 'glare'] as const)(
    'takes the word of a second picture where the first one suffers from %s',
    (fault) => {
      const played = pick((cell) => {
        cell.picture_faults = [fault];
        cell.doubtful = () => ({ verdict: 'look_again' });
      });
      expect(played.result).toMatchObject({ ok: true });
      expect(played.cell.asked).toEqual([]);
      expect(played.cell.moves).toContain('view');
    },
  );

  test.each(['covered', 'frozen', 'delayed', 'no_depth'] as const)(
    'concludes nothing from a picture that is %s',
    (fault) => {
      const played = pick((cell) => {
        cell.picture_faults = [fault];
      });
      expect(played.result).toMatchObject({ ok: false, stage: 'perceive' });
      expect(played.result.reason).toMatch(/^too little is seen in 10 frames/);
      expect(untouched(played)).toBe(true);
    },
  );

  test.each([undefined, 'look_again'] as const)('asks after a second look that gives %s', (from_hand) => {
    const played = pick((cell) => {
      const second = from_hand === undefined ? {} : { from_hand };
      cell.doubtful = (object) => (object === cell.target ? { verdict: 'look_again', ...second } : null);
    });
    expect(played.result.ok).toBe(true);
    expect(played.cell.asked.map(({ request_id }) => request_id)).toEqual([
      from_hand === undefined ? 'overview/3' : 'wrist/0',
    ]);
  });

  test('is in no doubt of what it does not want', () => {
    const played = pick((cell) => {
      cell.doubtful = (object) => (object === cell.target ? null : { verdict: 'escalate' });
    });
    expect(played.result).toMatchObject({ ok: true, attempts: 1 });
    expect(played.cell.asked).toEqual([]);
  });
});

describe('sorting in doubt', () => {
  test.each(['skip', 'fail'] as const)('brings the sure objects home first; unanswered ones %s', (unanswered) => {
    const { scene, goal } = new SortTask().reset(createRng(0).stream('sort'));
    const cell = new DoubtfulCell(planner, trueObjects(scene), brute, 0);
    const doubtful = cell.scene.objects[0];
    const before = [doubtful.x, doubtful.y];
    cell.doubtful = (object) => (object === doubtful ? { verdict: 'escalate' } : null);
    cell.reply = () => ({ end: 'expired', reason: 'nobody answered' });
    const task = startTask(goal, planner, createRng(0).stream('task'), { unanswered });
    let step = task.next();
    while (!step.done) step = task.next(cell.answer(step.value));
    expect(step.value).toMatchObject({ ok: false, stage: 'perceive', attempts: cell.scene.objects.length });
    expect(step.value.reason).toMatch(new RegExp(`^${UNANSWERED}: ${doubtful.colour} ${doubtful.class} at `));
    expect(cell.asked).toHaveLength(1);
    expect([doubtful.x, doubtful.y]).toEqual(before);
    expect(cell.grasps).toBe(cell.scene.objects.length - 1);
  });
});
