import { describe, expect, test } from 'vitest';
import type { PickPlaceResult, PlanStageRow } from '../contracts/index.ts';
import { TaskProgress } from './task_progress.ts';

const row: PlanStageRow = {
  ...{ depth: 0, name: 'pick', kind: 'serial', tried: 2, solutions: 1, best_cost: 1.5, failures: [] },
};
const end = (part: Partial<PickPlaceResult>): PickPlaceResult => ({
  ...{ ok: true, stage: 'retreat', reason: '', attempts: 3 },
  ...part,
});

function progressAt(stages: readonly string[], reason = ''): TaskProgress {
  const progress = new TaskProgress();
  for (const [k, stage] of stages.entries()) progress.enter({ stage, attempt: k + 1, reason });
  return progress;
}

describe('what a task under way tells of itself', () => {
  test('every time the hand closes to take something is an attempt, whether it got it or not', () => {
    const picks = progressAt(['approach', 'grasp', 'lift', 'approach', 'grasp', 'perceive', 'grasp']).picks(
      { done: 2 },
      end({}),
    );
    expect(picks).toEqual({ attempts: 3, done: 2 });
  });

  test('giving up because nothing can be taken is one more attempt; a task of one object counts none', () => {
    const progress = progressAt(['approach', 'grasp', 'plan']);
    expect(progress.picks({ done: 1 }, end({ ok: false, stage: 'plan' }))).toEqual({ attempts: 2, done: 1 });
    expect(progress.picks({ done: 1 }, end({ ok: false, stage: 'grasp' }))).toEqual({ attempts: 1, done: 1 });
    expect(progress.picks({ done: 1 }, null)).toEqual({ attempts: 1, done: 1 });
    expect(progress.picks({}, end({}))).toBeNull();
  });

  test('a hand that does not get to where it would close has made an attempt, too', () => {
    const again = progressAt(
      ['perceive', 'plan', 'approach', 'perceive', 'plan', 'approach', 'grasp'],
      'came down on it',
    );
    expect(again.picks({ done: 1 }, end({}))).toEqual({ attempts: 2, done: 1 });
    const ended = progressAt(['perceive', 'plan', 'approach']);
    expect(ended.picks({ done: 0 }, end({ ok: false, stage: 'approach' }))).toEqual({ attempts: 1, done: 0 });
  });

  test('the latest rows of its plans are kept, those of the end last', () => {
    const progress = new TaskProgress();
    progress.enter({ stage: 'approach', attempt: 1, reason: '', plan_stages: [row] });
    progress.enter({ stage: 'grasp', attempt: 1, reason: '' });
    expect(progress.plan_stages).toEqual([row]);
    progress.end(end({ plan_stages: [row, row] }));
    expect(progress.plan_stages).toHaveLength(2);
    progress.end(end({}));
    expect(progress.plan_stages).toHaveLength(2);
    expect([progress.stage, progress.attempts, progress.grasps]).toEqual(['grasp', 1, 1]);
  });
});
