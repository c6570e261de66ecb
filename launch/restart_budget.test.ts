import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { restartSchema } from './graph.ts';
import { RestartBudget } from './restart_budget.ts';

describe('restart budget', () => {
  it('never starts again what is never to be', () => {
    const budget = new RestartBudget(restartSchema.parse({ policy: 'never' }));
    expect(budget.onEnd(0, 'planning ended')).toMatchObject({ again: false });
    expect(budget.restarts).toBe(0);
  });

  it('waits twice as long after each end within the window, and afresh after a quiet one', () => {
    const budget = new RestartBudget(restartSchema.parse({ max: 4, within_s: 10, backoff_s: 0.5 }));
    const waits = [0, 1, 2, 3].map((now_s) => budget.onEnd(now_s, 'it ended'));
    expect(waits.map((decision) => decision.again && decision.after_s)).toEqual([0.5, 1, 2, 4]);
    expect(budget.onEnd(4, 'it ended')).toEqual({
      again: false,
      reason: 'it ended; it was started again 4 times within 10 s already',
    });
    expect(budget.onEnd(20, 'it ended')).toEqual({ again: true, after_s: 0.5 });
  });

  it('allows at most max starts in any window, for random ends', () => {
    const rng = createRng(7);
    for (let round = 0; round < 200; round++) {
      const max = rng.int(5);
      const within_s = rng.range(1, 20);
      const budget = new RestartBudget(restartSchema.parse({ max, within_s, backoff_s: 0 }));
      const starts: number[] = [];
      let now_s = 0;
      for (let i = 0; i < 40; i++) {
        now_s += rng.range(0, 5);
        if (budget.onEnd(now_s, 'ended').again) starts.push(now_s);
      }
      const most = Math.max(0, ...starts.map((at) => starts.filter((s) => s >= at && s <= at + within_s).length));
      expect(most, `round ${round}`).toBeLessThanOrEqual(Math.max(max, 0));
      expect(budget.restarts).toBe(starts.length);
    }
  });
});
