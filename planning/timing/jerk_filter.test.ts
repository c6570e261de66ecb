import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { limitJerk, longestWindow } from './jerk_filter.ts';
import type { MotionLimits } from './limits.ts';

const N = 2;
const DT = 0.001;

/** Samples from rest to rest with accelerations that jump between their limits, and the limits they hold. */
function bangBang(rng: Rng): { readonly raw: Float64Array; readonly limits: MotionLimits } {
  const acceleration = Float64Array.from({ length: N }, () => rng.range(2, 20));
  const rows: number[] = [];
  const state = Float64Array.from({ length: 2 * N }, (_, i) => (i < N ? rng.range(-2, 2) : 0));
  const signs = Array.from({ length: 8 }, () => (rng.uniform() < 0.5 ? 1 : -1));
  const velocity = new Float64Array(N);
  for (const sign of [...signs, ...signs.map((x) => -x)]) {
    for (let k = 0; k < 40; k++) {
      rows.push(...state.subarray(0, N));
      for (let j = 0; j < N; j++) {
        state[N + j] += sign * acceleration[j] * DT;
        velocity[j] = Math.max(velocity[j], Math.abs(state[N + j]));
        state[j] += state[N + j] * DT;
      }
    }
  }
  rows.push(...state.subarray(0, N), ...state.subarray(0, N));
  const jerk = acceleration.map((a) => a * 10 ** rng.range(1, 3));
  const room = (x: number) => x * (1 + 1e-9);
  return {
    raw: Float64Array.from(rows),
    limits: { velocity: velocity.map(room), acceleration: acceleration.map(room), jerk },
  };
}

const largest = (table: Float64Array, j: number) =>
  table.reduce((most, x, i) => (i % N === j ? Math.max(most, Math.abs(x)) : most), 0);

describe('limiting jerk', () => {
  test('keeps all limits, starts and ends where the samples do, and takes at most the longest window more', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { raw, limits } = bangBang(createRng(seed, 'bang'));
      const motion = limitJerk(raw, N, limits, DT);
      const samples = motion.samples();
      for (let j = 0; j < N; j++) {
        const shares = [
          largest(samples.velocity, j) / limits.velocity[j],
          largest(samples.acceleration, j) / limits.acceleration[j],
          largest(samples.jerk, j) / limits.jerk[j],
        ];
        expect(Math.max(...shares), `seed ${seed}, joint ${j}: ${shares}`).toBeLessThan(1 + 1e-6);
      }
      expect([...samples.position.subarray(0, N)]).toEqual([...raw.subarray(0, N)]);
      expect([...samples.position.slice(-N)]).toEqual([...raw.slice(-N)]);
      const extra_s = motion.duration_s - (raw.length / N - 1) * DT;
      expect(extra_s, `seed ${seed}`).toBeLessThan(longestWindow(limits, DT) + 1.5 * DT);
    }
  });

  test('takes the shortest window: one sample less breaks a jerk limit', () => {
    let tested = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { raw, limits } = bangBang(createRng(seed, 'least'));
      const extra_s = limitJerk(raw, N, limits, DT).duration_s - (raw.length / N - 1) * DT;
      const window = Math.round(extra_s / DT) - 1;
      if (window < 2) continue;
      tested++;
      const { jerk } = limitJerk(raw, N, limits, DT, window - 1).samples();
      const share = Math.max(...limits.jerk.map((limit, j) => largest(jerk, j) / limit));
      expect(share, `seed ${seed}`).toBeGreaterThan(1);
    }
    expect(tested).toBeGreaterThan(20);
  });

  test('on an arc leaves it by less than the curvature says', () => {
    const [radius, speed] = [0.4, 2];
    const limits: MotionLimits = {
      velocity: Float64Array.of(3, 3),
      acceleration: Float64Array.of(11, 11),
      jerk: Float64Array.of(300, 300),
    };
    const rows = 800;
    const raw = new Float64Array(rows * N);
    for (let k = 0; k < rows; k++) {
      // from rest to the speed and back, by a sine
      const phase = (k / (rows - 1)) * 2 * Math.PI;
      const way = (speed * DT * (rows - 1) * (phase - Math.sin(phase))) / (4 * Math.PI);
      raw[k * N] = radius * Math.cos(way / radius);
      raw[k * N + 1] = radius * Math.sin(way / radius);
    }
    const window_s = longestWindow(limits, DT);
    const { position } = limitJerk(raw, N, limits, DT, Math.round(window_s / DT)).samples();
    let off = 0;
    for (let i = 0; i < position.length; i += N)
      off = Math.max(off, Math.abs(Math.hypot(position[i], position[i + 1]) - radius));
    const bound = ((speed ** 2 / radius) * window_s ** 2) / 24;
    expect(off).toBeGreaterThan(0.7 * bound);
    expect(off).toBeLessThan(1.05 * bound);
  });
});
