import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { meanMaximumRankViolation } from './rank_violation.ts';

it('is nothing for the same order, however far the worlds are apart', () => {
  for (let seed = 0; seed < 50; seed++) {
    const rng = createRng(seed);
    const from = Array.from({ length: 8 }, () => rng.uniform());
    expect(
      meanMaximumRankViolation(
        from,
        from.map((v) => v ** 3 * 0.4),
      ),
      `seed ${seed}`,
    ).toBe(0);
  }
});

it('is the gap between two policies whose order is wrong, for both of them', () => {
  expect(meanMaximumRankViolation([0.4, 0.6], [0.7, 0.4])).toBeCloseTo(0.3, 12);
  // A third that is right with both takes no part.
  expect(meanMaximumRankViolation([0.4, 0.6, 0.1], [0.7, 0.4, 0.2])).toBeCloseTo(0.2, 12);
});

it('counts the worst of several, as in the worked example of three', () => {
  // Order by the first: 2, 1, 0; by the second: 0, 1, 2.
  const to = [0.9, 0.6, 0.1];
  expect(meanMaximumRankViolation([0.1, 0.2, 0.3], to)).toBeCloseTo((0.8 + 0.5 + 0.8) / 3, 12);
});
