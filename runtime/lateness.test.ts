import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { LatenessHistogram } from './lateness.ts';

describe('a histogram of lateness', () => {
  const rng = createRng(9, 'lateness');
  const samples = Array.from({ length: 20_000 }, () => 1e-3 * Math.exp(1.5 * rng.normal() - 2));
  const histogram = new LatenessHistogram();
  for (const sample of samples) histogram.add(sample);
  const sorted = samples.toSorted((a, b) => a - b);

  it('counts as a sort does', () => {
    expect(histogram.total).toBe(samples.length);
    for (const limit_s of [0.0005, 0.001, 0.005]) {
      expect(histogram.countOver(limit_s)).toBe(samples.filter((sample) => sample >= limit_s).length);
    }
  });

  it('gives quantiles within a microsecond of those of a sort', () => {
    for (const p of [0.5, 0.9, 0.99, 0.999]) {
      const exact = sorted[Math.ceil(p * sorted.length) - 1];
      expect(histogram.quantile(p) - exact, `p ${p}`).toBeGreaterThanOrEqual(0);
      expect(histogram.quantile(p) - exact, `p ${p}`).toBeLessThanOrEqual(1.001e-6);
    }
  });

  it('adds up, keeps what is far too late, and takes early for not late', () => {
    const other = new LatenessHistogram();
    other.add(7);
    other.add(-1);
    other.merge(histogram);
    expect(other.total).toBe(samples.length + 2);
    expect(other.countOver(0.05)).toBe(1 + samples.filter((sample) => sample >= 0.05).length);
    other.clear();
    expect(other.total).toBe(0);
    expect(other.quantile(0.5)).toBe(0);
  });
});
