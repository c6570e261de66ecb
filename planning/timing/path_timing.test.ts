import { describe, expect, test } from 'vitest';
import { createRng, type JointTrajectory, type Rng } from '../../contracts/index.ts';
import { DoubleS } from './double_s.ts';
import type { MotionLimits } from './limits.ts';
import { timeLine } from './path_timing.ts';
import { endPoint, sampleTrajectory } from './sample.ts';

const DT = 0.002;
const NAMES = ['j1', 'j2', 'j3', 'j4', 'j5', 'j6', 'j7'];
const N = NAMES.length;
const PANDA: MotionLimits = {
  velocity: Float64Array.of(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61),
  acceleration: Float64Array.of(15, 7.5, 10, 12.5, 15, 20, 20),
  jerk: Float64Array.of(7500, 3750, 5000, 6250, 7500, 10000, 10000),
};
const scaled = (f: number): MotionLimits => ({
  velocity: PANDA.velocity.map((x) => x * f),
  acceleration: PANDA.acceleration.map((x) => x * f),
  jerk: PANDA.jerk.map((x) => x * f * f),
});
const randomPoint = (rng: Rng): Float64Array => Float64Array.from({ length: N }, () => rng.range(-2.5, 2.5));

/** Largest ratio of backward differences to the limits, with rest before and after. */
function worstRatio(trajectory: JointTrajectory, limits: MotionLimits): number {
  const rows = trajectory.time_s.length;
  const at = (k: number, j: number): number => trajectory.position[Math.max(0, Math.min(rows - 1, k)) * N + j];
  let worst = 0;
  for (let k = 0; k < rows + 3; k++) {
    for (let j = 0; j < N; j++) {
      const [p0, p1, p2, p3] = [at(k, j), at(k - 1, j), at(k - 2, j), at(k - 3, j)];
      worst = Math.max(
        worst,
        Math.abs(p0 - p1) / DT / limits.velocity[j],
        Math.abs(p0 - 2 * p1 + p2) / DT ** 2 / limits.acceleration[j],
        (Math.abs(p0 - 3 * p1 + 3 * p2 - p3) / DT ** 3 - 1e-5) / limits.jerk[j],
      );
    }
  }
  return worst;
}

/** Largest ratio by which velocity and acceleration columns differ from what the positions do. */
function derivativeError(trajectory: JointTrajectory, limits: MotionLimits): number {
  const { position, velocity, acceleration } = trajectory;
  let worst = 0;
  for (let i = N; i < position.length; i++) {
    const j = i % N;
    const moved = ((velocity[i] + velocity[i - N]) / 2) * DT;
    const gained = ((acceleration[i] + acceleration[i - N]) / 2) * DT;
    worst = Math.max(
      worst,
      Math.abs(position[i] - position[i - N] - moved) / ((limits.jerk[j] * DT ** 3) / 6),
      Math.abs(velocity[i] - velocity[i - N] - gained) / ((limits.jerk[j] * DT ** 2) / 2),
    );
  }
  return worst;
}

describe('joint lines', () => {
  test('hold every limit as differences at 500 Hz, keep their ends exact and stay on the line', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < 60; trial++) {
      const limits = scaled(rng.range(0.2, 1));
      const a = randomPoint(rng);
      const b = trial % 3 === 0 ? a.map((x) => x + rng.range(-1e-3, 1e-3)) : randomPoint(rng);
      const path = timeLine(a, b, limits);
      const trajectory = sampleTrajectory([path], NAMES, DT);
      expect(worstRatio(trajectory, limits), `trial ${trial}`).toBeLessThanOrEqual(1 + 1e-9);
      expect(derivativeError(trajectory, limits), `trial ${trial}`).toBeLessThan(1);
      expect([...trajectory.position.slice(0, N)]).toEqual([...a]);
      expect([...endPoint(trajectory)]).toEqual([...b]);
      expect([...trajectory.velocity.slice(-N), ...trajectory.acceleration.slice(-N)].every((x) => x === 0)).toBe(true);
      let last = 0;
      let back = 0;
      let off_line = 0;
      for (let k = 0; k < trajectory.time_s.length; k++) {
        const phase = (trajectory.position[k * N] - a[0]) / (b[0] - a[0]);
        for (let j = 1; j < N; j++) {
          off_line = Math.max(off_line, Math.abs((trajectory.position[k * N + j] - a[j]) / (b[j] - a[j]) - phase));
        }
        back = Math.max(back, last - phase);
        last = phase;
      }
      expect([off_line < 1e-9, back < 1e-12], `trial ${trial}`).toEqual([true, true]);
    }
  });

  test('last as long as the closed form of the slowest bound, to one period', () => {
    const rng = createRng(2);
    for (let trial = 0; trial < 60; trial++) {
      const a = randomPoint(rng);
      const b = randomPoint(rng);
      const d = b.map((x, j) => Math.abs(x - a[j]));
      const bound = (x: Float64Array): number => Math.min(...x.map((limit, j) => limit / d[j]));
      const duration = new DoubleS(1, bound(PANDA.velocity), bound(PANDA.acceleration), bound(PANDA.jerk)).duration;
      const path = timeLine(a, b, PANDA);
      const trajectory = sampleTrajectory([path], NAMES, DT);
      expect(path.duration_s).toBeCloseTo(duration, 12);
      const extra = trajectory.time_s[trajectory.time_s.length - 1] - duration;
      expect(extra).toBeGreaterThan(-1e-9);
      expect(extra).toBeLessThan(DT);
      // one joint at one of its limits at least, and slower for a slower phase
      expect(worstRatio(trajectory, PANDA)).toBeGreaterThan(0.95);
      expect(timeLine(a, b, PANDA, 0.5 / duration).duration_s).toBeGreaterThan(duration);
    }
  });

  test('a point to itself is one sample at rest; several lines join at rest', () => {
    const rng = createRng(3);
    const a = randomPoint(rng);
    const b = randomPoint(rng);
    const c = randomPoint(rng);
    const still = sampleTrajectory([timeLine(a, a, PANDA)], NAMES, DT);
    expect(still.time_s.length).toBe(1);
    expect([...still.position]).toEqual([...a]);
    const both = sampleTrajectory([timeLine(a, b, PANDA), timeLine(b, c, PANDA)], NAMES, DT);
    expect(worstRatio(both, PANDA)).toBeLessThanOrEqual(1 + 1e-9);
    const corner = Math.ceil(timeLine(a, b, PANDA).duration_s / DT - 1e-9);
    expect([...both.position.slice(corner * N, corner * N + N)]).toEqual([...b]);
    expect([...both.velocity.slice(corner * N, corner * N + N)].every((x) => Math.abs(x) < 1e-12)).toBe(true);
    expect([...endPoint(both)]).toEqual([...c]);
  });
});
