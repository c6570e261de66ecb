import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { StepClock } from './step_clock.ts';

const DT_S = 0.002;

describe('the clock of steps', () => {
  it('makes every step once, and gives up only what is more than a tenth of a second old', () => {
    const rng = createRng(1);
    const clock = new StepClock(DT_S);
    let [now_s, made, passed] = [0, 0, 0];
    for (let k = 0; k < 2000; k++) {
      now_s += rng.uniform() < 0.01 ? rng.range(0, 0.5) : rng.range(0, 2 * DT_S);
      passed = Math.floor(now_s / DT_S);
      const due = clock.due(passed, now_s, true);
      expect(due, `turn ${k}`).toBeLessThanOrEqual(50);
      made += due;
    }
    const { late, lost } = clock.timing();
    expect(made + lost).toBe(passed);
    expect(lost).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(0);
  });

  it('owes nothing for the time in which nothing ran', () => {
    const clock = new StepClock(DT_S);
    expect(clock.due(10, 0.02, true)).toBe(10);
    expect(clock.due(5000, 10, false)).toBe(0);
    expect(clock.due(5001, 10.002, true)).toBe(1);
    expect(clock.timing().lost).toBe(0);
  });

  it.each([0.1, 1, 10])('knows how fast time passes at a pace of %d', (pace) => {
    const clock = new StepClock(DT_S / pace);
    const slow = new StepClock(DT_S / pace);
    for (let k = 1; k <= 3000; k++) {
      const now_s = k * 0.001;
      const passed = Math.floor((now_s * pace) / DT_S + 1e-9);
      clock.due(passed, now_s, true);
      // Looks once in 0.2 s, so that half of what falls due is given up.
      if (k % 200 === 0) slow.due(passed, now_s, true);
    }
    expect(clock.timing().real_time_factor).toBeCloseTo(1, 1);
    expect(slow.timing().real_time_factor).toBeCloseTo(0.5, 1);
  });
});
