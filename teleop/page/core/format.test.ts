import { expect, it } from 'vitest';
import { duration, percent, secondsLeft, words } from './format.ts';

it('says times as people read them', () => {
  expect([-3, 0, 12.4, 999.4, 1000, 59_940, 60_000, 125_000, Infinity].map(duration)).toEqual([
    '0 ms',
    '0 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '59.9 s',
    '1 min 0 s',
    '2 min 5 s',
    'never',
  ]);
  expect([4001, 4000, 1, 0, -5].map(secondsLeft)).toEqual(['5 s', '4 s', '1 s', '0 s', '0 s']);
});

it('says names as words and shares as percent', () => {
  expect([words('wrong_picks'), words('')]).toEqual(['Wrong picks', '']);
  expect(percent(0.05)).toBe('5 %');
});
