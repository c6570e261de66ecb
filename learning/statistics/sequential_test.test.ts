import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { SequentialTest } from './sequential_test.ts';

/** Share of wrong verdicts and mean number of outcomes at a true rate. */
function trials(truth: number, seed: number): { wrong: number; mean: number } {
  const rng = createRng(seed, 'sequential');
  let wrong = 0;
  let outcomes = 0;
  const rounds = 2000;
  for (let round = 0; round < rounds; round++) {
    const test = new SequentialTest({ rate: 0.9, indifference: 0.05, error: 0.05 });
    while (test.verdict === 'open') test.add(rng.range(0, 1) < truth);
    if ((test.verdict === 'above') !== truth > 0.9) wrong++;
    outcomes += test.count;
  }
  return { wrong: wrong / rounds, mean: outcomes / rounds };
}

describe('a sequential test', () => {
  it('errs as seldom as it says at the edges of its zone, hardly ever outside, and ends sooner there', () => {
    const edges = [trials(0.95, 1), trials(0.85, 2)];
    const clear = [trials(0.99, 3), trials(0.6, 4)];
    for (const { wrong } of edges) expect(wrong).toBeLessThan(0.06);
    for (const { wrong } of clear) expect(wrong).toBeLessThan(0.002);
    expect(Math.max(...clear.map(({ mean }) => mean))).toBeLessThan(Math.min(...edges.map(({ mean }) => mean)));
  });

  it('keeps its verdict, and refuses zones and errors that make no sense', () => {
    const test = new SequentialTest({ rate: 0.5, indifference: 0.2, error: 0.1 });
    while (test.verdict === 'open') test.add(true);
    const { count } = test;
    for (let k = 0; k < 50; k++) expect(test.add(false)).toBe('above');
    expect(test.count).toBe(count);
    expect(() => new SequentialTest({ rate: 0.98, indifference: 0.05, error: 0.05 })).toThrow('a zone inside 0..1');
    expect(() => new SequentialTest({ rate: 0.5, indifference: 0.05, error: 0.5 })).toThrow('error 0.5');
  });
});
