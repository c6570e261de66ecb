import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { WorkLimit } from './work_limit.ts';

it('begins work in its order, never more than the limit at once, whatever fails', async () => {
  for (let seed = 0; seed < 30; seed++) {
    const rng = createRng(seed, 'limit');
    const most = 1 + rng.int(4);
    const limit = new WorkLimit(most);
    const begun: number[] = [];
    let at_once = 0;
    const work = Array.from({ length: 40 }, (_, k) =>
      limit.run(async () => {
        begun.push(k);
        expect(++at_once, `seed ${seed}`).toBeLessThanOrEqual(most);
        for (let turns = rng.int(5); turns > 0; turns--) await null;
        at_once--;
        if (k % 7 === 3) throw new Error(String(k));
        return k;
      }),
    );
    const results = await Promise.allSettled(work);
    expect(begun).toEqual(work.map((_, k) => k));
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(work.map((_, k) => k % 7 !== 3));
    expect(await limit.run(() => 5)).toBe(5);
  }
});
