import { expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { choosePopulation, type Rule } from './choose_population.mjs';

const RULE: Rule = {
  bins: [
    { low: 0.1, high: 0.2, targets: [0.15], end: true },
    { low: 0.2, high: 0.4, targets: [0.27, 0.33] },
    { low: 0.8, high: 0.97, targets: [0.86, 0.92] },
  ],
  margin: 0.02,
};

it('takes of every bin those nearest to its targets, whatever order they come in', () => {
  const grades = { a: 0.21, b: 0.26, c: 0.34, d: 0.38, e: 0.82, f: 0.85, g: 0.93, h: 0.16, i: 0.11 };
  for (let seed = 0; seed < 20; seed++) {
    const order = Object.entries(grades).map(([name, grade]) => ({ name, grade, at: createRng(seed, name).uniform() }));
    order.sort((a, b) => a.at - b.at);
    const drawn = Object.fromEntries(order.map(({ name, grade }) => [name, grade]));
    expect(choosePopulation(RULE, drawn), `seed ${seed}`).toEqual(['h', 'b', 'c', 'f', 'g']);
  }
});

it('gives a free place at an end to whom of the rest is farthest from the others, and never to who is outside', () => {
  const grades = { a: 0.22, b: 0.26, c: 0.34, f: 0.85, g: 0.93, e: 0.9, x: 0.05, y: 0.5, z: 0.99 };
  expect(choosePopulation(RULE, grades)).toEqual(['a', 'b', 'c', 'f', 'g']);
  expect(() => choosePopulation(RULE, { b: 0.26, c: 0.34, f: 0.85, g: 0.93 })).toThrow(/free place/);
});

it('is not content with too few, or with those at the edge of a bin', () => {
  expect(() => choosePopulation(RULE, { h: 0.15, b: 0.26, c: 0.395, f: 0.85, g: 0.93 })).toThrow(
    /1 policies between 0.2 and 0.4: 2/,
  );
});
