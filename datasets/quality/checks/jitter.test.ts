import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import {
  bareEpisode,
  evenStamps,
  graveOf,
  jointsAt,
  movesWithTime,
  tellsFaults,
} from '../../../test/support/quality_checks.ts';
import { findJitter } from './jitter.ts';

const of = (time_s: Float64Array) => bareEpisode({ joints: jointsAt(time_s, () => 0) });

/** Stamps that are off by `share` of a period, normally distributed; in order, as they were sent. */
function shaken(share: number, seed: number, rate_hz = 50): Float64Array {
  const rng = createRng(seed, 'shaken');
  return evenStamps(rate_hz, 600 / rate_hz).map((t) => t + (share / rate_hz) * rng.normal());
}

describe('jitter', () => {
  tellsFaults(findJitter, 'jitter');

  it('is found where periods deviate by more than 15 %, and grave from 50 %', () => {
    for (let seed = 0; seed < 20; seed++) {
      // Periods deviate by √2 of what stamps do.
      expect(graveOf(findJitter(of(shaken(0.08, seed)))), `seed ${seed}`).toEqual([]);
      const spread = findJitter(of(shaken(0.15, seed))).find(({ detail }) => detail.includes('deviate'));
      expect(spread?.severity, `seed ${seed}`).toBe('minor');
      const [, percent] = /deviate by (\d+) %.*limit 15 %/.exec(spread?.detail ?? '') ?? [];
      expect(Math.abs(Number(percent) - 21), `seed ${seed}: ${spread?.detail}`).toBeLessThanOrEqual(4);
      const more = findJitter(of(shaken(0.45, seed).sort())).find(({ detail }) => detail.includes('deviate'));
      expect(more?.severity, `seed ${seed}`).toBe('major');
    }
  });

  it('is not what gaps are', () => {
    const rng = createRng(4);
    expect(findJitter(of(evenStamps(100, 6).filter(() => rng.uniform() > 0.2)))).toEqual([]);
  });

  it('is told by the same share at any rate and any time', () => {
    const share = (text: string) => /deviate by [^ ]+ %/.exec(text)?.[0];
    const [one, other] = [100, 25].map((rate) => findJitter(of(shaken(0.18, 3, rate)))[0].detail);
    expect(share(one)).toBe(share(other));
    movesWithTime(findJitter, of(shaken(0.18, 3)), 40);
  });

  it('names the first stamp that goes back or stands still', () => {
    const swapped = evenStamps(100, 6);
    [swapped[200], swapped[201]] = [swapped[201], swapped[200]];
    expect(findJitter(of(swapped))).toMatchObject([{ severity: 'major', from_s: 2, to_s: 2.01 }]);
    expect(findJitter(of(swapped))[0].detail).toContain('go back 1 times and stand still 0 times, 0 allowed');
    const twice = evenStamps(100, 6).map((t, k) => (k === 300 ? t - 0.01 : t));
    expect(findJitter(of(twice))).toMatchObject([{ severity: 'minor', from_s: twice[299], to_s: twice[299] }]);
  });
});
