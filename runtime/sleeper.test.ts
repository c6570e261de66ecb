import { describe, expect, it } from 'vitest';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { Sleeper } from './sleeper.ts';

describe("the machine's monotonic clock", () => {
  it('is the one that all processes of the machine read', () => {
    for (let i = 0; i < 1000; i++) {
      const before_s = Number(process.hrtime.bigint()) / 1e9;
      const now_s = MACHINE_CLOCK.now_s();
      const after_s = Number(process.hrtime.bigint()) / 1e9;
      expect(now_s).toBeGreaterThan(before_s - 2e-5);
      expect(now_s).toBeLessThan(after_s + 2e-5);
    }
  });
});

describe('a sleeper', () => {
  it('wakes at its deadline or after it, never before, and at once when that has passed', () => {
    const sleeper = new Sleeper(MACHINE_CLOCK);
    for (let i = 0; i < 100; i++) {
      const deadline_s = MACHINE_CLOCK.now_s() + 0.0001 * (i % 20);
      expect(sleeper.until(deadline_s)).toBeGreaterThanOrEqual(deadline_s);
    }
    const begun_s = MACHINE_CLOCK.now_s();
    for (let i = 0; i < 1000; i++) sleeper.until(begun_s - 1);
    expect(MACHINE_CLOCK.now_s() - begun_s).toBeLessThan(0.2);
  });

  it('asks a clock that it is given', () => {
    const times = [1, 1.0002, 1.0004, 1.0006];
    let asked = 0;
    const clock = { now_s: () => times[Math.min(asked++, times.length - 1)] };
    expect(new Sleeper(clock).until(1.0005)).toBe(1.0006);
    expect(asked).toBe(4);
  });
});
