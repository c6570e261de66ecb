import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { advantageWeights, discountedReturns } from './advantage.ts';

describe('returns', () => {
  it('are 1 at the last step of a success, less by the discount a step before it, and 0 all along a failure', () => {
    const returns = discountedReturns(
      [
        { length: 3, success: true },
        { length: 2, success: false },
        { length: 1, success: true },
      ],
      0.5,
    );
    expect([...returns]).toEqual([0.25, 0.5, 1, 0, 0, 1]);
  });
});

describe('weights of advantages', () => {
  it('have mean 1, grow with the advantage, and the more evenly the higher the temperature', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'advantages');
      const count = 50;
      const returns = Float32Array.from({ length: count }, () => rng.uniform());
      const values = Float32Array.from({ length: count }, () => rng.uniform());
      const origin = Int32Array.from({ length: count }, (_, k) => count - 1 - k);
      const [sharp, even] = [0.3, 3].map((temperature) => advantageWeights(origin, returns, values, temperature));
      for (const weights of [sharp, even]) {
        expect(
          weights.reduce((sum, w) => sum + w / count, 0),
          `seed ${seed}`,
        ).toBeCloseTo(1, 4);
        const order = [...origin.keys()].sort((a, b) => advantage(a) - advantage(b));
        for (let k = 1; k < count; k++)
          expect(weights[order[k]], `seed ${seed}`).toBeGreaterThanOrEqual(weights[order[k - 1]]);
      }
      expect(Math.max(...sharp), `seed ${seed}`).toBeGreaterThan(Math.max(...even));
      function advantage(row: number): number {
        return returns[origin[row]] - values[origin[row]];
      }
    }
  });

  it('are all 1 where nothing turned out better than anything else', () => {
    expect([...advantageWeights(Int32Array.of(0, 1), Float32Array.of(1, 0), Float32Array.of(1, 0), 0.5)]).toEqual([
      1, 1,
    ]);
  });
});
