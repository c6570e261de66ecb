import { describe, expect, it } from 'vitest';
import { createRng, quantile } from '../../contracts/index.ts';
import { LatencyHistogram } from './latency_histogram.ts';

describe('a histogram of latencies', () => {
  it('gives quantiles within a hundredth above the exact ones, and the exact mean', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'latencies');
      const values = Array.from({ length: 1 + rng.int(500) }, () => 10 ** rng.range(-5.5, 2.5));
      const histogram = new LatencyHistogram();
      for (const value of values) histogram.add(value);
      for (const share of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
        const exact = quantile(values, share);
        const found = histogram.quantile(share);
        expect(found, `seed ${seed} at ${share}`).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(found, `seed ${seed} at ${share}`).toBeLessThanOrEqual(exact * 1.0101);
      }
      expect(histogram.count).toBe(values.length);
      expect(histogram.mean_s).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 9);
    }
  });

  it('takes what is too short or too long, and nothing at all', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.quantile(0.5)).toBeNaN();
    for (const value of [0, 1e-9, 1e6]) histogram.add(value);
    expect(histogram.quantile(0.5)).toBe(1e-6);
    expect(histogram.quantile(1)).toBeGreaterThan(900);
  });
});
