import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import {
  type FeatureStatistics,
  joinStatistics,
  namedStatistics,
  PictureHistogram,
  QUANTILES,
  rowStatistics,
} from './statistics.ts';

const SEEDS = 25;
const rngOf = (seed: number) => createRng(seed).stream('statistics');

function drawn(rng: Rng, rows: number, width: number): Float64Array {
  const [spread, shift] = [10 ** rng.range(-2, 3), rng.range(-5, 5)];
  // Values that repeat, too.
  return Float64Array.from({ length: rows * width }, () =>
    rng.uniform() < 0.3 ? rng.int(4) : shift + spread * rng.normal(),
  );
}

/** numpy.quantile, method linear: the polyline through (k/(n−1), x_k). */
function polyline(sorted: readonly number[], q: number): number {
  const n = sorted.length;
  if (n === 1) return sorted[0];
  const k = sorted.findIndex((_, i) => i === n - 2 || q <= (i + 1) / (n - 1));
  const t = q * (n - 1) - k;
  return (1 - t) * sorted[k] + t * sorted[k + 1];
}

/** One pass (Welford, 1962). */
function moments(values: readonly number[]): { readonly mean: number; readonly std: number } {
  let [mean, squares] = [0, 0];
  values.forEach((value, k) => {
    const before = value - mean;
    mean += before / (k + 1);
    squares += before * (value - mean);
  });
  return { mean, std: Math.sqrt(squares / values.length) };
}

const columnOf = (values: Float64Array, width: number, j: number) => [...values].filter((_, k) => k % width === j);

function near(a: readonly number[], b: readonly number[], scale: number, what: string): void {
  expect(a.length, what).toBe(b.length);
  a.forEach((value, k) => {
    if (Number.isNaN(b[k])) expect(value, what).toBeNaN();
    else expect(Math.abs(value - b[k]), `${what}: ${value} and ${b[k]}`).toBeLessThanOrEqual(1e-9 * scale);
  });
}

function alike(a: FeatureStatistics, b: FeatureStatistics, scale: number, what: string): void {
  for (const name of ['min', 'max', 'mean', 'std'] as const) near(a[name], b[name], scale, `${what}, ${name}`);
  expect(a.count, what).toBe(b.count);
  for (const q of QUANTILES.keys()) near(a.quantiles[q], b.quantiles[q], scale, `${what}, quantile ${QUANTILES[q]}`);
}

const sizeOf = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v) || 0), 1);

describe('statistics of rows', () => {
  it('are those of numpy: population deviation, linear quantiles', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = rngOf(seed);
      const [rows, width] = [1 + rng.int(40), 1 + rng.int(4)];
      const values = drawn(rng, rows, width);
      const made = rowStatistics(values, width);
      const columns = Array.from({ length: width }, (_, j) => columnOf(values, width, j).sort((a, b) => a - b));
      const expected = {
        min: columns.map((all) => Math.min(...all)),
        max: columns.map((all) => Math.max(...all)),
        mean: columns.map((all) => moments(all).mean),
        std: columns.map((all) => moments(all).std),
        count: rows,
        quantiles: QUANTILES.map((q) => columns.map((all) => polyline(all, q))),
      };
      alike(made, expected, sizeOf(values), `seed ${seed}`);
    }
  });

  it('do not depend on the order of rows, and follow every shift and stretch of values', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = rngOf(seed);
      const values = drawn(rng, 2 + rng.int(30), 1);
      const [a, b] = [rng.range(0.1, 3), rng.range(-4, 4)];
      const made = rowStatistics(values, 1);
      alike(rowStatistics(values.slice().reverse(), 1), made, sizeOf(values), `seed ${seed}, reversed`);
      const mapped = (all: readonly number[]) => all.map((value) => a * value + b);
      const { min, max, mean, std, count, quantiles } = made;
      const moved = {
        ...{ min: mapped(min), max: mapped(max), mean: mapped(mean), quantiles: quantiles.map(mapped), count },
        std: std.map((value) => a * value),
      };
      alike(
        rowStatistics(
          values.map((value) => a * value + b),
          1,
        ),
        moved,
        4 * sizeOf(values),
        `seed ${seed}, moved`,
      );
    }
  });

  it('leave out what is not known, and know nothing of columns without values', () => {
    const rng = rngOf(1);
    const values = drawn(rng, 20, 1);
    const holes = Float64Array.from([...values].flatMap((value) => [value, Number.NaN]));
    alike({ ...rowStatistics(holes, 1), count: 20 }, rowStatistics(values, 1), sizeOf(values), 'holes');
    const { min, max, mean, std, quantiles } = rowStatistics(holes, 2);
    for (const all of [min, max, mean, std, ...quantiles]) expect([Number.isNaN(all[0]), all[1]]).toEqual([false, NaN]);
  });
});

describe('statistics of pictures', () => {
  it('are those of all their samples', () => {
    for (let seed = 0; seed < 12; seed++) {
      const rng = rngOf(seed);
      const [channels, levels, unit] = seed % 2 === 0 ? [3, 256, 1 / 255] : [1, 65536, 1];
      const histogram = new PictureHistogram(channels, levels);
      const all: number[] = [];
      const pictures = 1 + rng.int(4);
      for (let k = 0; k < pictures; k++) {
        const samples = Array.from({ length: channels * (1 + rng.int(30)) }, () => rng.int(rng.int(levels) + 1));
        histogram.add(samples);
        all.push(...samples);
      }
      const whole = rowStatistics(
        all.map((sample) => sample * unit),
        channels,
      );
      alike(histogram.statistics(unit), { ...whole, count: pictures }, levels * unit, `seed ${seed}`);
    }
    expect(new PictureHistogram(1, 256).statistics(1)).toMatchObject({ min: [NaN], max: [NaN], mean: [NaN], count: 0 });
  });
});

describe('statistics of several episodes', () => {
  it('have the exact mean, deviation and range of all rows, and bounds for quantiles, however they are joined', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = rngOf(seed);
      const width = 1 + rng.int(3);
      const parts = Array.from({ length: 3 }, () => drawn(rng, 1 + rng.int(20), width));
      const values = Float64Array.from(parts.flatMap((part) => [...part]));
      const each = parts.map((part) => rowStatistics(part, width));
      const joined = joinStatistics(each);
      const whole = rowStatistics(values, width);
      const scale = sizeOf(values);
      alike(joined, { ...whole, quantiles: joined.quantiles }, scale, `seed ${seed}`);
      const [first, ...others] = each;
      alike(joinStatistics([first, joinStatistics(others)]), joined, scale, `seed ${seed}, in steps`);
      alike(joinStatistics([first]), first, scale, `seed ${seed}, alone`);
      for (let j = 0; j < width; j++) {
        const line = joined.quantiles.map((of) => of[j]);
        expect([joined.min[j], ...line, joined.max[j]], `seed ${seed}`).toEqual(
          [joined.min[j], ...line, joined.max[j]].sort((a, b) => a - b),
        );
        for (const { quantiles } of each) {
          expect(line[0], `seed ${seed}`).toBeLessThanOrEqual(quantiles[0][j]);
          expect(line[2], `seed ${seed}`).toBeLessThanOrEqual(quantiles[2][j]);
          expect(line[4], `seed ${seed}`).toBeGreaterThanOrEqual(quantiles[4][j]);
        }
      }
    }
  });

  it('take what one of them lacks from the others', () => {
    const [known, unknown] = [rowStatistics([1, 2, 3], 1), rowStatistics([NaN, NaN], 1)];
    alike({ ...joinStatistics([unknown, known]), count: 3 }, known, 3, 'unknown and known');
    expect(joinStatistics([unknown, unknown]).mean).toEqual([NaN]);
  });

  it('stand in files by their names, every channel of pictures in brackets of its own', () => {
    const made = rowStatistics([1, 2, 3, 4, 5, 6], 3);
    const names = ['min', 'max', 'mean', 'std', 'count', 'q01', 'q10', 'q50', 'q90', 'q99'];
    expect(namedStatistics(made, false).map(([name]) => name)).toEqual(names);
    const shown = Object.fromEntries(namedStatistics(made, true));
    expect(shown.mean).toEqual([[[2.5]], [[3.5]], [[4.5]]]);
    expect(shown.count).toEqual([2]);
  });
});
