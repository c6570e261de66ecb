import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { bestShift, correlation, indexAt, interpolate, quantileOf, robustDeviation, stretches } from './statistics.ts';

describe('statistics', () => {
  it('give the quantile that so many values do not exceed, of finite ones alone', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'quantile');
      const values = Array.from({ length: 1 + rng.int(30) }, () => rng.int(9));
      const fraction = rng.uniform();
      const quantile = quantileOf([...values, Number.NaN, Number.POSITIVE_INFINITY], fraction);
      const share = (holds: (value: number) => boolean) => values.filter(holds).length / values.length;
      expect(values, `seed ${seed}`).toContain(quantile);
      expect(
        share((value) => value <= quantile),
        `seed ${seed}`,
      ).toBeGreaterThanOrEqual(fraction - 1e-12);
      expect(
        share((value) => value < quantile),
        `seed ${seed}`,
      ).toBeLessThan(fraction + 1e-12);
    }
    expect(quantileOf([Number.NaN], 0.5)).toBeNaN();
  });

  it('give the deviation of normal values, whatever a tenth of them is', () => {
    const rng = createRng(3);
    const values = Array.from({ length: 4000 }, (_, k) => (k % 10 === 0 ? 1e6 : 5 + 2 * rng.normal()));
    expect(Math.abs(robustDeviation(values) - 2)).toBeLessThan(0.45);
  });

  it('interpolate as the two neighbours of a brute search do, and hold beyond the ends', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'interpolate');
      const times = Float64Array.from({ length: 2 + rng.int(20) }, () => rng.range(0, 10)).sort();
      const values = times.map(() => rng.normal());
      const at = rng.range(-1, 11);
      const later = times.findIndex((t) => t > at);
      expect(indexAt(times, at), `seed ${seed}`).toBe(later < 0 ? times.length - 1 : later - 1);
      const k = later < 0 ? times.length - 1 : later;
      const inside = later > 0;
      const expected = inside
        ? ((times[k] - at) * values[k - 1] + (at - times[k - 1]) * values[k]) / (times[k] - times[k - 1])
        : values[k];
      expect(interpolate(times, values, at), `seed ${seed}`).toBeCloseTo(expected, 9);
    }
  });

  it('correlate within ±1, the same whatever the scale, and find the shift that a signal was given', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'shift');
      const [phase, shift] = [rng.range(0, 6), rng.range(-0.5, 0.5)];
      const times = Float64Array.from({ length: 400 }, (_, k) => k / 50);
      const signal = (t: number) => Math.sin(2 * t + phase) + 0.4 * Math.sin(5 * t);
      const seen = times.map((t) => signal(t - shift));
      const at = (by: number) =>
        correlation(
          seen,
          times.map((t) => 7 - 3 * -signal(t - by)),
        );
      const best = bestShift(at, 0.6, 0.005);
      expect(Math.abs(best.shift - shift), `seed ${seed}`).toBeLessThanOrEqual(0.0026);
      expect(best.value, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-12);
      expect(
        correlation(
          seen,
          seen.map((value) => -2 * value),
        ),
      ).toBeCloseTo(-1, 12);
    }
    expect(correlation(new Float64Array(5), Float64Array.of(1, 2, 3, 4, 5))).toBe(0);
  });

  it('find every stretch that is long enough, whole and apart', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'stretches');
      const holds = Array.from({ length: rng.int(40) }, () => rng.uniform() < 0.6);
      const least = 1 + rng.int(4);
      const text = holds.map((is) => (is ? 'x' : '.')).join('');
      const expected = [...text.matchAll(/x+/g)]
        .filter(([run]) => run.length >= least)
        .map(({ 0: run, index }) => [index, index + run.length - 1]);
      expect(
        stretches(holds.length, least, (i) => holds[i]),
        `seed ${seed}`,
      ).toEqual(expected);
    }
  });
});
