import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { WindowCounts } from './window_counts.ts';

describe('counts over windows', () => {
  it('are those of counting every request, to a thirtieth of the shortest window', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'windows');
      const [shortest, longest] = [10 + rng.int(50), 100 + rng.int(400)];
      const step = shortest / 30;
      const counts = new WindowCounts(2, shortest, longest);
      const all: { at: number; bad: boolean[] }[] = [];
      let now = rng.range(0, 1000);
      for (let k = 0; k < 500; k++) {
        // Sometimes nothing comes for longer than the longest window.
        now += rng.uniform() < 0.01 ? rng.range(0, 2 * longest) : rng.range(0, 3);
        const bad = [rng.uniform() < 0.3, rng.uniform() < 0.05];
        counts.add(now, (kind) => bad[kind]);
        all.push({ at: now, bad });
        if (k % 7 !== 0) continue;
        const [kind, window] = [rng.int(2), rng.range(shortest, longest)];
        const last = Math.floor(now / step);
        const inside = all.filter(({ at }) => Math.floor(at / step) > last - Math.ceil(window / step));
        const expected = { requests: inside.length, bad: inside.filter((one) => one.bad[kind]).length };
        expect(counts.over(window, now, kind), `seed ${seed} request ${k}`).toEqual(expected);
      }
      expect(counts.over(longest, now + 3 * longest, 0)).toEqual({ requests: 0, bad: 0 });
    }
  });
});
