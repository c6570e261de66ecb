import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { sweep } from '../test/support/sweep.ts';
import { drawMotion, endError, worstExcess } from '../test/support/trajectories.ts';
import { TrajectoryGenerator, TrajectoryInput } from './index.ts';

const STATES = ['p0', 'v0', 'a0', 'p1', 'v1', 'a1'] as const;
const LIMITS = ['vmax', 'amax', 'jmax'] as const;
/** Parts of the Panda's jerk limit. */
const JERKS = [1, 1 / 20, 1 / 200];

function eachMotion(
  seed: string,
  count: number,
  n: number,
  work: (input: TrajectoryInput, where: string) => void,
): void {
  for (const jerk_part of JERKS) {
    const rng = createRng(5, `${seed} ${jerk_part}`);
    const input = new TrajectoryInput(n);
    for (let i = 0; i < count; i++) {
      drawMotion(rng, input, jerk_part, i % 3 === 0 ? 0.02 : 0);
      work(input, `${seed}, jerk ${jerk_part}, motion ${i}`);
    }
  }
}

function planned(input: TrajectoryInput): TrajectoryGenerator {
  const generator = new TrajectoryGenerator(input.n);
  expect(generator.plan(input, 'time')).toBe(true);
  return generator;
}

function copyOf(input: TrajectoryInput): TrajectoryInput {
  const copy = new TrajectoryInput(input.n);
  for (const field of [...STATES, ...LIMITS, 'pmin', 'pmax'] as const) copy[field].set(input[field]);
  copy.free_position = input.free_position;
  return copy;
}

describe('a trajectory', () => {
  test('ends on its target, keeps every limit and lasts as long for every joint, with 1, 3, 7 and 30 joints', () => {
    for (const n of [1, 3, 7, 30]) {
      eachMotion(`${n} joints`, sweep(24, 100), n, (input, where) => {
        for (const free_position of [false, true]) {
          input.free_position = free_position;
          const generator = planned(input);
          expect(endError(generator, input), where).toBeLessThan(1e-9);
          expect(worstExcess(generator, input), where).toBeLessThan(1e-9);
          for (let k = 0; k < n; k++) {
            expect(Math.abs(generator.profile(k).duration - generator.duration), where).toBeLessThan(1e-11);
          }
        }
      });
    }
  });

  test('is the integral of its jerk: samples continue p, v and a, and the derivative of each is the next', () => {
    const [p, v, a] = [new Float64Array(7), new Float64Array(7), new Float64Array(7)];
    const [q, w, b] = [new Float64Array(7), new Float64Array(7), new Float64Array(7)];
    eachMotion('samples', 30, 7, (input, where) => {
      const generator = planned(input);
      const h = generator.duration / 500;
      generator.sample(0, p, v, a);
      expect([...p, ...v, ...a]).toEqual([...input.p0, ...input.v0, ...input.a0]);
      let worst = 0;
      for (let i = 1; i <= 500; i++) {
        generator.sample(i * h, q, w, b);
        for (let k = 0; k < 7; k++) {
          // Taylor's remainders of the third order, for a jerk within its limit.
          const jerk = input.jmax[k];
          worst = Math.max(
            worst,
            Math.abs(b[k] - a[k]) / (jerk * h + 1e-9),
            Math.abs(w[k] - v[k] - h * a[k]) / ((jerk * h ** 2) / 2 + 1e-9),
            Math.abs(q[k] - p[k] - h * (v[k] + (h * a[k]) / 2)) / ((jerk * h ** 3) / 6 + 1e-9),
          );
        }
        p.set(q);
        v.set(w);
        a.set(b);
      }
      expect(worst, where).toBeLessThan(1 + 1e-9);
      for (let k = 0; k < 7; k++) expect(Math.abs(p[k] - input.p1[k]), where).toBeLessThan(1e-9);
    });
  });

  test('goes on from its end without jerk, and writes at the offset', () => {
    const input = new TrajectoryInput(2);
    drawMotion(createRng(2), input, 1);
    const generator = planned(input);
    const [p, v, a] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
    generator.sample(generator.duration + 0.1, p, v, a, 2);
    expect([...p.subarray(0, 2)]).toEqual([0, 0]);
    const jerk = new Float64Array(3);
    generator.sampleJerk(generator.duration + 0.1, jerk, 1);
    expect([...jerk]).toEqual([0, 0, 0]);
    const { time, jerk: jerks } = generator.profile(0);
    generator.sampleJerk(time[0] / 2, jerk, 1);
    expect(jerk[1]).toBe(jerks[0]);
    generator.sample(-1, p, v, a, 0);
    expect([p[0], v[1]]).toEqual([input.p0[0], input.v0[1]]);
    for (const k of [0, 1]) {
      expect(p[2 + k]).toBeCloseTo(input.p1[k] + 0.1 * input.v1[k] + 0.005 * input.a1[k], 9);
      expect(v[2 + k]).toBeCloseTo(input.v1[k] + 0.1 * input.a1[k], 9);
      expect(a[2 + k]).toBeCloseTo(input.a1[k], 9);
    }
  });

  test('lasts as long backwards: ends swapped, velocities turned', () => {
    eachMotion('backwards', 300, 7, (input, where) => {
      const forwards = planned(input).duration;
      const back = copyOf(input);
      for (let k = 0; k < input.n; k++) {
        back.p0[k] = input.p1[k];
        back.p1[k] = input.p0[k];
        back.v0[k] = -input.v1[k];
        back.v1[k] = -input.v0[k];
        back.a0[k] = input.a1[k];
        back.a1[k] = input.a0[k];
      }
      expect(Math.abs(planned(back).duration - forwards), where).toBeLessThan(1e-9);
    });
  });

  test('lasts as long when lengths are scaled, and in proportion when time is', () => {
    for (const scale of [1e-6, 0.3, 7, 1e6]) {
      eachMotion(`scale ${scale}`, 50, 7, (input, where) => {
        const { duration } = planned(input);
        const longer = copyOf(input);
        const slower = copyOf(input);
        for (let k = 0; k < input.n; k++) {
          for (const field of [...STATES, ...LIMITS]) longer[field][k] *= scale;
          for (const field of ['v0', 'v1', 'vmax'] as const) slower[field][k] /= scale;
          for (const field of ['a0', 'a1', 'amax'] as const) slower[field][k] /= scale ** 2;
          slower.jmax[k] /= scale ** 3;
        }
        expect(Math.abs(planned(longer).duration / duration - 1), where).toBeLessThan(1e-9);
        expect(Math.abs(planned(slower).duration / duration / scale - 1), where).toBeLessThan(1e-9);
      });
    }
  });

  test('lasts as long mirrored and with its joints in another order', () => {
    eachMotion('mirrored', 200, 7, (input, where) => {
      const { duration } = planned(input);
      const mirrored = copyOf(input);
      for (let k = 0; k < 7; k++) for (const field of STATES) mirrored[field][k] = -input[field][6 - k];
      for (let k = 0; k < 7; k++) for (const field of LIMITS) mirrored[field][k] = input[field][6 - k];
      expect(Math.abs(planned(mirrored).duration - duration), where).toBeLessThan(1e-9);
    });
  });

  test('is never shorter with more joints, nor with a smaller limit from rest to rest', () => {
    eachMotion('orderings', 100, 7, (input, where) => {
      const { duration } = planned(input);
      const alone = new TrajectoryGenerator(7);
      expect(alone.plan(input, 'none')).toBe(true);
      const longest = Math.max(...alone.joint_durations);
      expect(alone.duration).toBe(longest);
      expect(duration, where).toBeGreaterThan(longest - 1e-9);
      for (const field of ['v0', 'a0', 'v1', 'a1'] as const) input[field].fill(0);
      const rest = planned(input).duration;
      for (const field of LIMITS) {
        const tighter = copyOf(input);
        tighter[field].forEach((limit, k) => {
          tighter[field][k] = 0.8 * limit;
        });
        expect(planned(tighter).duration, `${where} ${field}`).toBeGreaterThan(rest - 1e-12);
      }
    });
  });

  test('has the closed form from rest to rest', () => {
    const closed = (d: number, V: number, A: number, J: number): number => {
      if (d >= V * (V / A + A / J) && V * J >= A * A) return d / V + V / A + A / J;
      if (d >= 2 * V * Math.sqrt(V / J) && V * J < A * A) return d / V + 2 * Math.sqrt(V / J);
      if (d <= (2 * A ** 3) / J ** 2) return 4 * Math.cbrt(d / 2 / J);
      return A / J + Math.sqrt((A / J) ** 2 + (4 * d) / A);
    };
    const rng = createRng(8);
    const input = new TrajectoryInput(1);
    for (let i = 0; i < sweep(400, 2000); i++) {
      const d = 10 ** rng.range(-9, 4);
      input.p1[0] = d;
      for (const field of LIMITS) input[field][0] = 10 ** rng.range(-3, 4);
      const expected = closed(d, input.vmax[0], input.amax[0], input.jmax[0]);
      expect(Math.abs(planned(input).duration / expected - 1), JSON.stringify(input)).toBeLessThan(1e-9);
    }
  });

  test('is the same to the bit whatever the generator planned before', () => {
    const used = new TrajectoryGenerator(7);
    eachMotion('determinism', 100, 7, (input, where) => {
      const fresh = planned(input);
      used.plan(input, 'time');
      expect(used.duration, where).toBe(fresh.duration);
      for (let k = 0; k < 7; k++) {
        const [a, b] = [used.profile(k), fresh.profile(k)];
        expect(a.count).toBe(b.count);
        expect([...a.time.subarray(0, a.count)], where).toEqual([...b.time.subarray(0, b.count)]);
      }
    });
  });
});

describe('a start beyond the limits', () => {
  test('is brought inside at once and stays there', () => {
    eachMotion('brakes', 200, 7, (input, where) => {
      const rng = createRng(4, where);
      for (let k = 0; k < 7; k++) {
        input.v0[k] = rng.range(-2, 2) * input.vmax[k];
        input.a0[k] = rng.range(-2, 2) * input.amax[k];
      }
      const generator = planned(input);
      expect(endError(generator, input), where).toBeLessThan(1e-9);
      for (let k = 0; k < 7; k++) {
        const { count, velocity, acceleration } = generator.profile(k);
        let inside = false;
        for (let i = 0; i <= count; i++) {
          const a = acceleration[i];
          const coasting = velocity[i] + (a * Math.abs(a)) / (2 * input.jmax[k]);
          const now = [velocity[i], coasting].every((v) => Math.abs(v) <= input.vmax[k] * (1 + 1e-9));
          if (inside) expect(now && Math.abs(a) <= input.amax[k] * (1 + 1e-9), `${where} joint ${k}`).toBe(true);
          inside ||= now && Math.abs(a) <= input.amax[k] * (1 + 1e-9);
        }
        expect(inside, where).toBe(true);
      }
    });
  });

  test('keeps its time when it brakes first', () => {
    const input = new TrajectoryInput(1);
    input.v0[0] = 3;
    input.p1[0] = 1;
    input.vmax[0] = 1;
    input.amax[0] = 2;
    input.jmax[0] = 10;
    const { duration } = planned(input);
    expect(duration).toBeCloseTo(3.75, 12);
  });
});

test('planning and sampling allocate nothing', () => {
  const generator = new TrajectoryGenerator(7);
  const rng = createRng(6);
  const inputs = Array.from({ length: 60 }, (_, i) => {
    const input = new TrajectoryInput(7);
    drawMotion(rng, input, JERKS[i % 3], i % 2 === 0 ? 0.02 : 0);
    input.free_position = i % 5 === 0;
    if (i % 4 === 0) {
      input.pmin.fill(-2.6);
      input.pmax.fill(2.6);
    }
    return input;
  });
  const [p, v, a] = [new Float64Array(7), new Float64Array(7), new Float64Array(7)];
  let i = 0;
  const bytes = heapGrowthPerCall(() => {
    const input = inputs[i++ % inputs.length];
    generator.plan(input, i % 7 === 0 ? 'none' : i % 11 === 0 ? 'phase' : 'time');
    generator.sample(0.5 * generator.duration, p, v, a);
  });
  expect(bytes).toBeLessThanOrEqual(BOXED_NUMBER);
});
