import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { holdSamples, rowTimes } from './sample_and_hold.ts';

const SEEDS = 60;
const TOLERANCE_S = 1e-6;

/** Stamps of whole nanoseconds, some equal, in the order of time or not. */
function stamps(rng: Rng, count: number, span_s: number): Float64Array {
  const times = Float64Array.from({ length: count }, () => Math.round(rng.range(0, span_s) * 1e9) / 1e9);
  for (let k = 1; k < count; k++) if (rng.uniform() < 0.1) times[k] = times[rng.int(k)];
  return rng.uniform() < 0.5 ? times.sort() : times;
}

describe('rows of sample and hold', () => {
  it('begin when every series has begun, and end when the first of the lasting ones does', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = createRng(seed).stream('rows');
      const series = Array.from({ length: 1 + rng.int(4) }, () => stamps(rng, 1 + rng.int(30), rng.range(0.1, 3)));
      const lasting = series.filter((_, k) => k === 0 || rng.uniform() < 0.5);
      const fps = 1 + rng.int(60);
      const { first_s, rows } = rowTimes(series, lasting, fps);
      expect(first_s, `seed ${seed}`).toBe(Math.max(...series.map((times) => Math.min(...times))));
      const last_s = Math.min(...lasting.map((times) => Math.max(...times)));
      const inside = (row: number) => first_s + row / fps <= last_s + TOLERANCE_S + 1e-12;
      if (rows > 0) expect(inside(rows - 1), `seed ${seed}: ${rows} rows`).toBe(true);
      expect(inside(rows + 1e-6), `seed ${seed}: ${rows} rows`).toBe(false);
    }
  });

  it('are none where a series has nothing', () => {
    const some = Float64Array.of(0, 1);
    const none = new Float64Array();
    expect(rowTimes([some, none], [some], 10).rows).toBe(0);
    expect(rowTimes([some], [some, none], 10).rows).toBe(0);
    expect(rowTimes([some], [], 10).rows).toBe(0);
    expect(rowTimes([Float64Array.of(5)], [some], 10).rows).toBe(0);
    expect(rowTimes([some], [some], 10).rows).toBe(11);
  });

  it('hold the newest sample that is not after their instant, and know its age', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = createRng(seed).stream('held');
      const times = stamps(rng, 1 + rng.int(40), 2);
      const fps = 1 + rng.int(60);
      const rows = rowTimes([times, stamps(rng, 1 + rng.int(40), 2)], [times], fps);
      const { sample, max_age_s } = holdSamples(times, rows);
      expect(sample.length, `seed ${seed}`).toBe(rows.rows);
      let oldest_s = 0;
      sample.forEach((held, row) => {
        const t = rows.first_s + row / fps;
        const what = `seed ${seed}, row ${row}: sample ${held} of ${times[held]} s at ${t} s`;
        expect(times[held], what).toBeLessThanOrEqual(t + TOLERANCE_S);
        // Of equal stamps the one that came last.
        const newer = (time: number, k: number) => time > times[held] || (time === times[held] && k > held);
        expect(
          times.findIndex((time, k) => time <= t + TOLERANCE_S && newer(time, k)),
          what,
        ).toBe(-1);
        oldest_s = Math.max(oldest_s, t - times[held]);
      });
      expect(max_age_s, `seed ${seed}`).toBe(oldest_s);
    }
  });

  it('never go back in time, and take a sample a nanosecond late as of their instant', () => {
    for (const fps of [7, 10, 30, 100, 333]) {
      const times = Float64Array.from({ length: 200 }, (_, k) => Math.round((k * 1e9) / fps + (k % 3) - 1) / 1e9);
      const rows = rowTimes([times], [times], fps);
      const { sample, max_age_s } = holdSamples(times, rows);
      expect([...sample], `${fps} a second`).toEqual([...times.keys()]);
      expect(max_age_s).toBeLessThan(1e-8);
    }
  });
});
