import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { stopStatistics } from '../stop_response.ts';
import { judgeStopTest } from './stop_test.ts';

/** Twenty stops that begin about so long after they are asked for, by a driver of 40 ms. */
function judge(deceleration_s: number, unseen = 0, within_s = 0.1) {
  const rng = createRng(8, 'stop_test');
  const trials = Array.from({ length: 20 }, (_, k) => {
    const late_s = deceleration_s + 0.004 * (rng.uniform() - 0.5);
    const times = { deceleration_s: late_s, standstill_s: late_s + 0.1 };
    return { ...(k < unseen ? { deceleration_s: null, standstill_s: null } : times), cruise_rad_per_s: 0.1 };
  });
  return judgeStopTest(stopStatistics(trials), { settings: { ...DEFAULT_SETTINGS, deceleration_within_s: within_s } });
}

const words = (outcome: ReturnType<typeof judge>) => outcome.findings.map(({ what }) => what).join(' ');

describe('stop test', () => {
  it('passes stops that are as quick as the driver is', () => {
    const { verdict, measurements } = judge(0.05);
    expect(verdict).toBe('passed');
    expect(measurements.reaction_bound_s).toBeGreaterThan(0.05);
    expect(measurements.reaction_bound_s).toBeLessThan(0.06);
  });

  it('names latency that the driver does not account for, whatever stops may take', () => {
    for (const within_s of [0.1, 0.5]) {
      const late = judge(0.13, 0, within_s);
      expect(late.verdict).toBe('failed');
      expect(words(late)).toMatch(/about (89|90|91) ms of it is latency beyond the driver's own 40 ms/);
    }
  });

  it('fails where a stop was not seen', () => {
    const blind = judge(0.05, 2);
    expect(blind.verdict).toBe('failed');
    expect(words(blind)).toContain('2 of 20 stops were not seen');
  });
});
