import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { Deadlines } from './deadlines.ts';

const PERIOD_S = 0.002;

/** Runs a loop that wakes `late(k)` seconds after its deadlines; returns the times of its cycles. */
function run(cycles: number, late: (k: number) => number, start_s = 100): { times: number[]; deadlines: Deadlines } {
  const deadlines = new Deadlines(PERIOD_S);
  deadlines.start(start_s);
  const times = Array.from({ length: cycles }, (_, k) => {
    const now_s = deadlines.next_s + late(k);
    deadlines.begin(now_s);
    return now_s;
  });
  return { times, deadlines };
}

describe('deadlines', () => {
  it('do not drift: after a million cycles, each a little late, the next is where it was to be', () => {
    const { deadlines } = run(1_000_000, () => 1e-4);
    expect(deadlines.skipped).toBe(0);
    expect(deadlines.next_s).toBeCloseTo(100 + 1_000_001 * PERIOD_S, 9);
    expect(deadlines.lateness_s).toBeCloseTo(1e-4, 9);
  });

  it('that were missed are skipped and counted, and never made up for by a burst', () => {
    const rng = createRng(5, 'lateness');
    // Mostly in time, now and then late by up to twenty periods.
    const { times, deadlines } = run(20_000, () =>
      rng.uniform() < 0.05 ? rng.range(0, 20 * PERIOD_S) : rng.range(0, 1e-4),
    );
    const gaps = times.slice(1).map((t, k) => t - times[k]);
    expect(Math.min(...gaps)).toBeGreaterThan(0.59 * PERIOD_S);
    expect(deadlines.skipped).toBeGreaterThan(1000);
    // Every deadline was either met or skipped.
    expect(deadlines.cycles + deadlines.skipped).toBe(Math.round((deadlines.next_s - 100) / PERIOD_S) - 1);
    expect(deadlines.next_s).toBeGreaterThan(times[times.length - 1]);
  });

  it('know which of them have passed', () => {
    const deadlines = new Deadlines(PERIOD_S);
    deadlines.start(7);
    for (let k = 0; k < 5000; k++) {
      expect(deadlines.passed(deadlines.time_s(k))).toBe(k);
      expect(deadlines.passed(deadlines.time_s(k) + 0.99 * PERIOD_S)).toBe(k);
    }
  });
});
