import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { simplexSearch } from './simplex_search.ts';

describe('the simplex search', () => {
  it('finds the minimum of skewed quadratic bowls, and more steps never end higher', () => {
    const rng = createRng(1, 'bowls');
    for (let trial = 0; trial < 30; trial++) {
      const n = 2 + rng.int(4);
      const centre = Float64Array.from({ length: n }, () => rng.range(-1, 1));
      const steep = Float64Array.from({ length: n }, () => rng.range(0.5, 5));
      const bowl = (x: Float64Array) => {
        let sum = 0;
        for (let k = 0; k < n; k++) {
          const d = x[k] - centre[k] + 0.3 * (x[(k + 1) % n] - centre[(k + 1) % n]);
          sum += steep[k] * d * d;
        }
        return sum;
      };
      const reached = [20, 80, 400].map((steps) => bowl(simplexSearch(bowl, n, steps)));
      expect(reached[1]).toBeLessThanOrEqual(reached[0]);
      expect(reached[2]).toBeLessThanOrEqual(reached[1]);
      expect(reached[2], `trial ${trial}`).toBeLessThan(1e-6);
    }
  });

  it('follows the valley of Rosenbrock, the same every time', () => {
    const f = ([x, y]: Float64Array) => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    const found = simplexSearch(f, 2, 300);
    expect(found[0]).toBeCloseTo(1, 5);
    expect(found[1]).toBeCloseTo(1, 5);
    expect(simplexSearch(f, 2, 300)).toEqual(found);
  });
});
