import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { PERFECT_WRENCH_SENSOR, WrenchSensor, type WrenchSensorSpec } from './wrench_sensor.ts';

const DT = 0.01;

function sensor(change: Partial<WrenchSensorSpec>, seed = 1): WrenchSensor {
  return new WrenchSensor({ ...PERFECT_WRENCH_SENSOR, ...change }, createRng(seed), DT);
}

function reading(of: WrenchSensor, truth: readonly number[]): Float64Array {
  const wrench = Float64Array.from(truth);
  of.measure(wrench);
  return wrench;
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}

describe('wrench sensor', () => {
  const truth = [1, -2, 3, 0.1, 0.2, -0.3];

  test('a perfect one changes nothing; a bias is added', () => {
    expect([...reading(sensor({}), truth)]).toEqual(truth);
    const bias = [0.5, 0, -0.5, 0.01, 0, 0] as const;
    reading(sensor({ bias }), truth).forEach((value, k) => {
      expect(value).toBeCloseTo(truth[k] + bias[k], 12);
    });
  });

  test('drift is a random walk: its deviation grows with the root of time', () => {
    const spread = (seconds: number): number =>
      deviation(
        Array.from({ length: 800 }, (_, seed) => {
          const one = sensor({ force_drift_N: 0.2 }, seed);
          let last = 0;
          for (let i = 0; i < seconds / DT; i++) last = reading(one, [0, 0, 0, 0, 0, 0])[0];
          return last;
        }),
      );
    expect(spread(1) / 0.2).toBeCloseTo(1, 0);
    expect(spread(4) / spread(1)).toBeGreaterThan(1.8);
    expect(spread(4) / spread(1)).toBeLessThan(2.2);
  });

  test('noise has the deviations asked for, and readings saturate', () => {
    const one = sensor({ force_sigma_N: 0.3, torque_sigma_Nm: 0.02 });
    const readings = Array.from({ length: 4000 }, () => reading(one, [0, 0, 0, 0, 0, 0]));
    expect(deviation(readings.map((w) => w[1])) / 0.3).toBeCloseTo(1, 1);
    expect(deviation(readings.map((w) => w[5])) / 0.02).toBeCloseTo(1, 1);
    const range = { force_range_N: 2.5, torque_range_Nm: 0.25 };
    expect([...reading(sensor(range), truth)]).toEqual([1, -2, 2.5, 0.1, 0.2, -0.25]);
  });

  test('sizes that cannot be are refused; a reading allocates nothing', () => {
    expect(() => sensor({ force_sigma_N: -0.1 })).toThrow('wrench sensor force_sigma_N -0.1: 0 or more');
    const one = sensor({ force_drift_N: 0.1, force_sigma_N: 0.1, torque_sigma_Nm: 0.01 });
    const wrench = new Float64Array(6);
    expect(heapGrowthPerCall(() => one.measure(wrench.fill(0)), 5000, 7 * BOXED_NUMBER)).toBeLessThanOrEqual(
      7 * BOXED_NUMBER,
    );
  });
});
