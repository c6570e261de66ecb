import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import type { JointSeries } from '../../index.ts';
import { findDynamics } from './dynamics.ts';

const TIME_S = evenStamps(100, 6);
const LIMITS = new Map([['arm_joint1', { lower: -2.9, upper: 2.9, velocity: 2, effort: 87, slides: false }]]);
const swing = (t: number) => 0.4 * Math.sin(1.1 * t);
const rate = (t: number) => 0.44 * Math.cos(1.1 * t);
const of = (joints: JointSeries) => bareEpisode({ joints }, { limits: LIMITS });
const checks = (joints: JointSeries) => findDynamics(of(joints)).map(({ check }) => check);

/** Positions that are `step` rad further from row `at` on. */
const jumping = (step: number, at: number) =>
  jointsAt(TIME_S, (t) => swing(t) + (t >= TIME_S[at] ? step : 0), { speed: rate });

describe('dynamics', () => {
  tellsFaults(findDynamics, 'jump', 'derivative', 'limits');

  it('have no fault in smooth motion of any pace', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'smooth');
      const [size, pace] = [rng.range(0.01, 2.5), rng.range(0.1, 0.7)];
      expect(checks(jointsAt(TIME_S, (t) => size * Math.sin(pace * t))), `seed ${seed}`).toEqual([]);
    }
  });

  it('have a jump where a step is more than 1.5 times what the joint could go, between the rows of it', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'jump');
      const [step, at] = [rng.range(-0.1, 0.1), 5 + rng.int(580)];
      const possible = 1.5 * 2 * 0.01 + 0.004;
      // The swing itself adds up to 0.0044 rad.
      if (Math.abs(Math.abs(step) - possible) < 0.005) continue;
      const jumps = findDynamics(of(jumping(step, at))).filter(({ check }) => check === 'jump');
      const told = `seed ${seed}, ${step} rad at row ${at}`;
      expect(jumps.length, told).toBe(Math.abs(step) > possible ? 1 : 0);
      for (const { severity, detail, from_s, to_s } of jumps) {
        expect([severity, from_s, to_s], told).toEqual(['major', TIME_S[at - 1], TIME_S[at]]);
        expect(detail, told).toContain('0.034 possible; 1 jumps');
        const [, size] = /jumps by ([\d.]+) rad/.exec(detail) ?? [];
        expect(Math.abs(Number(size) - Math.abs(step)), told).toBeLessThan(0.006);
      }
    }
  });

  it('have velocities that are not the slope of positions where 35 % is unexplained, with the factor that fits', () => {
    for (let seed = 0; seed < 40; seed++) {
      const factor = createRng(seed, 'factor').range(-3, 4);
      const unexplained = Math.abs(1 - factor) / Math.max(1, Math.abs(factor));
      if (Math.abs(unexplained - 0.35) < 0.02 || Math.abs(unexplained - 0.7) < 0.02) continue;
      const found = findDynamics(of(jointsAt(TIME_S, swing, { speed: (t) => factor * rate(t) })));
      const told = `seed ${seed}, factor ${factor}`;
      expect(
        found.map(({ check }) => check),
        told,
      ).toEqual(unexplained > 0.35 ? ['derivative'] : []);
      for (const { severity, detail, fix } of found) {
        expect(severity, told).toBe(unexplained > 0.7 ? 'major' : 'minor');
        expect(detail, told).toContain('limit 35 %');
        const [, told_factor] = /by (-?[\d.e-]+)$/.exec(fix) ?? [];
        expect(Math.abs(Number(told_factor) - factor), `${told}: ${fix}`).toBeLessThan(0.02 + 0.01 * Math.abs(factor));
      }
    }
  });

  it('have a derivative of its own where velocities are of something else', () => {
    const found = findDynamics(of(jointsAt(TIME_S, swing, { speed: (t) => 0.44 * Math.sin(5.3 * t) })));
    expect(found).toMatchObject([{ check: 'derivative', severity: 'major' }]);
    expect(found[0].fix).toContain("derivative of arm_joint1's positions");
  });

  it('are beyond limits from 0.01 rad and 5 % of speed on, between the first and the last row of it', () => {
    const wide = (peak: number) => jointsAt(TIME_S, (t) => peak * Math.sin(0.5 * t));
    expect(checks(wide(2.905))).toEqual([]);
    const [found] = findDynamics(of(wide(2.95)));
    expect(found).toMatchObject({ check: 'limits', severity: 'major' });
    expect(found.detail).toContain('0.050 rad beyond [-2.9, 2.9], 0.01 allowed');
    for (const t of [found.from_s, found.to_s]) expect(2.95 * Math.sin(0.5 * t)).toBeCloseTo(2.91, 2);
    const fast = (peak: number) => jointsAt(TIME_S, (t) => (peak / 4) * Math.sin(4 * t));
    expect(checks(fast(2.05))).toEqual([]);
    expect(findDynamics(of(fast(2.4)))[0].detail).toContain('120 % of its greatest speed 2 rad/s, 105 % allowed');
  });

  it('stay the same later in time', () => {
    movesWithTime(findDynamics, of(jumping(0.3, 200)), 14);
  });
});
