import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import {
  bareEpisode,
  cameraAt,
  evenStamps,
  goodEpisode,
  graveOf,
  jointsAt,
  movesWithTime,
  tellsFaults,
} from '../../../test/support/quality_checks.ts';
import { FAULTS } from '../../../test/support/quality_faults.ts';
import { findCameraDesync } from './camera_desync.ts';

/** An arm that stops and goes, seen by a camera whose stamps are `late_s` late; what changes is `gain` times the way. */
function seen(late_s: number, seed: number, gain = 1, rate_hz = 10) {
  const rng = createRng(seed, 'seen');
  const moves: { readonly from_s: number; readonly length_s: number; readonly size: number }[] = [];
  for (let from_s = 0.3; from_s < 9.5; from_s += 0.8 + rng.uniform())
    moves.push({ from_s, length_s: rng.range(0.4, 0.8), size: rng.range(0.1, 0.4) * (rng.int(2) === 0 ? 1 : -1) });
  const at = (t: number) =>
    moves.reduce((sum, { from_s, length_s, size }) => {
      const share = Math.min(1, Math.max(0, (t - from_s) / length_s));
      return sum + size * share * share * (3 - 2 * share);
    }, 0);
  const time_s = evenStamps(rate_hz, 10);
  const motion = time_s.map(
    (t) => gain * Math.abs(at(t - late_s) - at(t - 1 / rate_hz - late_s)) * rng.range(0.9, 1.1),
  );
  const joints = jointsAt(evenStamps(100, 10), at);
  return bareEpisode({ joints, duration_s: 10 }, { cameras: [cameraAt(time_s, { motion })] });
}

describe('camera desynchronisation', () => {
  tellsFaults(findCameraDesync, 'camera_desync');

  it('is found beyond 45 ms, to 20 ms, with the shift that mends it; grave beyond 150 ms', () => {
    for (let seed = 0; seed < 40; seed++) {
      const late_s = createRng(seed, 'late').range(-0.4, 0.4);
      if (Math.abs(Math.abs(late_s) - 0.05) < 0.02) continue;
      const found = findCameraDesync(seen(late_s, seed));
      const told = `seed ${seed}, ${late_s} s late`;
      expect(found.length, told).toBe(Math.abs(late_s) > 0.05 ? 1 : 0);
      for (const { severity, detail, fix } of found) {
        const [, shift] = /by ([+-][\d.]+) s/.exec(fix) ?? [];
        expect(Math.abs(Number(shift) + late_s), `${told}: ${fix}`).toBeLessThanOrEqual(0.02);
        expect(detail, told).toContain('s allowed');
        if (Math.abs(Math.abs(late_s) - 0.15) > 0.02)
          expect(severity, told).toBe(Math.abs(late_s) > 0.15 ? 'major' : 'minor');
      }
    }
  });

  it('is not known closer than to a fifth of the time between pictures', () => {
    expect(findCameraDesync(seen(0.2, 1, 1, 4))[0].detail).toContain('0.050 s allowed');
    expect(findCameraDesync(seen(0.2, 1, 1, 10))[0].detail).toContain('0.045 s allowed');
  });

  it('does not depend on how much of a picture the arm fills, nor on when it was', () => {
    const [near, far] = [1, 0.02].map((gain) => findCameraDesync(seen(0.2, 3, gain))[0].detail);
    expect(far).toBe(near);
    movesWithTime(findCameraDesync, seen(0.2, 3), 50);
  });

  it('is not told where nothing moves, or pictures change by themselves', () => {
    const rest = jointsAt(evenStamps(100, 10), () => 0.3);
    expect(findCameraDesync({ ...seen(0.2, 1), series: { ...seen(0.2, 1).series, joints: rest } })).toEqual([]);
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'flicker');
      const of = seen(0, seed);
      const cameras = of.cameras.map((camera) => ({ ...camera, motion: camera.motion.map(() => rng.uniform()) }));
      expect(findCameraDesync({ ...of, cameras }), `seed ${seed}`).toEqual([]);
    }
  });

  it('is told to 20 ms in plausible episodes', () => {
    const late = FAULTS.find(({ name }) => name === 'pictures stamped late');
    for (const seed of [500, 501, 502]) {
      const clean = goodEpisode(seed);
      for (const { fix } of graveOf(findCameraDesync(late?.apply(clean, 0.2, createRng(seed)) ?? clean))) {
        const [, shift] = /by ([+-][\d.]+) s/.exec(fix) ?? [];
        expect(Math.abs(Number(shift) + 0.2), `seed ${seed}: ${fix}`).toBeLessThanOrEqual(0.02);
      }
    }
  });
});
