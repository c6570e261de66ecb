import { expect, it } from 'vitest';
import { trendLine } from './trend_line.ts';

it('goes from the left to the right edge, 0 at the bottom and the greatest at the top', () => {
  expect(trendLine([0, 4, 2], 100, 20)).toBe('0,20 50,0 100,10');
});

it('lies at the bottom where nothing happened, and is none for a single value', () => {
  expect(trendLine([0, 0], 10, 5)).toBe('0,5 10,5');
  expect([trendLine([], 10, 5), trendLine([3], 10, 5)]).toEqual(['', '']);
});
