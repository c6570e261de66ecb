import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import { findGaps } from './gaps.ts';

const still = () => 0;
const without = (time_s: Float64Array, lost: (t: number, k: number) => boolean) =>
  bareEpisode({
    joints: jointsAt(
      time_s.filter((t, k) => !lost(t, k)),
      still,
    ),
  });

describe('gaps', () => {
  tellsFaults(findGaps, 'gaps');

  it('are none between even stamps of any rate, shaken by a fifth of a period', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'even');
      const rate = rng.range(5, 400);
      const time_s = evenStamps(rate, 6).map((t) => t + rng.range(-0.2, 0.2) / rate);
      expect(findGaps(bareEpisode({ joints: jointsAt(time_s, still) })), `seed ${seed}, ${rate} Hz`).toEqual([]);
    }
  });

  it('are counted to the sample, placed between their neighbours, and weighed by length', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'gap');
      const time_s = evenStamps(100, 20);
      const [first, lost] = [50 + rng.int(1500), 1 + rng.int(160)];
      const joints = jointsAt(
        time_s.filter((_, k) => k < first || k >= first + lost),
        still,
      );
      const [found, ...more] = findGaps(bareEpisode({ joints, duration_s: 20 }));
      const told = `seed ${seed}, ${lost} lost at ${first}`;
      expect(more, told).toEqual([]);
      expect(found.detail, told).toContain(`${lost} of 2000 samples missing`);
      expect(found.detail, told).toContain('minor from 2.0 %');
      expect(found.from_s, told).toBe(time_s[first - 1]);
      expect(found.to_s, told).toBe(time_s[first + lost]);
      const length_s = (lost + 1) / 100;
      if (Math.abs(length_s - 0.26) > 0.015 && Math.abs(length_s - 1.01) > 0.015)
        expect(found.severity, told).toBe(length_s > 1.01 ? 'major' : length_s > 0.26 || lost > 40 ? 'minor' : 'note');
    }
  });

  it('are weighed by the share of missing samples where each is short', () => {
    const every = (n: number) => without(evenStamps(100, 6), (_, k) => k % n === 2);
    expect(findGaps(every(100)).map(({ severity }) => severity)).toEqual(['note']);
    expect(findGaps(every(30)).map(({ severity }) => severity)).toEqual(['minor']);
    expect(findGaps(every(4)).map(({ severity }) => severity)).toEqual(['major']);
  });

  it('are found before the first and after the last sample too', () => {
    const [late] = findGaps(without(evenStamps(100, 6), (t) => t < 2));
    expect([late.severity, late.from_s, late.to_s]).toEqual(['major', 0, 2]);
    const [early] = findGaps(without(evenStamps(100, 6), (t) => t > 4.5));
    expect([early.severity, early.from_s, early.to_s]).toEqual(['major', 4.5, 6]);
    expect(findGaps(without(evenStamps(100, 6), (t) => t < 0.2 || t > 5.8))).toEqual([]);
  });

  it('stay the same later in time, and count the same in another unit of time', () => {
    const of = without(evenStamps(100, 6), (t) => t > 3 && t < 3.5);
    movesWithTime(findGaps, of, 0.2);
    const slower = without(evenStamps(10, 60), (t) => t > 30 && t < 35);
    const counted = (text: string) => /^.*missing \([^,]*/.exec(text)?.[0];
    expect(counted(findGaps({ ...slower, series: { ...slower.series, duration_s: 60 } })[0].detail)).toBe(
      counted(findGaps(of)[0].detail),
    );
  });

  it('are the whole episode where next to nothing is there', () => {
    const [found] = findGaps(bareEpisode({ joints: jointsAt(evenStamps(1, 6), still) }));
    expect(found).toMatchObject({ severity: 'major', fix: 'drop', from_s: 0, to_s: 6 });
    expect(found.detail).toContain('6 samples in 6.00 s, at least 8 expected');
  });
});
