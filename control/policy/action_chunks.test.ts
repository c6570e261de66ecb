import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { ActionChunks } from './action_chunks.ts';

describe('chunks of actions', () => {
  it('give the weighted mean of all that reach to a step, for random chunks that come late or not at all', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'action chunks');
      const size = 1 + rng.int(4);
      const length = 1 + rng.int(12);
      const decay = rng.int(4) === 0 ? Number.POSITIVE_INFINITY : rng.range(0, 0.5);
      const chunks = new ActionChunks({ size, length, decay });
      const kept = new Map<number, number[]>();
      const late: { from: number; due: number; chunk: number[] }[] = [];
      for (let step = 0; step < 60; step++) {
        const chunk = Array.from({ length: size * length }, () => rng.normal());
        if (rng.int(3) > 0) late.push({ from: step, due: step + rng.int(4), chunk });
        for (const answer of late) {
          if (answer.due !== step) continue;
          chunks.add(answer.from, answer.chunk);
          kept.set(answer.from, answer.chunk);
        }
        const covering = [...kept].filter(([from]) => from <= step && step < from + length).sort(([a], [b]) => a - b);
        const out = new Float64Array(size).fill(7);
        expect(chunks.at(step, out), `seed ${seed}, step ${step}`).toBe(covering.length);
        const column = covering.map(([from, c]) => c[(step - from) * size]);
        const apart = covering.length === 0 ? 0 : Math.max(...column) - Math.min(...column);
        expect(chunks.spread(step, 0, 1), `seed ${seed}, step ${step}`).toBeCloseTo(apart, 12);
        const weights = covering.map((_, i) => (i === 0 ? 1 : Math.exp(-decay * i)));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        for (let k = 0; k < size; k++) {
          const mean = covering.reduce(
            (total, [from, c], i) => total + (weights[i] * c[(step - from) * size + k]) / sum,
            0,
          );
          expect(out[k], `seed ${seed}, step ${step}`).toBeCloseTo(covering.length === 0 ? 7 : mean, 10);
        }
      }
    }
  });

  it('an older answer does not replace a younger one, and cleared chunks say nothing', () => {
    const chunks = new ActionChunks({ size: 1, length: 2, decay: 0 });
    const out = new Float64Array(1);
    chunks.add(4, [1, 2]);
    chunks.add(2, [9, 9]);
    expect(chunks.at(4, out)).toBe(1);
    expect(out[0]).toBe(1);
    expect(chunks.at(3, out)).toBe(0);
    chunks.clear();
    expect(chunks.at(4, out)).toBe(0);
  });

  it('refuses sizes that make no sense, and allocates nothing', () => {
    expect(() => new ActionChunks({ size: 0, length: 2, decay: 0 })).toThrow(InputError);
    expect(() => new ActionChunks({ size: 1, length: 1.5, decay: 0 })).toThrow('chunk length 1.5');
    expect(() => new ActionChunks({ size: 1, length: 2, decay: -1 })).toThrow('decay');
    const chunks = new ActionChunks({ size: 8, length: 20, decay: 0.01 });
    const chunk = new Float32Array(160).fill(0.5);
    const out = new Float64Array(8);
    let step = 0;
    const growth = heapGrowthPerCall(() => {
      chunks.add(step++, chunk);
      chunks.at(step, out);
    }, 2000);
    expect(growth).toBeLessThan(BOXED_NUMBER + 1);
  });
});
