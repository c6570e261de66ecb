import { expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { spreadLabels } from './spread_labels.ts';

it('leaves no label on another, moves none down, and none sideways', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const rng = createRng(seed);
    const labels = Array.from({ length: 12 }, (_, id) => {
      const y = rng.uniform(0, 100);
      return { id, x: rng.uniform(0, 200), y, before: y, width: rng.uniform(20, 120), height: 24 };
    });
    const columns = new Map(labels.map(({ id, x }) => [id, x]));
    spreadLabels(labels);
    const covers = (one: (typeof labels)[number], other: (typeof labels)[number]) =>
      Math.abs(one.x - other.x) < (one.width + other.width) / 2 - 1e-9 && Math.abs(one.y - other.y) < 24 - 1e-6;
    const wrong = labels.filter(
      (one, i) => one.y > one.before || one.x !== columns.get(one.id) || labels.slice(0, i).some((b) => covers(one, b)),
    );
    expect(wrong, `seed ${seed}`).toEqual([]);
  }
});
