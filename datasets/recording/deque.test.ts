import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { Deque } from './deque.ts';

it('does what an array does, whatever is pushed, popped and shifted', () => {
  for (let seed = 0; seed < 8; seed++) {
    const rng = createRng(seed, 'deque');
    const deque = new Deque<number>();
    const model: number[] = [];
    // Long stretches of one kind, so that it grows, drains and is moved.
    for (let stretch = 0; stretch < 40; stretch++) {
      const [kind, count] = [rng.int(9), rng.int(3000)];
      for (let k = 0; k < count; k++) {
        if (kind < 4) {
          deque.push(k);
          model.push(k);
        } else if ((kind < 7 ? deque.shift() : deque.pop()) !== (kind < 7 ? model.shift() : model.pop())) {
          throw new Error(`seed ${seed}, stretch ${stretch}: taken out ${k} of kind ${kind}`);
        }
      }
      const sought = rng.int(1500);
      expect([deque.length, deque.first, deque.includes(sought)], `seed ${seed}, stretch ${stretch}`).toEqual([
        ...[model.length, model[0], model.includes(sought)],
      ]);
    }
  }
});
