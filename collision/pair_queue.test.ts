import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { PairQueue } from './pair_queue.ts';

describe('pairs by their bounds', () => {
  test('come out least first, equal ones in the order they came, each once, also after bounds were raised', () => {
    const rng = createRng(111);
    const queue = new PairQueue();
    const bound = new Float64Array(1);
    for (let trial = 0; trial < 30; trial++) {
      const count = rng.int(900);
      queue.clear();
      const first = Array.from({ length: count }, () => rng.int(20) / 10);
      const raised = first.map((x) => (rng.int(2) === 0 ? x + rng.int(20) / 10 : x - 1));
      first.forEach((x, k) => {
        bound[0] = x;
        queue.offer(k, 2 * k, 3 * k, bound);
      });
      queue.order();
      const out: number[] = [];
      for (let n = queue.top(); n >= 0; n = queue.top()) {
        if (queue.raised[n] === 0) {
          bound[0] = raised[n];
          queue.settle(bound);
          continue;
        }
        expect([queue.a[n], queue.b[n], queue.tag[n]]).toEqual([n, 2 * n, 3 * n]);
        out.push(n);
        queue.drop();
      }
      const final = first.map((x, k) => Math.max(x, raised[k]));
      const expected = Array.from({ length: count }, (_, k) => k).sort((i, j) => final[i] - final[j] || i - j);
      expect(out, `trial ${trial}`).toEqual(expected);
    }
  });
});
