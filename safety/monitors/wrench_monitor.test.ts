import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { WrenchExcessMonitor, WrenchFrozenMonitor } from './wrench_monitor.ts';

type Vector = readonly [number, number, number];
const wrench = (force: Vector, torque: Vector = [0, 0, 0]) => ({ stamp_ns: 0n, frame_id: 'hand', force, torque });
const LIMITS = { force_N: 100, torque_Nm: 20, frozen_s: 0.5 };

describe('the monitor of wrenches', () => {
  it('finds a force, a torque and what is no number, and nothing at the limit', () => {
    const of = (force: Vector, torque?: Vector) => {
      const monitor = new WrenchExcessMonitor(LIMITS);
      monitor.hear(wrench(force, torque), 1);
      return monitor.look(1.01)?.detail ?? null;
    };
    expect(of([60, 80, 0], [0, 20, 0])).toBeNull();
    expect(of([60, 81, 0])).toBe('101 N and 0.0 Nm at the hand, at most 100 N and 20 Nm');
    expect(of([0, 0, 0], [0, 21, 0])).toBe('0 N and 21.0 Nm at the hand, at most 100 N and 20 Nm');
    expect(of([Number.NaN, 0, 0])).toBe('the wrench at the hand is no number');
  });

  /** Two seconds of a sensor, which freezes after the first; time at which it is found to be frozen. */
  function frozen(noise_N: number, moves: boolean, freezes = true): number | null {
    const monitor = new WrenchFrozenMonitor(LIMITS);
    const rng = createRng(1, 'wrench');
    let force: Vector = [0, 0, 0];
    for (let k = 0; k < 300; k++) {
      const now_s = 0.01 * k;
      if (k < 150 || !freezes) force = [noise_N * rng.normal(), noise_N * rng.normal(), 5 * noise_N];
      monitor.hear(wrench(force));
      monitor.hearSpeed(moves ? 0.5 : 0);
      if (monitor.look(now_s) !== null) return now_s;
    }
    return null;
  }

  it('finds a sensor with noise frozen when the arm has moved for half a second, and no other', () => {
    expect(frozen(0.1, true)).toBeCloseTo(1.5 + 0.5, 1);
    expect(frozen(0.1, true, false)).toBeNull();
    expect(frozen(0.1, false)).toBeNull();
    expect(frozen(0, true)).toBeNull();
  });
});
