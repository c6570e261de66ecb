import { describe, expect, it } from 'vitest';
import { OLD_PICTURE_MS, pictureAge, viewAge } from './picture_age.ts';

describe('the age of a picture', () => {
  it('is the age it came with and the time since', () => {
    expect(pictureAge(40, 1000, 1025)).toBe(65);
  });
  it('never falls below what it came with, whatever clocks say', () => {
    expect(pictureAge(40, 1000, 900)).toBe(40);
    expect(pictureAge(-5, 1000, 1010)).toBe(10);
  });
  it('is infinite where there is none', () => {
    expect(pictureAge(0, Number.NaN, 10)).toBe(Infinity);
    expect(viewAge(Infinity)).toEqual({ old: true, text: 'no picture' });
  });
  it('is old just above the limit, and where it is no number', () => {
    expect(viewAge(OLD_PICTURE_MS).old).toBe(false);
    expect(viewAge(OLD_PICTURE_MS + 0.001).old).toBe(true);
    expect(viewAge(Number.NaN).old).toBe(true);
  });
  it('is told in milliseconds, seconds, then minutes', () => {
    expect([20.4, 999.4, 1200, 99_940, 180_000].map((age_ms) => viewAge(age_ms).text)).toEqual([
      '20 ms',
      '999 ms',
      '1.2 s',
      '99.9 s',
      '3 min',
    ]);
  });
});
