import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import type { Evidence } from '../../index.ts';
import { findClipping } from './clipping.ts';

const TIME_S = evenStamps(100, 6);
const LIMITS = new Map([['arm_joint1', { lower: -2, upper: 1, velocity: 2, effort: 40, slides: false }]]);
const swing = (t: number) => 0.5 * Math.sin(t);
const clamp = (value: number, bound: number) => Math.max(-bound, Math.min(bound, value));

/** Force along x that ends at ±`bound` N, the other axes with noise of their own or all at rest. */
function wrench(bound: number, scale = 1, rests = false): Evidence {
  const rng = createRng(7, 'wrench');
  const values = Float64Array.from({ length: 6 * TIME_S.length }, (_, i) => {
    const t = TIME_S[Math.floor(i / 6)];
    if (i % 6 === 0) return scale * clamp(10 * Math.sin(2 * t), bound);
    return rests ? 1 : scale * rng.normal();
  });
  return bareEpisode({ joints: jointsAt(TIME_S, swing), wrench: { frame_id: 'hand', time_s: TIME_S, values } });
}

describe('clipping', () => {
  tellsFaults(findClipping, 'clipping');

  it('is found at the limits of the description, for longer than 50 ms, where it is longest', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'limit');
      const [from, rows] = [50 + rng.int(300), 1 + rng.int(120)];
      const at = (t: number) => t >= TIME_S[from] && t <= TIME_S[from + rows];
      const limit = rng.int(2) === 0 ? 1 : -2;
      const joints = jointsAt(TIME_S, (t) => (at(t) ? limit : swing(t)), { speed: (t) => Math.cos(t) });
      const found = findClipping(bareEpisode({ joints }, { limits: LIMITS }));
      const told = `seed ${seed}, ${rows} periods at ${limit}`;
      if (rows === 5) continue;
      expect(found.length, told).toBe(rows > 5 ? 1 : 0);
      for (const { severity, detail, from_s, to_s } of found) {
        expect([from_s, to_s], told).toEqual([TIME_S[from], TIME_S[from + rows]]);
        expect(detail, told).toContain(`position: at its limit of ${limit} rad`);
        expect(detail, told).toContain('0.05 s allowed');
        if (rows !== 50) expect(severity, told).toBe(rows > 50 ? 'major' : 'minor');
      }
    }
  });

  it('is found of velocities and efforts at theirs too', () => {
    const pressed = (t: number) => t > 2 && t < 3;
    const fast = jointsAt(TIME_S, swing, { speed: (t) => (pressed(t) ? -2 : 0.1 * Math.sin(t)) });
    expect(findClipping(bareEpisode({ joints: fast }, { limits: LIMITS }))[0].detail).toContain('limit of -2 rad/s');
    const effort = TIME_S.map((t) => (pressed(t) ? 40 : 5 * Math.sin(9 * t)));
    const strong = jointsAt(TIME_S, swing, { effort });
    expect(findClipping(bareEpisode({ joints: strong }, { limits: LIMITS }))[0].detail).toContain('limit of 40 Nm');
  });

  it('is a flat top of an effort while the arm moves, not while it rests, and never of a gripper', () => {
    const effort = TIME_S.map((t) => clamp(30 * Math.sin(3 * t), 20));
    const of = (position: (t: number) => number, name = 'arm_joint1') =>
      findClipping(bareEpisode({ joints: jointsAt(TIME_S, position, { effort, names: [name] }) }));
    expect(of(swing).map(({ detail }) => detail)).toEqual([
      expect.stringContaining('effort: flat at 20.00 Nm, 5 equal samples or more'),
      expect.stringContaining('effort: flat at -20.00 Nm, 5 equal samples or more'),
    ]);
    expect(of(() => 0.3)).toEqual([]);
    expect(of(swing, 'left_finger_joint')).toEqual([]);
  });

  it('is a flat top of a wrench while another axis changes, whatever the unit', () => {
    for (const scale of [1e-3, 1, 250]) {
      const found = findClipping(wrench(7, scale));
      expect(found.map(({ detail }) => detail.split(',')[0])).toEqual([
        `wrench force x: flat at ${(7 * scale).toPrecision(4)} N`,
        `wrench force x: flat at ${(-7 * scale).toPrecision(4)} N`,
      ]);
      for (const { from_s, to_s } of found)
        for (const t of TIME_S.filter((each) => each >= from_s && each <= to_s))
          expect(Math.abs(10 * Math.sin(2 * t)), `scale ${scale}, ${t} s`).toBeGreaterThanOrEqual(7);
    }
    expect(findClipping(wrench(20))).toEqual([]);
    expect(findClipping(wrench(7, 1, true))).toEqual([]);
  });

  it('stays the same later in time', () => {
    movesWithTime(findClipping, wrench(7), 9);
  });
});
