import { describe, expect, it } from 'vitest';
import { quantile, wilson95 } from './statistics.ts';

describe('wilson95', () => {
  // Reference values: statsmodels.stats.proportion.proportion_confint(method="wilson").
  it.each([
    [95, 100, 0.8882496, 0.9784556],
    [0, 10, 0, 0.2775328],
    [10, 10, 0.7224672, 1],
    [970, 1000, 0.9575211, 0.9788967],
  ])('%d of %d', (k, n, low, high) => {
    const [a, b] = wilson95(k, n);
    expect(a).toBeCloseTo(low, 4);
    expect(b).toBeCloseTo(high, 4);
  });

  it('contains the proportion and narrows with n', () => {
    for (let n = 1; n < 60; n++) {
      for (let k = 0; k <= n; k++) {
        const [low, high] = wilson95(k, n);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        const [low4, high4] = wilson95(4 * k, 4 * n);
        expect(high4 - low4).toBeLessThan(high - low);
      }
    }
  });
});

describe('quantile', () => {
  it('is an order statistic', () => {
    expect(quantile([3, 1, 2, 4], 0.5)).toBe(2);
    expect(quantile([3, 1, 2, 4], 1)).toBe(4);
    expect(quantile([3, 1, 2, 4], 0)).toBe(1);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
