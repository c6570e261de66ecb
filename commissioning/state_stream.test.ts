import { describe, expect, it } from 'vitest';
import { createRng, quantile } from '../contracts/index.ts';
import { judgeStateStream } from './state_stream.ts';

/** 10 s at 100 Hz with a delay, a jitter and a clock that is off and drifts. */
function stream({ delay_s = 0.002, jitter_s = 0, offset_s = 0, drift = 0, lost = 0 }, seed = 3) {
  const rng = createRng(seed, 'state_stream');
  return Array.from({ length: 1000 }, (_, k) => {
    const now_s = 100 + k / 100;
    return { stamp_s: now_s + offset_s - drift * k * 0.01, arrived_s: now_s + delay_s + jitter_s * rng.uniform() };
  }).filter((_, k) => k === 0 || rng.uniform() >= lost || k === 999);
}

describe('stream of joint states', () => {
  it('gives rate, delay and jitter back', () => {
    const report = judgeStateStream(stream({ delay_s: 0.003, jitter_s: 0.004 }));
    expect(report.rate_hz).toBeCloseTo(100, 1);
    expect(report.age_s).toBeCloseTo(0.003, 3);
    expect(report.jitter_s).toBeGreaterThan(0.0035);
    expect(report.jitter_s).toBeLessThan(0.004);
    expect(report.out_of_order).toBe(0);
    expect(report.longest_gap_s).toBeCloseTo(0.01, 6);
  });

  it('sees an offset, a drift and what is lost', () => {
    expect(judgeStateStream(stream({ offset_s: 0.5 })).age_s).toBeCloseTo(-0.498, 6);
    expect(judgeStateStream(stream({ drift: 1e-4 })).drift).toBeCloseTo(1e-4, 5);
    const gaps = judgeStateStream(stream({ lost: 0.5 }));
    expect(gaps.rate_hz).toBeLessThan(60);
    expect(gaps.longest_gap_s).toBeGreaterThan(0.03);
  });

  it('counts stamps that go back', () => {
    const mixed = stream({});
    [mixed[10], mixed[11]] = [mixed[11], mixed[10]];
    expect(judgeStateStream(mixed).out_of_order).toBe(1);
  });

  it('takes quantiles by rank', () => {
    expect(quantile([3, 1, 2, 4], 0.5)).toBe(2);
    expect(quantile([3, 1, 2, 4], 1)).toBe(4);
    expect(quantile([5], 0.01)).toBe(5);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
