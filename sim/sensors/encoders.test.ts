import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { type EncoderSpec, Encoders, PERFECT_ENCODERS } from './encoders.ts';

const N = 8;

function measured(change: Partial<EncoderSpec>, readings: number, seed = 1): number[] {
  const encoders = new Encoders({ ...PERFECT_ENCODERS, ...change }, createRng(seed));
  return Array.from({ length: readings }, () => {
    const [q, v] = [new Float64Array(N).fill(0.3), new Float64Array(N).fill(0.1)];
    encoders.measure(q, v, N);
    return [...q, ...v];
  }).flat();
}

const isPosition = (_: number, i: number): boolean => i % (2 * N) < N;
function deviation(values: readonly number[], mean: number): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('encoders', () => {
  test('perfect ones change nothing', () => {
    expect(new Set(measured({}, 3))).toEqual(new Set([0.3, 0.1]));
  });

  test('positions are the nearest multiples of the resolution', () => {
    const step = 2 ** -13;
    const rng = createRng(2, 'positions');
    const encoders = new Encoders({ ...PERFECT_ENCODERS, resolution_rad: step }, rng);
    for (let i = 0; i < 500; i++) {
      const q = Float64Array.from({ length: N }, () => rng.range(-3, 3));
      const truth = q.slice();
      encoders.measure(q, new Float64Array(N), N);
      for (let k = 0; k < N; k++) {
        expect(Number.isInteger(q[k] / step), `${truth[k]}`).toBe(true);
        expect(Math.abs(q[k] - truth[k]), `${truth[k]}`).toBeLessThanOrEqual(step / 2);
      }
    }
  });

  test('noise has the deviations asked for, offsets are constant', () => {
    const values = measured({ noise_sigma_rad: 0.002, velocity_sigma_rad_s: 0.05, offset_rad: [0.01] }, 4000);
    const positions = values.filter(isPosition);
    const first = positions.filter((_, i) => i % N === 0);
    const others = positions.filter((_, i) => i % N !== 0);
    expect(deviation(others, 0.3) / 0.002).toBeCloseTo(1, 1);
    expect(deviation(first, 0.31) / 0.002).toBeCloseTo(1, 1);
    const velocities = values.filter((value, i) => !isPosition(value, i));
    expect(deviation(velocities, 0.1) / 0.05).toBeCloseTo(1, 1);
  });

  test('the same stream gives the same readings', () => {
    const spec = { noise_sigma_rad: 0.001 };
    expect(measured(spec, 5)).toEqual(measured(spec, 5));
    expect(measured(spec, 5)).not.toEqual(measured(spec, 5, 2));
  });

  test('sizes that cannot be are refused; a reading allocates nothing', () => {
    expect(() => measured({ resolution_rad: -1 }, 1)).toThrow('encoder resolution_rad -1: 0 or more');
    const encoders = new Encoders(
      { resolution_rad: 1e-4, noise_sigma_rad: 1e-4, velocity_sigma_rad_s: 1e-3, offset_rad: [] },
      createRng(1),
    );
    const [q, v] = [new Float64Array(N), new Float64Array(N)];
    expect(heapGrowthPerCall(() => encoders.measure(q, v, N), 5000, (N + 1) * BOXED_NUMBER)).toBeLessThanOrEqual(
      (N + 1) * BOXED_NUMBER,
    );
  });
});
