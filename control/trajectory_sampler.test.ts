import { describe, expect, it } from 'vitest';
import { createRng, InputError, type JointTrajectory } from '../contracts/index.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { TrajectorySampler } from './trajectory_sampler.ts';

const NAMES = ['a', 'b'];

/** Samples at `times` of p(t) and its derivatives for two joints, scaled so that it ends at rest. */
function fromFunction(times: readonly number[], p: (t: number, order: 0 | 1 | 2) => number): JointTrajectory {
  const table = (order: 0 | 1 | 2) => Float64Array.from(times.flatMap((t) => [p(t, order), 2 * p(t, order)]));
  return {
    joint_names: NAMES,
    time_s: Float64Array.from(times),
    position: table(0),
    velocity: table(1),
    acceleration: table(2),
  };
}

/** 10u³ − 15u⁴ + 6u⁵ and derivatives: at rest at 0 and 1. */
const quintic = (u: number, order: 0 | 1 | 2): number =>
  order === 0
    ? u ** 3 * (10 - 15 * u + 6 * u * u)
    : order === 1
      ? 30 * u * u * (1 - u) ** 2
      : 60 * u * (1 - u) * (1 - 2 * u);

describe('trajectory sampler', () => {
  it('is exact at its samples, also when times are off by rounding', () => {
    const rng = createRng(51);
    const times = Array.from({ length: 200 }, (_, k) => k * 0.002);
    const trajectory = fromFunction(times, (t, order) => (t === times[199] && order > 0 ? 0 : rng.normal()));
    const sampler = new TrajectorySampler(NAMES);
    sampler.load(trajectory);
    const out = new Float64Array(2);
    for (let k = 0; k < 200; k++) {
      const start = 12.344;
      sampler.sample(start + k * 0.002 - start, out);
      expect([...out]).toEqual([...trajectory.position.subarray(2 * k, 2 * k + 2)]);
    }
  });

  it('reproduces quintics between samples, and cubics without accelerations', () => {
    const rng = createRng(52);
    const times = [0, 0.13, 0.4, 0.41, 0.77, 1];
    const sampler = new TrajectorySampler(NAMES);
    const out = new Float64Array(2);
    sampler.load(fromFunction(times, quintic));
    for (let i = 0; i < 300; i++) {
      const t = rng.uniform();
      sampler.sample(t, out);
      expect(out[0], `t ${t}`).toBeCloseTo(quintic(t, 0), 12);
      expect(out[1]).toBeCloseTo(2 * quintic(t, 0), 12);
    }
    const cubic = (u: number, order: 0 | 1 | 2): number => (order === 0 ? u * u * (3 - 2 * u) : 6 * u * (1 - u));
    sampler.load({ ...fromFunction(times, cubic), acceleration: new Float64Array(0) });
    for (let i = 0; i < 300; i++) {
      const t = rng.uniform();
      sampler.sample(t, out);
      expect(out[0]).toBeCloseTo(cubic(t, 0), 12);
    }
  });

  it('holds the ends outside its time', () => {
    const sampler = new TrajectorySampler(NAMES);
    sampler.load(fromFunction([0, 0.5, 1], quintic));
    const out = new Float64Array(2);
    sampler.sample(-1, out);
    expect([...out]).toEqual([0, 0]);
    sampler.sample(99, out);
    expect([...out]).toEqual([1, 2]);
    sampler.sample(0, out);
    expect([...out]).toEqual([0, 0]);
  });

  it('reorders joints by name', () => {
    const sampler = new TrajectorySampler(['b', 'a']);
    sampler.load(fromFunction([0, 0.5, 1], quintic));
    const out = new Float64Array(2);
    sampler.sample(1, out);
    expect([...out]).toEqual([2, 1]);
  });

  const good = fromFunction([0, 0.5, 1], quintic);
  const set = (array: Float64Array, index: number, value: number) => array.map((x, i) => (i === index ? value : x));
  it.each<[string, JointTrajectory]>([
    ['joints', { ...good, joint_names: ['a', 'c'] }],
    ['joints', { ...good, joint_names: ['a'] }],
    ['0 times', { ...good, time_s: new Float64Array(0) }],
    ['5 positions', { ...good, position: good.position.slice(1) }],
    ['velocities', { ...good, velocity: good.velocity.slice(1) }],
    ['accelerations', { ...good, acceleration: good.acceleration.slice(1) }],
    ['time_s[0]', { ...good, time_s: Float64Array.of(0.1, 0.5, 1) }],
    ['time_s[2]', { ...good, time_s: Float64Array.of(0, 0.5, 0.5) }],
    ['time_s[1]', { ...good, time_s: Float64Array.of(0, Number.NaN, 0.5) }],
    ['position[3]', { ...good, position: set(good.position, 3, Number.NaN) }],
    ['acceleration[2]', { ...good, acceleration: set(good.acceleration, 2, Infinity) }],
    ['rest', { ...good, velocity: set(good.velocity, 5, 0.1) }],
    ['rest', { ...good, acceleration: set(good.acceleration, 4, 1) }],
  ])('refuses, naming %s', (place, trajectory) => {
    const sampler = new TrajectorySampler(NAMES);
    expect(() => sampler.load(trajectory)).toThrow(InputError);
    expect(() => sampler.load(trajectory)).toThrow(place);
  });

  it('allocates nothing', () => {
    const sampler = new TrajectorySampler(NAMES);
    sampler.load(good);
    const out = new Float64Array(2);
    const run = (count: number): void => {
      for (let i = 0; i < count; i++) sampler.sample((i % 1000) / 1000, out);
    };
    run(5000);
    expect(bytesPerCall(2000, run)).toBeLessThan(24);
  });
});
