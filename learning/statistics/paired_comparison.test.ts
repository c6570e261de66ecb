import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { comparePaired, mcnemar } from './paired_comparison.ts';

describe('a paired comparison', () => {
  it('has the exact p-values of a fair coin', () => {
    // scipy.stats.binomtest(k, n, 0.5).pvalue
    expect(mcnemar(0, 5)).toBeCloseTo(0.0625, 12);
    expect(mcnemar(2, 10)).toBeCloseTo(0.03857421875, 12);
    expect(mcnemar(10, 2)).toBeCloseTo(0.03857421875, 12);
    expect(mcnemar(4, 4)).toBe(1);
    expect(mcnemar(0, 0)).toBe(1);
  });

  it('covers the true difference of two policies that share their luck about as often as it says', () => {
    const rng = createRng(3, 'paired');
    let covered = 0;
    const rounds = 800;
    for (let round = 0; round < rounds; round++) {
      const first: boolean[] = [];
      const second: boolean[] = [];
      for (let k = 0; k < 120; k++) {
        const luck = rng.range(0, 1);
        first.push(luck < 0.9);
        second.push(rng.range(0, 1) < 0.5 ? luck < 0.8 : rng.range(0, 1) < 0.8);
      }
      const { interval } = comparePaired(first, second);
      if (interval[0] <= 0.1 && 0.1 <= interval[1]) covered++;
    }
    expect(covered / rounds).toBeGreaterThan(0.92);
    expect(covered / rounds).toBeLessThan(0.99);
  });

  it('changes sign with the order, and refuses outcomes without a partner', () => {
    const one = [true, true, false, true];
    const other = [false, true, false, false];
    const there = comparePaired(one, other);
    const back = comparePaired(other, one);
    expect(there).toMatchObject({ pairs: 4, first_only: 2, second_only: 0, difference: 0.5 });
    expect(back.interval[0]).toBeCloseTo(-there.interval[1], 12);
    expect(() => comparePaired(one, [true])).toThrow('4 and 1 outcomes');
  });
});
