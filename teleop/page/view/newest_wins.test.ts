import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { NewestWins } from './newest_wins.ts';

/** Work that ends when the test says so. */
function bench() {
  const open: { item: number; end: (how: 'done' | 'failed') => void }[] = [];
  const done: number[] = [];
  const queue = new NewestWins<number, number>(
    (item) =>
      new Promise((resolve, reject) => {
        open.push({ item, end: (how) => (how === 'done' ? resolve(item) : reject(new Error('spoilt'))) });
      }),
    (result) => done.push(result),
  );
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { open, done, queue, turn };
}

describe('newest wins', () => {
  it('works on one at a time, hands on in order, and always comes to the newest', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const rng = createRng(seed);
      const { open, done, queue, turn } = bench();
      let pushed = 0;
      for (let i = 0; i < 60; i++) {
        if (rng.uniform(0, 1) < 0.7) queue.push(++pushed);
        expect(open.length, `seed ${seed}`).toBeLessThanOrEqual(1);
        if (rng.uniform(0, 1) < 0.3) open.shift()?.end(rng.uniform(0, 1) < 0.2 ? 'failed' : 'done');
        await turn();
      }
      queue.push(++pushed);
      while (open.length > 0) {
        open.shift()?.end('done');
        await turn();
      }
      expect(done, `seed ${seed}`).toEqual([...done].sort((a, b) => a - b));
      expect(done.at(-1), `seed ${seed}`).toBe(pushed);
      expect(done.length + queue.failed + queue.passed_over, `seed ${seed}`).toBe(pushed);
    }
  });

  it('hands nothing on once closed', async () => {
    const { open, done, queue, turn } = bench();
    queue.push(1);
    queue.push(2);
    queue.close();
    open.shift()?.end('done');
    await turn();
    queue.push(3);
    await turn();
    expect([done, open]).toEqual([[], []]);
  });
});
