import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import {
  bareEpisode,
  cameraAt,
  evenStamps,
  jointsAt,
  movesWithTime,
  tellsFaults,
} from '../../../test/support/quality_checks.ts';
import { findFrozen } from './frozen.ts';

const SPEED = 0.5;
const moving = jointsAt(evenStamps(100, 6), (t) => SPEED * t);

/** Pictures at 10 Hz, those after `from_s` and up to `to_s` with the pixels of the one before but for `change` grey values. */
function stuck(from_s: number, to_s: number, change = 0, joints = moving) {
  const time_s = evenStamps(10, 6);
  const inside = (t: number) => t > from_s + 1e-9 && t < to_s + 1e-9;
  return bareEpisode(
    { joints },
    { cameras: [cameraAt(time_s, { change: time_s.map((t) => (inside(t) ? change : 60)) })] },
  );
}

describe('frozen', () => {
  tellsFaults(findFrozen, 'frozen');

  it('are pictures that stay while the arm goes 0.1 rad, from the first of them to the last', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'frozen');
      const [from, n] = [5 + rng.int(20), 1 + rng.int(25)];
      const found = findFrozen(stuck(from / 10, (from + n) / 10, rng.int(2)));
      const told = `seed ${seed}, ${n} pictures from ${from}`;
      const way = (SPEED * n) / 10;
      if (Math.abs(way - 0.1) < 0.01) continue;
      expect(found.length, told).toBe(n >= 2 && way > 0.1 ? 1 : 0);
      for (const { severity, detail, from_s, to_s } of found) {
        expect([from_s, to_s], told).toEqual([from / 10, (from + n) / 10]);
        expect(detail, told).toContain(`${way.toFixed(2)} rad in the longest stretch, 0.1 allowed`);
        if (n !== 10) expect(severity, told).toBe(n > 10 ? 'major' : 'minor');
      }
    }
  });

  it('are no pictures of an arm at rest, and none with a pixel that changes', () => {
    expect(
      findFrozen(
        stuck(
          1,
          4,
          0,
          jointsAt(evenStamps(100, 6), () => 0.3),
        ),
      ),
    ).toEqual([]);
    expect(findFrozen(stuck(1, 4, 2))).toEqual([]);
    expect(findFrozen(stuck(1, 4, 1)).length).toBe(1);
  });

  it('are joints that keep every bit for 5 rows or more while their command goes on', () => {
    const held = (from_s: number, to_s: number, noise: number) =>
      jointsAt(moving.time_s, (t) => SPEED * (t > from_s && t <= to_s ? from_s : t) + noise * Math.sin(1e5 * t));
    const of = (from_s: number, to_s: number, noise = 0) =>
      bareEpisode({ joints: held(from_s, to_s, noise), command: moving });
    const [found, ...more] = findFrozen(of(2, 2.8));
    expect(more).toEqual([]);
    expect(found.severity).toBe('major');
    expect(found.from_s).toBeCloseTo(2, 2);
    expect(found.to_s).toBeCloseTo(2.8, 2);
    expect(found.detail).toMatch(/for 0\.[78]\d s while the command goes 0\.(39|40) rad, 0\.1 allowed/);
    expect(findFrozen(of(2, 2.15))).toEqual([]);
    expect(findFrozen(of(2, 2.3)).length).toBe(1);
    expect(findFrozen(of(2, 2.8, 1e-7))).toEqual([]);
    expect(findFrozen({ ...of(2, 2.8), series: { ...of(2, 2.8).series, command: held(0, 6, 0) } })).toEqual([]);
  });

  it('stays the same later in time', () => {
    movesWithTime(findFrozen, stuck(2, 4), 30);
  });
});
