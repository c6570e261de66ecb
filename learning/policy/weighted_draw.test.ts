import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { weightedDraw } from './weighted_draw.ts';

describe('a weighted draw', () => {
  it('gives every sample as often as its weight says, and those without weight never', () => {
    const weights = Float32Array.of(0, 1, 3, 0, 6, 0);
    const draw = weightedDraw(weights);
    const rng = createRng(3);
    const counts = new Float64Array(weights.length);
    const draws = 20_000;
    for (let k = 0; k < draws; k++) counts[draw(rng)]++;
    weights.forEach((weight, k) => {
      const share = weight / 10;
      const deviation = Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs(counts[k] / draws - share), `sample ${k}`).toBeLessThanOrEqual(4 * deviation);
    });
  });

  it('refuses weights that are none by number', () => {
    expect(() => weightedDraw(Float32Array.of(1, Number.NaN))).toThrow('weight 1 is NaN');
    expect(() => weightedDraw(Float32Array.of(1, 2, -1))).toThrow('weight 2 is -1');
    expect(() => weightedDraw(new Float32Array(4))).toThrow('all 4 weights are 0');
  });
});
