import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, cameraAt, evenStamps, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import { findExposure } from './exposure.ts';

const TIME_S = evenStamps(10, 6);
/** Pictures `first` to `last` of 60 with another value in a column. */
function spoiled(column: 'brightness' | 'black_share' | 'white_share', value: number, first: number, last: number) {
  const plain = cameraAt(TIME_S);
  const values = plain[column].map((usual, k) => (k >= first && k <= last ? value : usual));
  return bareEpisode({}, { cameras: [{ ...plain, [column]: values }] });
}

describe('exposure', () => {
  tellsFaults(findExposure, 'dark', 'bright', 'broken_picture');

  it('is found below grey 25 and above 238, counted and placed to the picture', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'exposure');
      const [grey, first] = [rng.range(0, 255), rng.int(50)];
      const last = first + rng.int(60 - first);
      const found = findExposure(spoiled('brightness', grey, first, last));
      const told = `seed ${seed}, grey ${grey}, ${first} to ${last}`;
      expect(
        found.map(({ check }) => check),
        told,
      ).toEqual(grey < 25 ? ['dark'] : grey > 238 ? ['bright'] : []);
      for (const { severity, detail, from_s, to_s } of found) {
        const n = last - first + 1;
        expect([from_s, to_s], told).toEqual([TIME_S[first], TIME_S[last]]);
        expect(detail, told).toContain(`${n} of 60 pictures too`);
        expect(detail, told).toContain(`grey ${grey.toFixed(0)} where ${grey < 25 ? 25 : 238} is the limit`);
        expect(severity, told).toBe(n > 12 ? 'major' : 'minor');
      }
    }
  });

  it('is found where nine in ten pixels are at one end', () => {
    for (const [column, check] of [
      ['black_share', 'dark'],
      ['white_share', 'bright'],
    ] as const) {
      expect(findExposure(spoiled(column, 0.89, 10, 12))).toEqual([]);
      expect(findExposure(spoiled(column, 0.91, 10, 12))).toMatchObject([{ check, severity: 'minor', from_s: 1 }]);
    }
  });

  it('names pictures that cannot be decoded, with the first and the last of them', () => {
    const of = (broken_s: readonly number[]) =>
      findExposure(bareEpisode({}, { cameras: [cameraAt(TIME_S, { broken_s })] }));
    expect(of([])).toEqual([]);
    expect(of([2.5, 1.5])).toMatchObject([{ check: 'broken_picture', severity: 'minor', from_s: 1.5, to_s: 2.5 }]);
    expect(of([2.5, 1.5])[0].detail).toContain('2 of 62 pictures cannot be decoded, 0 allowed');
    expect(of([...evenStamps(10, 3)])[0].severity).toBe('major');
  });

  it('stays the same later in time', () => {
    movesWithTime(findExposure, spoiled('brightness', 5, 20, 30), 12);
  });
});
