import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { drawMotion, endError, worstExcess } from '../test/support/trajectories.ts';
import { TrajectoryGenerator, TrajectoryInput } from './index.ts';

const [p, v, a] = [new Float64Array(7), new Float64Array(7), new Float64Array(7)];

/** A random motion along a line: every vector a multiple of one direction. */
function drawAlongLine(seed: number): TrajectoryInput {
  const rng = createRng(seed, 'line');
  const input = new TrajectoryInput(7);
  drawMotion(rng, input, seed % 2 === 0 ? 1 : 1 / 20, 0, true);
  const direction = Array.from({ length: 7 }, (_, k) => (k === seed % 7 ? 0 : rng.range(-1, 1)));
  const least = (limit: Float64Array) => Math.min(...direction.map((x, k) => limit[k] / Math.max(1e-9, Math.abs(x))));
  const [distance, j] = [rng.range(-2, 2), least(input.jmax)];
  const acceleration = () => rng.range(-1, 1) * Math.min(least(input.amax), Math.sqrt(1.9 * j * least(input.vmax)));
  const [a0, a1] = [acceleration(), acceleration()];
  const [v0, v1] = [a0, a1].map((x) => rng.range(-1, 1) * (least(input.vmax) - x ** 2 / (2 * j)));
  direction.forEach((x, k) => {
    input.p1[k] = input.p0[k] + distance * x;
    input.v0[k] = v0 * x;
    input.v1[k] = v1 * x;
    input.a0[k] = a0 * x;
    input.a1[k] = a1 * x;
  });
  return input;
}

/** Largest distance of samples from the line through the start along `direction`. */
function offLine(generator: TrajectoryGenerator, input: TrajectoryInput, direction: Float64Array): number {
  const square = direction.reduce((sum, x) => sum + x * x, 0);
  let worst = 0;
  for (let i = 0; i <= 200; i++) {
    generator.sample((i / 200) * generator.duration, p, v, a);
    const along = p.reduce((sum, x, k) => sum + (x - input.p0[k]) * direction[k], 0) / square;
    p.forEach((x, k) => {
      worst = Math.max(worst, Math.abs(x - input.p0[k] - along * direction[k]));
    });
  }
  return worst;
}

describe('synchronisation in phase', () => {
  test('keeps a straight line, the limits and the target where all vectors lie along it', () => {
    const generator = new TrajectoryGenerator(7);
    for (let seed = 0; seed < 300; seed++) {
      const input = drawAlongLine(seed);
      expect(generator.plan(input, 'phase'), `seed ${seed}`).toBe(true);
      expect(generator.synchronized, `seed ${seed}`).toBe('phase');
      expect(endError(generator, input), `seed ${seed}`).toBeLessThan(1e-9);
      expect(worstExcess(generator, input), `seed ${seed}`).toBeLessThan(1e-9);
      const direction = input.p1.map((x, k) => x - input.p0[k]);
      expect(offLine(generator, input, direction), `seed ${seed}`).toBeLessThan(1e-9);
      const phase = generator.duration;
      generator.plan(input, 'time');
      expect(phase, `seed ${seed}`).toBeGreaterThan(generator.duration - 1e-9);
    }
  });

  test('is as quick as the slowest joint alone from rest to rest when that joint is slowest in all', () => {
    const input = new TrajectoryInput(7);
    drawMotion(createRng(1), input, 1, 0, true);
    for (const field of ['vmax', 'amax', 'jmax'] as const) input[field].fill(field === 'vmax' ? 2 : 10);
    const [phase, time] = [new TrajectoryGenerator(7), new TrajectoryGenerator(7)];
    phase.plan(input, 'phase');
    time.plan(input, 'time');
    expect(phase.duration).toBeCloseTo(time.duration, 12);
  });

  test('falls back to time, and says so, where a vector lies off the line', () => {
    const generator = new TrajectoryGenerator(7);
    for (let seed = 0; seed < 50; seed++) {
      const input = drawAlongLine(seed);
      const field = (['v0', 'v1', 'a0', 'a1'] as const)[seed % 4];
      input[field][(seed + 1) % 7] += 1e-3;
      expect(generator.plan(input, 'phase'), `seed ${seed}`).toBe(true);
      expect(generator.synchronized, `seed ${seed}`).toBe('time');
      const { duration } = generator;
      generator.plan(input, 'time');
      expect(generator.duration).toBe(duration);
    }
  });

  test('stays in phase when planned anew from its own samples', () => {
    const [first, second] = [new TrajectoryGenerator(7), new TrajectoryGenerator(7)];
    for (let seed = 0; seed < 300; seed++) {
      const input = drawAlongLine(seed);
      first.plan(input, 'phase');
      const t = createRng(seed).uniform() * 0.9 * first.duration;
      const rest = drawAlongLine(seed);
      first.sample(t, rest.p0, rest.v0, rest.a0);
      expect(second.plan(rest, 'phase')).toBe(true);
      expect(second.synchronized, `seed ${seed}`).toBe('phase');
      expect(Math.abs(second.duration + t - first.duration), `seed ${seed}`).toBeLessThan(1e-6);
    }
  });
});

test('without synchronisation each joint takes its own least time', () => {
  const input = new TrajectoryInput(7);
  const alone = new TrajectoryInput(1);
  const [all, one] = [new TrajectoryGenerator(7), new TrajectoryGenerator(1)];
  for (let seed = 0; seed < 100; seed++) {
    drawMotion(createRng(seed), input, 1 / 20);
    expect(all.plan(input, 'none')).toBe(true);
    expect(all.synchronized).toBe('none');
    expect(endError(all, input)).toBeLessThan(1e-9);
    for (let k = 0; k < 7; k++) {
      for (const field of ['p0', 'v0', 'a0', 'p1', 'v1', 'a1', 'vmax', 'amax', 'jmax'] as const) {
        alone[field][0] = input[field][k];
      }
      one.plan(alone, 'time');
      expect(all.joint_durations[k]).toBe(one.duration);
    }
  }
});
