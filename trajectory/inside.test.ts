import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { endError, positionRange, worstExcess } from '../test/support/trajectories.ts';
import { describeFailure, TrajectoryGenerator, TrajectoryInput } from './index.ts';

const VMAX = 2.175;
const AMAX = 7.5;

/** States inside ±range that could mostly be stopped there, each with velocities up to what its room allows at full braking. */
function drawInside(rng: Rng, input: TrajectoryInput, range: number, jmax: number): void {
  input.vmax.fill(VMAX);
  input.amax.fill(AMAX);
  input.jmax.fill(jmax);
  input.pmin.fill(-range);
  input.pmax.fill(range);
  for (let k = 0; k < input.n; k++) {
    for (const [p, v, a, towards] of [
      [input.p0, input.v0, input.a0, 1],
      [input.p1, input.v1, input.a1, -1],
    ] as const) {
      p[k] = rng.range(-range, range);
      a[k] = rng.uniform() < 0.3 ? 0 : rng.range(-1, 1) * Math.min(AMAX, Math.sqrt(1.9 * jmax * VMAX));
      const below = Math.sqrt(2 * AMAX * (range + towards * p[k]));
      const above = Math.sqrt(2 * AMAX * (range - towards * p[k]));
      const limit = VMAX - a[k] ** 2 / (2 * jmax);
      v[k] = Math.max(-limit, Math.min(limit, towards * rng.range(-below, above)));
    }
  }
}

/** Least greatest position that any motion from (p, v, a) can have: braking as hard as it may, by small steps. */
function leastPeak(p: number, v: number, a: number, jmax: number): number {
  const h = 2e-5;
  let peak = p;
  while (v > 0 || a > 0) {
    const next = Math.max(-AMAX, a - jmax * h);
    p += h * (v + (h * (2 * a + next)) / 6);
    v += (h * (a + next)) / 2;
    a = next;
    peak = Math.max(peak, p);
  }
  return peak;
}

describe('position limits', () => {
  test.each([
    [1, 2],
    [1, 0.02],
    [20, 0.3],
    [20, 0.02],
    [200, 2],
    [200, 0.3],
    [200, 0.02],
  ])('are kept or found impossible to keep: jerk/%d, ±%d rad', (divisor, range) => {
    for (const n of [1, 7]) {
      const jmax = 3750 / divisor;
      const rng = createRng(7, `${divisor} ${range} ${n}`);
      const input = new TrajectoryInput(n);
      const generator = new TrajectoryGenerator(n);
      const free = new TrajectoryGenerator(n);
      let impossible = 0;
      let open = 0;
      const motions = sweep(500, 1500);
      for (let i = 0; i < motions; i++) {
        drawInside(rng, input, range, jmax);
        input.free_position = i % 2 === 0;
        const where = `motion ${i} of ${n} joints: ${JSON.stringify(input)}`;
        if (generator.plan(input, 'time')) {
          if (!(worstExcess(generator, input) < 1e-9)) expect.fail(where);
          if (!(endError(generator, input) < 1e-9)) expect.fail(where);
          input.pmin.fill(Number.NEGATIVE_INFINITY);
          input.pmax.fill(Number.POSITIVE_INFINITY);
          expect(free.plan(input, 'time')).toBe(true);
          expect(generator.duration, where).toBeGreaterThan(free.duration - 1e-9);
          continue;
        }
        const { kind, joint: k } = generator.failure;
        if (kind === 'no_profile') open++;
        else impossible++;
        // Braking step by step says the same of the side that cannot be kept.
        if (kind === 'stop') {
          const [p, v, a] = [input.p0[k], input.v0[k], input.a0[k]];
          const over = Math.max(leastPeak(p, v, a, jmax), leastPeak(-p, -v, -a, jmax)) - range;
          expect(over, where).toBeGreaterThan(-1e-3 * range);
        } else if (kind === 'run_up' && !input.free_position) {
          const [p, v, a] = [input.p1[k], -input.v1[k], input.a1[k]];
          const over = Math.max(leastPeak(p, v, a, jmax), leastPeak(-p, -v, -a, jmax)) - range;
          expect(over, where).toBeGreaterThan(-1e-3 * range);
        } else expect(['no_profile', 'run_up']).toContain(kind);
      }
      expect(open, 'neither planned nor impossible').toBeLessThan(0.01 * motions * n);
      if (range < 1 && divisor > 1) expect(impossible).toBeGreaterThan(0);
    }
  });

  test('whatever can be stopped and run up to in its limits is planned, in limits wide enough to turn in', () => {
    const rng = createRng(9);
    const input = new TrajectoryInput(1);
    const generator = new TrajectoryGenerator(1);
    let planned = 0;
    for (let i = 0; i < sweep(1500, 4000); i++) {
      drawInside(rng, input, 2, 187.5);
      const peaks = [
        [input.p0[0], input.v0[0], input.a0[0]],
        [input.p1[0], -input.v1[0], input.a1[0]],
      ].flatMap(([p, v, a]) => [leastPeak(p, v, a, 187.5), leastPeak(-p, -v, -a, 187.5)]);
      if (Math.max(...peaks) > 2 - 1e-4) continue;
      planned++;
      if (!generator.plan(input, 'time'))
        expect.fail(`${JSON.stringify(input)}: ${describeFailure(generator.failure)}`);
    }
    expect(planned).toBeGreaterThan(sweep(1125, 3000));
  });

  test('a motion that would swing beyond its limit brakes harder and touches it', () => {
    const input = new TrajectoryInput(1);
    const generator = new TrajectoryGenerator(1);
    input.v0[0] = 1;
    input.vmax[0] = 2;
    input.amax[0] = 10;
    input.jmax[0] = 20;
    expect(generator.plan(input, 'time')).toBe(true);
    const { duration } = generator;
    const swing = positionRange(generator, 0).greatest;
    input.p1[0] = 0.9 * swing;
    expect(generator.plan(input, 'time')).toBe(true);
    const near = generator.duration;
    const { greatest } = positionRange(generator, 0);
    const hardest = leastPeak(0, 1, 0, 20);
    input.pmax[0] = 0.5 * (Math.max(hardest, input.p1[0]) + greatest);
    expect(generator.plan(input, 'time')).toBe(true);
    expect(positionRange(generator, 0).greatest).toBeLessThan(input.pmax[0] + 1e-9);
    expect(generator.duration).toBeGreaterThan(near);
    expect(duration).toBeGreaterThan(0);
  });

  test('the reason names joint, value and limit', () => {
    const input = new TrajectoryInput(2);
    const generator = new TrajectoryGenerator(2);
    for (const field of ['vmax', 'amax', 'jmax'] as const) input[field].fill(1);
    const reason = (change: (input: TrajectoryInput) => void): string | null => {
      const changed = new TrajectoryInput(2);
      for (const field of ['vmax', 'amax', 'jmax'] as const) changed[field].set(input[field]);
      change(changed);
      expect(generator.plan(changed, 'time')).toBe(false);
      return describeFailure(generator.failure, ['hip', 'knee']);
    };
    const set = (field: 'p0' | 'v0' | 'p1' | 'v1' | 'a1' | 'pmin' | 'pmax' | 'vmax', value: number) => {
      return (changed: TrajectoryInput) => {
        changed[field][1] = value;
      };
    };
    expect(reason(set('v1', 2))).toBe('joint knee: target velocity 2 is over its limit 1');
    expect(reason(set('a1', -3))).toBe('joint knee: target acceleration -3 is over its limit 1');
    expect(reason(set('pmin', 0.5))).toBe('joint knee: start position 0 is beyond its limit 0.5');
    expect(reason(set('v0', Number.NaN))).toMatch(/joint knee: states must be finite/);
    expect(reason(set('vmax', 0))).toMatch(/joint knee: .*above 0/);
    const far = (changed: TrajectoryInput) => {
      changed.p1[1] = 2;
      changed.pmax[1] = 1;
    };
    expect(reason(far)).toBe('joint knee: target position 2 is beyond its limit 1');
    const fast = (changed: TrajectoryInput) => {
      changed.v0[1] = 1;
      changed.pmax[1] = 0.1;
    };
    expect(reason(fast)).toMatch(
      /^joint knee: braking as hard as it may, it still gets to \d\.\d+, beyond its limit 0.1$/,
    );
    const run_up = (changed: TrajectoryInput) => {
      changed.v1[1] = 1;
      changed.pmin[1] = -0.1;
    };
    expect(reason(run_up)).toMatch(
      /^joint knee: the target can only be come to from position -\d\.\d+, beyond its limit -0.1$/,
    );
    const approach = (changed: TrajectoryInput) => {
      changed.v1[1] = 1;
      changed.a1[1] = -1;
    };
    expect(reason(approach)).toBe('joint knee: the target can only be come to from velocity 1.5, over its limit 1');
  });
});
