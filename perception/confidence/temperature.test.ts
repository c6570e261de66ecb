import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { fitTemperature, softmax } from './temperature.ts';

const argmax = (values: ArrayLike<number>) => Array.from(values).indexOf(Math.max(...Array.from(values)));

describe('temperature', () => {
  it('never changes which class is likeliest', () => {
    const rng = createRng(41, 'temperature');
    for (let round = 0; round < 2000; round++) {
      const logits = Array.from({ length: 2 + rng.int(5) }, () => 20 * rng.normal());
      const T = Math.exp(rng.range(-3, 6));
      const p = softmax(logits, T);
      const say = `T ${T}, logits ${logits.join(' ')}`;
      expect(
        p.reduce((a, b) => a + b, 0),
        say,
      ).toBeCloseTo(1, 12);
      expect(p[argmax(logits)], say).toBe(Math.max(...p));
    }
  });

  it('finds the temperature that labels were drawn at', () => {
    for (const T of [0.3, 1, 4, 30]) {
      const rng = createRng(42, `T${T}`);
      const logits = Array.from({ length: 3000 }, () => Array.from({ length: 3 }, () => 2 * T * rng.normal()));
      const labels = logits.map((row) => {
        const p = softmax(row, T);
        let u = rng.uniform();
        return p.findIndex((share) => {
          u -= share;
          return u < 0;
        });
      });
      expect(fitTemperature(logits, labels) / T).toBeGreaterThan(0.9);
      expect(fitTemperature(logits, labels) / T).toBeLessThan(1.1);
    }
  });

  it('is the one of greatest likelihood', () => {
    const rng = createRng(43, 'likelihood');
    for (let round = 0; round < 30; round++) {
      const logits = Array.from({ length: 60 }, () => [5 * rng.normal(), 5 * rng.normal()]);
      const labels = logits.map((row) => (rng.uniform() < 0.8 ? argmax(row) : 1 - argmax(row)));
      const cost = (T: number) =>
        logits.reduce((sum, row, i) => sum - Math.log(softmax(row, T)[labels[i]] + 1e-300), 0);
      const T = fitTemperature(logits, labels);
      for (const other of [0.9 * T, 1.1 * T]) expect(cost(T), `round ${round}`).toBeLessThanOrEqual(cost(other) + 1e-9);
    }
  });

  it('stays within bounds where every label is the likeliest one, and where none says anything', () => {
    const [coldest, hottest] = [fitTemperature([[3, 0]], [0]), fitTemperature([[3, 0]], [1])];
    expect(coldest).toBeGreaterThanOrEqual(0.0099);
    expect(coldest).toBeLessThan(0.1);
    expect(hottest).toBeCloseTo(1000, 0);
    expect(Array.from(softmax([1000, -1000, Number.NEGATIVE_INFINITY], 0.01))).toEqual([1, 0, 0]);
  });
});
