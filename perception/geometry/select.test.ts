import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { selectSmallest } from './select.ts';

describe('the k-th smallest', () => {
  it('is what sorting finds, among few values and many, equal ones among them', () => {
    const seed = 5;
    const rng = createRng(seed).stream('select');
    for (let trial = 0; trial < 300; trial++) {
      const n = 1 + rng.int(trial % 10 === 0 ? 500 : 12);
      const steps = 1 + rng.int(40);
      const values = Float64Array.from({ length: n + 3 }, () => (Math.round(steps * rng.normal()) || 0) / steps);
      const sorted = values.slice(0, n).sort();
      const rest = values.slice(n);
      const k = rng.int(n);
      expect(selectSmallest(values, n, k), `seed ${seed} trial ${trial}: ${k} of ${sorted}`).toBe(sorted[k]);
      expect(values.slice(0, n).sort()).toEqual(sorted);
      expect(values.slice(n)).toEqual(rest);
    }
  });
});
