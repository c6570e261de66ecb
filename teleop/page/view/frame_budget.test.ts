import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { FrameBudget } from './frame_budget.ts';

const FASTEST_MS = 1000 / 30;

const take = (budget: FrameBudget, frame_ms: number, frames: number) => {
  for (let i = 0; i < frames; i++) budget.took(frame_ms);
};

describe('the frame budget', () => {
  it('draws as often as it may and takes at most half of the time, until that would be under 2 a second', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const rng = createRng(seed);
      const frame_ms = rng.uniform(0.1, 400);
      const budget = new FrameBudget(1, FASTEST_MS);
      take(budget, frame_ms, 200);
      expect(budget.interval_ms, `seed ${seed}`).toBeGreaterThanOrEqual(FASTEST_MS);
      expect(budget.interval_ms, `seed ${seed}`).toBeLessThanOrEqual(500);
      if (frame_ms < 250) expect(budget.interval_ms, `seed ${seed}`).toBeGreaterThanOrEqual(frame_ms * 1.99);
    }
  });

  it('draws coarser while frames take over 20 ms, down to half, and finer again when they are easy', () => {
    const budget = new FrameBudget(1, FASTEST_MS);
    take(budget, 40, 500);
    expect(budget.ratio).toBe(0.5);
    take(budget, 15, 500);
    expect(budget.ratio).toBe(0.5);
    take(budget, 3, 500);
    expect(budget.ratio).toBe(1);
  });

  it('changes the picture at most once in 20 frames', () => {
    const budget = new FrameBudget(1.5, FASTEST_MS);
    let since = 0;
    for (let i = 0; i < 400; i++) {
      since++;
      if (!budget.took(i % 2 === 0 ? 60 : 30)) continue;
      expect(since).toBeGreaterThanOrEqual(20);
      since = 0;
    }
  });
});
