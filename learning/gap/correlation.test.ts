import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { pearson } from './correlation.ts';

it('is 1 for any rising line, −1 for any falling one, and not defined where nothing varies', () => {
  const x = [0.1, 0.5, 0.3, 0.9];
  expect(
    pearson(
      x,
      x.map((v) => 3 * v + 2),
    ),
  ).toBeCloseTo(1, 12);
  expect(
    pearson(
      x,
      x.map((v) => 1 - 0.2 * v),
    ),
  ).toBeCloseTo(-1, 12);
  expect(pearson(x, [1, 1, 1, 1])).toBeNaN();
  expect(pearson([0.5], [0.5])).toBeNaN();
});

it('is the cosine between what is left of the values without their means', () => {
  for (let seed = 0; seed < 50; seed++) {
    const rng = createRng(seed);
    const n = 2 + rng.int(12);
    const [x, y] = [0, 1].map(() => Array.from({ length: n }, () => rng.normal()));
    const centred = (v: readonly number[]) => v.map((value) => value - v.reduce((a, b) => a + b) / n);
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const [cx, cy] = [centred(x), centred(y)];
    expect(pearson(x, y), `seed ${seed}`).toBeCloseTo(dot(cx, cy) / Math.sqrt(dot(cx, cx) * dot(cy, cy)), 10);
  }
});
