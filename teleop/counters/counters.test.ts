import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { COUNTERS } from '../protocol/index.ts';
import { Counters } from './counters.ts';

const MINUTE_MS = 60_000;

describe('counters', () => {
  it('have in their trends what is in their totals, as long as it is not too long ago', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed, 'counters');
      const counters = new Counters(1000);
      const made: { readonly counter: (typeof COUNTERS)[number]; readonly minute: number }[] = [];
      let now_ms = 1000;
      for (let k = 0; k < 200; k++) {
        now_ms += rng.int(rng.int(10) === 0 ? 90 * MINUTE_MS : 3 * MINUTE_MS);
        const counter = COUNTERS[rng.int(COUNTERS.length)];
        counters.add(counter, now_ms);
        made.push({ counter, minute: Math.floor((now_ms - 1000) / MINUTE_MS) });
      }
      const newest = Math.floor((now_ms - 1000) / MINUTE_MS);
      const { totals, trends, bin_s } = counters.snapshot(now_ms);
      expect(bin_s).toBe(60);
      for (const counter of COUNTERS) {
        const own = made.filter((one) => one.counter === counter);
        expect(totals[counter], `seed ${seed} ${counter}`).toBe(own.length);
        const bins = trends[counter];
        expect(bins).toHaveLength(Math.min(240, newest + 1));
        const first = newest - bins.length + 1;
        const expected = bins.map((_, i) => own.filter(({ minute }) => minute === first + i).length);
        expect(bins, `seed ${seed} ${counter}`).toEqual(expected);
      }
    }
  });

  it('tell interventions by the hour, of the last hour, and of less while there is less', () => {
    const counters = new Counters(0);
    for (let k = 0; k < 3; k++) counters.add('interventions', 10 * MINUTE_MS);
    expect(counters.snapshot(30 * MINUTE_MS).interventions_per_h).toBe(6);
    expect(counters.snapshot(60 * MINUTE_MS).interventions_per_h).toBe(3);
    expect(counters.snapshot(90 * MINUTE_MS).interventions_per_h).toBe(0);
  });
});
