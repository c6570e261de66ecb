import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleRun } from '../../test/support/sample_run.ts';
import { MAX_SAMPLES, plotData, thin } from './series.ts';

it('thins to the limit, in order, keeping ends and the greatest value', () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 3000 });
  fc.assert(
    fc.property(values, fc.integer({ min: 3, max: 700 }), (series, limit) => {
      const kept = thin(series, limit);
      expect(kept.length).toBeLessThanOrEqual(limit);
      expect(kept[0]).toBe(0);
      expect(kept.at(-1)).toBe(series.length - 1);
      for (let i = 1; i < kept.length; i++) expect(kept[i]).toBeGreaterThan(kept[i - 1]);
      const greatest = (list: readonly number[]) => list.reduce((a, b) => Math.max(a, b));
      expect(greatest(kept.map((i) => series[i]))).toBe(greatest(series));
    }),
    { numRuns: 200, seed: 3 },
  );
});

it('gives a plot as columns of equal length', async () => {
  const [episode] = (await sampleRun(1)).episodes;
  const { t, q, speed, joints } = plotData(episode);
  expect(t.length).toBeLessThanOrEqual(MAX_SAMPLES);
  expect(joints).toHaveLength(7);
  expect([...q.map((column) => column.length), speed.length]).toEqual(Array.from({ length: 8 }, () => t.length));
});
