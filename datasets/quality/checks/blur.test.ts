import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, cameraAt, evenStamps, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import { findBlur } from './blur.ts';

const TIME_S = evenStamps(10, 6);
/** A camera of sharpness `usual`, pictures `first` to `last` of 60 with `sharpness`. */
const of = (usual: number, sharpness: number, first: number, last: number, contrast = 8) =>
  bareEpisode(
    {},
    {
      cameras: [
        cameraAt(TIME_S, {
          sharpness: TIME_S.map((_, k) => (k >= first && k <= last ? sharpness : usual)),
          contrast: TIME_S.map(() => contrast),
        }),
      ],
    },
  );

describe('blur', () => {
  tellsFaults(findBlur, 'blur');

  it('is found from two pictures on below 72 % of the usual sharpness, counted and placed to the picture', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'blur');
      const [usual, share, first, n] = [rng.range(0.75, 1.2), rng.range(0.3, 1), rng.int(35), 1 + rng.int(25)];
      const limit = Math.max(0.5, 0.72 * usual);
      const found = findBlur(of(usual, share * usual, first, first + n - 1));
      const told = `seed ${seed}, ${n} of sharpness ${share} × ${usual}`;
      expect(found.length, told).toBe(n >= 2 && share * usual < limit ? 1 : 0);
      for (const { severity, detail, from_s, to_s } of found) {
        expect([from_s, to_s], told).toEqual([TIME_S[first], TIME_S[first + n - 1]]);
        expect(detail, told).toContain(`${n} of 60 pictures blurred`);
        expect(detail, told).toContain(`${(share * usual).toFixed(2)} where ${limit.toFixed(2)} is the limit`);
        expect(severity, told).toBe(n > 12 ? 'major' : 'minor');
      }
    }
  });

  it('is found in a camera that was never sharp, and in none that sees nothing', () => {
    expect(findBlur(of(0.4, 0.4, 0, 0))).toMatchObject([{ severity: 'major', fix: 'focus or clean overview; drop' }]);
    expect(findBlur(of(0.9, 0.1, 10, 20, 0.3))).toEqual([]);
  });

  it('stays the same later in time', () => {
    movesWithTime(findBlur, of(0.9, 0.4, 20, 30), 12);
  });
});
