import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { type FitParameter, leastSquares, type ResidualModel } from './least_squares.ts';
import { fitUncertainty, studentQuantile } from './uncertainty.ts';

const parameters: readonly FitParameter[] = [
  { name: 'rate', unit: '1/s', nominal: 1, lower: 0, upper: 5 },
  { name: 'height', unit: 'm', nominal: 1, lower: 0, upper: 4 },
  { name: 'nothing', unit: '', nominal: 0.5, lower: 0, upper: 1 },
];

/** Decaying curves of height·exp(−rate t) in several groups, with noise; the third parameter has no effect. */
function decays(rate: number, height: number, sigma: number, seed: number): ResidualModel {
  const rng = createRng(seed);
  const groups = 12;
  const told = Array.from({ length: groups }, () =>
    Float64Array.from({ length: 30 }, (_, k) => height * Math.exp(-rate * 0.05 * k) + sigma * rng.normal()),
  );
  const residuals = (p: Float64Array) => told.map((g) => g.map((y, k) => p[1] * Math.exp(-p[0] * 0.05 * k) - y));
  return { groups, channels: 1, residuals };
}

describe('bounded least squares', () => {
  it('finds what made the data, and says what it cannot', () => {
    const model = decays(2.2, 3.1, 0.01, 4);
    const fit = leastSquares(parameters, model, { iterations: 30 });
    expect(fit.values[0]).toBeCloseTo(2.2, 1);
    expect(fit.values[1]).toBeCloseTo(3.1, 1);
    expect(fit.error_after).toBeLessThan(0.05 * fit.error_before);
    const told = fitUncertainty(parameters, fit, createRng(1));
    expect(told.parameters.map(({ identifiable }) => identifiable)).toEqual([true, true, false]);
    expect(told.parameters[2]).toMatchObject({ after: 0.5, ci: [0, 1], reason: 'it hardly shows in these motions' });
    expect(told.rank).toBe(2);
  });

  it('its intervals hold the truth about as often as they say', () => {
    let inside = 0;
    const trials = 60;
    for (let seed = 0; seed < trials; seed++) {
      const fit = leastSquares(parameters, decays(2.2, 3.1, 0.05, seed), { iterations: 20 });
      const { ci } = fitUncertainty(parameters, fit, createRng(seed)).parameters[0];
      if (ci[0] <= 2.2 && 2.2 <= ci[1]) inside++;
    }
    expect(inside).toBeGreaterThanOrEqual(52);
  });

  it('names two parameters that only their product shows', () => {
    const base = decays(2.2, 3.1, 0.01, 4);
    const residuals = (p: Float64Array) => base.residuals(Float64Array.of(2.2, p[0] * p[1]));
    const fit = leastSquares(parameters.slice(0, 2), { ...base, residuals }, { iterations: 20 });
    const { parameters: rows } = fitUncertainty(parameters.slice(0, 2), fit, createRng(1));
    expect(rows[0].identifiable).toBe(false);
    expect(rows[0].reason).toBe('cannot be told apart from height');
  });

  it('a tenth of wild values moves it little', () => {
    const base = decays(2.2, 3.1, 0.01, 4);
    const residuals = (p: Float64Array) => base.residuals(p).map((g) => g.map((r, k) => (k % 10 === 3 ? r + 5 : r)));
    const fit = leastSquares(parameters, { ...base, residuals }, { iterations: 40 });
    expect(Math.abs(fit.values[0] - 2.2)).toBeLessThan(0.1);
  });

  it('refuses residuals that are no numbers, and none at all', () => {
    const bad = (residuals: ResidualModel['residuals']) => () =>
      leastSquares(parameters, { groups: 1, channels: 1, residuals }, { iterations: 3 });
    expect(bad(() => [Float64Array.of(1, Number.NaN)])).toThrow(InputError);
    expect(bad(() => [new Float64Array(0)])).toThrow(/motion/);
  });

  it("Student's quantile falls to the normal one", () => {
    for (const [freedom, exact] of [
      [3, 3.182],
      [5, 2.571],
      [19, 2.093],
      [1e6, 1.96],
    ] as const) {
      expect(Math.abs(studentQuantile(freedom) - exact)).toBeLessThan(freedom === 3 ? 0.05 : 0.01);
    }
  });
});
