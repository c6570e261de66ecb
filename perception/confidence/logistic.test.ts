import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { fitLogistic, logOdds, sigmoid } from './logistic.ts';

function drawn(n: number, seed: number) {
  const rng = createRng(seed, 'logistic');
  const truth = [rng.range(-2, 2), rng.range(-2, 2), rng.range(-2, 2)];
  const bias = rng.range(-1, 1);
  const x = Array.from({ length: n }, () => [3 + 2 * rng.normal(), 10 * rng.normal(), rng.normal()]);
  const odds = (row: readonly number[]) =>
    bias + truth[0] * (row[0] - 3) * 0.5 + truth[1] * row[1] * 0.1 + truth[2] * row[2];
  return { x, y: x.map((row) => rng.uniform() < sigmoid(odds(row))), odds };
}

describe('logistic model', () => {
  it('finds the odds that outcomes were drawn from', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { x, y, odds } = drawn(20_000, seed);
      const model = fitLogistic(x, y, 1e-3);
      const off = x.slice(0, 500).map((row) => Math.abs(sigmoid(logOdds(model, row)) - sigmoid(odds(row))));
      expect(Math.max(...off), `seed ${seed}`).toBeLessThan(0.05);
    }
  });

  it('gives as many as there are, on the whole and along each feature: its likelihood is at its greatest', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { x, y } = drawn(400, seed);
      const model = fitLogistic(x, y, 0);
      const rest = x.map((row, i) => sigmoid(logOdds(model, row)) - (y[i] ? 1 : 0));
      for (const k of [-1, 0, 1, 2]) {
        const sum = x.reduce((s, row, i) => s + rest[i] * (k < 0 ? 1 : (row[k] - model.means[k]) / model.scales[k]), 0);
        expect(Math.abs(sum), `seed ${seed}, feature ${k}`).toBeLessThan(1e-3);
      }
    }
  });

  it('stays finite where the classes part, where a feature is constant, and where only one class occurs', () => {
    const x = Array.from({ length: 40 }, (_, i) => [i, 7]);
    for (const y of [x.map(([v]) => v > 20), x.map(() => true), x.map(() => false)]) {
      const { weights, bias } = fitLogistic(x, y);
      expect([...weights, bias].every(Number.isFinite)).toBe(true);
      const share = sigmoid(logOdds(fitLogistic(x, y), [39, 7]));
      expect(share).toBeGreaterThan(y[39] ? 0.9 : -1);
      expect(share).toBeLessThan(y[39] ? 1 : 0.1);
    }
  });

  it('does not depend on the units of features', () => {
    const { x, y } = drawn(500, 3);
    const one = fitLogistic(x, y);
    const other = fitLogistic(
      x.map(([a, b, c]) => [1000 * a, b - 50, c / 1e4]),
      y,
    );
    const [a, b, c] = x[7];
    expect(logOdds(other, [1000 * a, b - 50, c / 1e4])).toBeCloseTo(logOdds(one, x[7]), 6);
  });

  it('refuses rows that do not fit', () => {
    for (const [x, y] of [
      [[], []],
      [
        [[1], [2, 3]],
        [true, false],
      ],
      [[[Number.NaN]], [true]],
      [[[1]], [true, false]],
    ] as const) {
      expect(() => fitLogistic(x, y)).toThrow(InputError);
    }
  });
});
