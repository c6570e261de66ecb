import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import { findCommandDesync } from './command_desync.ts';

const TIME_S = evenStamps(100, 8);
const asked = (t: number) => 0.5 * Math.sin(1.3 * t) + 0.2 * Math.sin(3.1 * t);
/** Joints that do `size` times what was asked for, `behind_s` later. */
const following = (behind_s: number, size = 1, noise = 0) => {
  const rng = createRng(5, 'noise');
  return bareEpisode({
    joints: jointsAt(TIME_S, (t) => size * asked(t - behind_s) + noise * rng.normal()),
    command: jointsAt(TIME_S, (t) => size * asked(t)),
    duration_s: 8,
  });
};

describe('command desynchronisation', () => {
  tellsFaults(findCommandDesync, 'command_desync');

  it('is found beyond 120 ms behind and 25 ms ahead, to 5 ms, with the shift that mends it', () => {
    for (let seed = 0; seed < 40; seed++) {
      const behind_s = createRng(seed, 'behind').range(-0.3, 0.5);
      if (Math.min(Math.abs(behind_s - 0.12), Math.abs(behind_s + 0.025), Math.abs(behind_s - 0.25)) < 0.006) continue;
      const found = findCommandDesync(following(behind_s, 1, 1e-5));
      const told = `seed ${seed}, ${behind_s} s behind`;
      expect(found.length, told).toBe(behind_s > 0.12 || behind_s < -0.025 ? 1 : 0);
      for (const { severity, detail, fix } of found) {
        const [, shift] = /by ([+-][\d.]+) s/.exec(fix) ?? [];
        expect(Math.abs(Number(shift) - behind_s), `${told}: ${fix}`).toBeLessThanOrEqual(0.0051);
        expect(detail, told).toContain(behind_s > 0 ? '0.12 s allowed behind' : '0.025 s allowed ahead');
        expect(severity, told).toBe(behind_s < 0 || behind_s > 0.25 ? 'major' : 'minor');
      }
    }
  });

  it('does not depend on how far joints go, down to 0.02 rad, nor on when it was', () => {
    expect(findCommandDesync(following(0.2, 0.1))[0].detail).toBe(findCommandDesync(following(0.2))[0].detail);
    expect(findCommandDesync(following(0.2, 0.01))).toEqual([]);
    movesWithTime(findCommandDesync, following(0.2), 33);
  });

  it('is not told of joints that do something else, or have other names', () => {
    const of = following(0.2);
    const { command } = of.series;
    const rng = createRng(9);
    const other = jointsAt(TIME_S, () => rng.normal());
    expect(findCommandDesync({ ...of, series: { ...of.series, joints: other } })).toEqual([]);
    expect(
      findCommandDesync({ ...of, series: { ...of.series, command: command && { ...command, names: ['lift'] } } }),
    ).toEqual([]);
  });
});
