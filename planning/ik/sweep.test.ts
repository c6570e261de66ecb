import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { bytesPerCall } from '../../test/support/heap.ts';
import { SerialChain } from './chain.ts';
import { ClosedForm } from './closed_form.ts';
import { ClosedFormSweep } from './sweep.ts';

const panda = loadRobot('panda');
const { position_lower: lower, position_upper: upper } = panda.limits;
const home = panda.home_q.slice(0, 7);

function sweepOf(low = lower, high = upper): { chain: SerialChain; sweep: ClosedFormSweep } {
  const chain = new SerialChain(panda);
  const closed_form = ClosedForm.of(chain, low, high);
  if (closed_form === null) return expect.fail('no closed form');
  return { chain, sweep: new ClosedFormSweep(chain, closed_form, low, high) };
}

const squared = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0);

describe('sweep of a closed form', () => {
  test('gives rows within the limits, the nearest to the seed first', () => {
    const { chain, sweep } = sweepOf();
    const rng = createRng(1);
    for (let trial = 0; trial < 300; trial++) {
      const q = lower.map((low, j) => rng.range(low, upper[j]));
      chain.place(q);
      const count = sweep.nearest(chain.tool.slice(), home, trial % 2 === 0);
      const rows = Array.from({ length: count }, (_, i) => sweep.rows.slice(7 * i, 7 * i + 7));
      const distances = rows.map((row) => squared(row, home));
      expect(distances, `trial ${trial}`).toEqual([...distances].sort((a, b) => a - b));
      for (const row of rows) {
        row.forEach((x, j) => {
          expect(x, `trial ${trial}`).toBeGreaterThanOrEqual(lower[j] - 1e-6);
          expect(x, `trial ${trial}`).toBeLessThanOrEqual(upper[j] + 1e-6);
        });
      }
    }
  });

  test('looking thoroughly, nothing of a fine sweep is much nearer', () => {
    const { chain, sweep } = sweepOf();
    const rng = createRng(4);
    const all = new Float64Array(7 * 4000);
    let compared = 0;
    for (let trial = 0; trial < 60; trial++) {
      const seed = lower.map((low, j) => rng.range(low, upper[j]));
      chain.place(lower.map((low, j) => rng.range(low, upper[j])));
      const target = chain.tool.slice();
      const count = sweep.all(target, seed, 0.02, all);
      if (count === 0 || sweep.nearest(target, seed, true) === 0) continue;
      compared++;
      const fine = Array.from({ length: count }, (_, i) => squared(all.subarray(7 * i, 7 * i + 7), seed));
      expect(Math.sqrt(squared(sweep.rows.subarray(0, 7), seed)), `trial ${trial}`).toBeLessThan(
        1.25 * Math.sqrt(Math.min(...fine)),
      );
    }
    expect(compared).toBeGreaterThan(55);
  });

  test('finds the one angle of the free joint that reaches a pose with many joints at their limits', () => {
    const { chain, sweep } = sweepOf();
    const rng = createRng(2);
    for (let trial = 0; trial < 100; trial++) {
      const q = lower.map((low, j) => [low, upper[j], rng.range(low, upper[j])][rng.int(3)]);
      chain.place(q);
      const target = chain.tool.slice();
      let count = sweep.nearest(target, home, true);
      if (count === 0) count = sweep.closest(target, home);
      expect(count, `trial ${trial}`).toBeGreaterThan(0);
      chain.place(sweep.rows.map((x, k) => Math.min(upper[k % 7], Math.max(lower[k % 7], x))));
      for (let k = 0; k < 12; k++) expect(chain.tool[k], `trial ${trial}: ${[...q]}`).toBeCloseTo(target[k], 4);
    }
  });

  test('lists solutions over the whole range of the free joint', () => {
    const { chain, sweep } = sweepOf();
    chain.place(home);
    const target = chain.tool.slice();
    const out = new Float64Array(7 * 200);
    const count = sweep.all(target, home, 0.1, out);
    expect(count).toBeGreaterThan(20);
    const free = Array.from({ length: count }, (_, i) => out[7 * i + 6]);
    expect(Math.max(...free) - Math.min(...free)).toBeGreaterThan(1);
    for (let i = 0; i < count; i++) {
      chain.place(out, 7 * i);
      for (let k = 0; k < 12; k++) expect(chain.tool[k]).toBeCloseTo(target[k], 9);
    }
    expect(sweep.all(target, home, 0.1, out.subarray(0, 21))).toBe(3);
  });

  test('allocates nothing', () => {
    const narrow = (limits: Float64Array, by: number) => limits.map((x, j) => (j === 6 ? home[j] + by : x));
    const { chain, sweep } = sweepOf(narrow(lower, -0.3), narrow(upper, 0.3));
    chain.place(home);
    const target = chain.tool.slice();
    const near = target.slice();
    near[9] += 0.9;
    const work = (calls: number) => {
      for (let i = 0; i < calls; i++) {
        sweep.nearest(target, home, true);
        sweep.closest(near, home);
      }
    };
    work(2000);
    expect(bytesPerCall(100, work, 12, 63)).toBeLessThan(64);
  });
});
