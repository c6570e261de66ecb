import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import {
  bootstrapInterval95,
  brierScore,
  calibrationError,
  type Judged,
  reliabilityBins,
} from './calibration_error.ts';
import { sigmoid } from './logistic.ts';

/** Outcomes drawn at the probability given, moved by `shift` log odds. */
function judged(n: number, seed: number, shift = 0): Judged[] {
  const rng = createRng(seed, 'judged');
  return Array.from({ length: n }, (_, i) => {
    const odds = 3 * rng.normal();
    return { probability: sigmoid(odds), right: rng.uniform() < sigmoid(odds + shift), picture: i >> 2 };
  });
}

describe('calibration error', () => {
  it('is small where probabilities are true, and grows with how far they are off', () => {
    let before = 0;
    for (const shift of [0, 0.5, 1, 2]) {
      const error = calibrationError(judged(20_000, 3, shift));
      expect(error).toBeGreaterThan(before);
      before = error;
    }
    expect(calibrationError(judged(20_000, 3))).toBeLessThan(0.012);
  });

  it('has bins of equal mass that hold every sample', () => {
    for (const n of [1, 7, 14, 15, 16, 100, 1001]) {
      const samples = judged(n, n);
      const bins = reliabilityBins(samples);
      expect(bins).toHaveLength(Math.min(15, n));
      const counts = bins.map(({ count }) => count);
      expect(counts.reduce((a, b) => a + b)).toBe(n);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      const mean = (read: (bin: (typeof bins)[number]) => number) =>
        bins.reduce((sum, bin) => sum + bin.count * read(bin), 0) / n;
      expect(mean((bin) => bin.accuracy)).toBeCloseTo(samples.filter(({ right }) => right).length / n, 12);
      expect(bins.map(({ confidence }) => confidence)).toEqual(
        bins.map(({ confidence }) => confidence).sort((a, b) => a - b),
      );
    }
  });

  it('is at least how far the mean is off, and at most one', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const samples = judged(200, seed, seed / 10);
      const off = samples.reduce((sum, { probability, right }) => sum + probability - (right ? 1 : 0), 0) / 200;
      expect(calibrationError(samples), `seed ${seed}`).toBeGreaterThanOrEqual(Math.abs(off) - 1e-12);
      expect(calibrationError(samples)).toBeLessThanOrEqual(1);
    }
  });

  it('and the Brier score, which true probabilities make least', () => {
    const samples = judged(20_000, 4);
    const moved = samples.map((sample) => ({ ...sample, probability: sample.probability ** 2 }));
    expect(brierScore(samples)).toBeLessThan(brierScore(moved));
    expect(brierScore([{ probability: 1, right: true, picture: 0 }])).toBe(0);
  });

  it('has intervals that hold the true value as often as they say', () => {
    let inside = 0;
    const rounds = 120;
    for (let seed = 1; seed <= rounds; seed++) {
      const rng = createRng(seed, 'pictures');
      // Outcomes of one picture go together.
      const samples = Array.from({ length: 60 }, (_, picture) => {
        const share = rng.uniform();
        return Array.from({ length: 4 }, () => ({ probability: 0.5, right: rng.uniform() < share, picture }));
      }).flat();
      const share = (drawn: readonly Judged[]) => drawn.filter(({ right }) => right).length / drawn.length;
      const [low, high] = bootstrapInterval95(samples, share, createRng(seed, 'bootstrap'), 200);
      if (low <= 0.5 && high >= 0.5) inside++;
    }
    expect(inside / rounds).toBeGreaterThan(0.87);
  });
});
