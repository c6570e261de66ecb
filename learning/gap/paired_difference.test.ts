import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { pairedDifference } from './paired_difference.ts';

it('is what was gained less what was lost, and changes its sign with the order', () => {
  const before = [true, true, false, false, true];
  const after = [true, false, true, true, true];
  const there = pairedDifference(before, after);
  const back = pairedDifference(after, before);
  expect(there.value).toBeCloseTo(0.2, 12);
  expect(back.value).toBeCloseTo(-0.2, 12);
  expect(back.ci95[0]).toBeCloseTo(-there.ci95[1], 12);
});

it('is narrower the more alike the episodes are, at equal shares', () => {
  const width = (swap: number) => {
    const before = Array.from({ length: 200 }, (_, i) => i < 100);
    const after = Array.from({ length: 200 }, (_, i) => (i < 100 ? i >= swap : i < 100 + swap));
    const { value, ci95 } = pairedDifference(before, after);
    expect(value).toBe(0);
    return ci95[1] - ci95[0];
  };
  expect(width(2)).toBeLessThan(width(20));
  expect(width(20)).toBeLessThan(width(80));
});

it('has the truth in its interval about as often as it says', () => {
  let inside = 0;
  const trials = 2000;
  for (let seed = 0; seed < trials; seed++) {
    const rng = createRng(seed);
    const draws = Array.from({ length: 100 }, () => rng.uniform());
    const before = draws.map((u) => u < 0.8);
    const after = draws.map((u) => u < 0.1 || (u >= 0.2 && u < 0.85));
    const { ci95 } = pairedDifference(before, after);
    if (ci95[0] <= -0.05 && -0.05 <= ci95[1]) inside++;
  }
  expect(inside / trials).toBeGreaterThan(0.93);
  expect(inside / trials).toBeLessThan(0.985);
});
