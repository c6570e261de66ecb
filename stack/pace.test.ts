import { describe, expect, it } from 'vitest';
import { Pacer } from './pace.ts';

/** A pacer whose wall clock is moved by hand (s). */
function paced(rate: number, most_behind_s?: number) {
  const wall = { s: 100 };
  return { wall, pacer: new Pacer(rate, most_behind_s, () => 1000 * wall.s) };
}

describe('a pacer', () => {
  it('waits until the wall clock has come as far, at its rate', () => {
    const { wall, pacer } = paced(2);
    expect(pacer.ahead_s(1)).toBeCloseTo(0.5, 9);
    wall.s += 0.4;
    expect(pacer.ahead_s(1)).toBeCloseTo(0.1, 9);
    wall.s += 0.1;
    expect(pacer.ahead_s(1)).toBeCloseTo(0, 9);
    expect(paced(Number.POSITIVE_INFINITY).pacer.ahead_s(1e6)).toBe(0);
  });

  it('catches up with all that was lost where nothing bounds it', () => {
    const { wall, pacer } = paced(1);
    wall.s += 10;
    expect([1, 5, 9.9].map((t) => pacer.ahead_s(t))).toEqual([0, 0, 0]);
    expect(pacer.ahead_s(10.5)).toBeCloseTo(0.5, 9);
    expect(pacer.slipped_s).toBe(0);
  });

  it('lets simulated time slip beyond its bound, and catches up with no more', () => {
    const { wall, pacer } = paced(1, 0.05);
    wall.s += 0.03;
    expect(pacer.ahead_s(0)).toBe(0);
    expect(pacer.slipped_s).toBe(0);
    wall.s += 3;
    expect(pacer.ahead_s(0.03)).toBe(0);
    expect(pacer.slipped_s).toBeCloseTo(2.95, 9);
    // 50 ms are made up for at once, then time goes by the clock again.
    expect(pacer.ahead_s(0.079)).toBe(0);
    expect(pacer.ahead_s(0.09)).toBeCloseTo(0.01, 9);
    wall.s += 1;
    expect(pacer.ahead_s(1.085)).toBeCloseTo(0.005, 9);
  });
});
