import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { graspedObject, PANDA, type SimRig } from '../../test/support/sim_rig.ts';
import { FingerTactile, PERFECT_TACTILE, type TactileSpec } from './tactile.ts';

const { model } = PANDA;
const FINGERS = model.body_joint_names.flatMap((name, body) => (name.includes('finger') ? [body] : []));
const FORCE_N = 20;
const MASS_KG = 0.3;

function readings(rig: SimRig, change: Partial<TactileSpec> = {}, seed = 1): Float64Array {
  const sensor = new FingerTactile({ ...PERFECT_TACTILE, ...change }, model, FINGERS, rig.engine, createRng(seed));
  const out = new Float64Array(6);
  sensor.measure(rig.engine, out);
  return out;
}

describe('finger forces', () => {
  const rig = graspedObject({ type: 'box', size: [0.04, 0.04, 0.06] }, FORCE_N, { mass_kg: MASS_KG });

  test('both fingers feel the force they close with', () => {
    const out = readings(rig);
    for (const normal of [out[0], out[3]]) expect(Math.abs(normal / FORCE_N - 1)).toBeLessThan(0.02);
  });

  test('together their shear carries the object', () => {
    const [, a, across, , b, other] = readings(rig);
    // Fingers open along their y and point down along their z.
    expect(a + b).toBeCloseTo(MASS_KG * 9.81, 1);
    expect(Math.abs(across) + Math.abs(other)).toBeLessThan(0.3);
  });

  test('nothing is felt by an empty gripper', () => {
    const empty = graspedObject({ type: 'box', size: [0.04, 0.04, 0.06] }, FORCE_N, { mass_kg: MASS_KG });
    empty.grip(0.08, FORCE_N);
    empty.run(300);
    expect([...readings(empty)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('gain, range, threshold and noise are those asked for', () => {
    const plain = readings(rig);
    expect(readings(rig, { gain: 1.1 })[0]).toBeCloseTo(1.1 * plain[0], 12);
    expect(readings(rig, { range_N: 5 })[0]).toBe(5);
    expect([...readings(rig, { threshold_N: 30 })]).toEqual([0, 0, 0, 0, 0, 0]);
    const noisy = Array.from({ length: 3000 }, (_, seed) => readings(rig, { force_sigma_N: 0.2 }, seed)[0] - plain[0]);
    const sigma = Math.sqrt(noisy.reduce((sum, error) => sum + error ** 2, 0) / noisy.length);
    expect(sigma / 0.2).toBeCloseTo(1, 1);
  });

  test('a body that is no finger is refused; a reading allocates nothing', () => {
    const make = (bodies: readonly number[]): FingerTactile =>
      new FingerTactile(PERFECT_TACTILE, model, bodies, rig.engine, createRng(1));
    expect(() => make([0])).toThrow(/tactile sensor on body 0: a finger on a sliding joint/);
    const sensor = make(FINGERS);
    const out = new Float64Array(6);
    expect(heapGrowthPerCall(() => sensor.measure(rig.engine, out))).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
