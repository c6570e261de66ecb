import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits } from '../safety/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { MotionPath } from './motion_path.ts';
import { PathClock } from './path_clock.ts';

const ROBOT = loadRobot('panda');
const N = ROBOT.arm_joints;
const HZ = 500;
const NAMES = ROBOT.model.joint_names.slice(0, N);
const LIMITS = envelopeLimits(envelopeForRobot(ROBOT));
const HOME = ROBOT.home_q.slice(0, N);

/** Positions every cycle of a random move at full limits whose rate `want` sets, and the rates. */
function drive(seed: number, fraction: number, want: (k: number, clock: PathClock) => void, cycles = 1500) {
  const rng = createRng(seed, 'path clock');
  const to = HOME.map((q) => q + rng.range(-0.8, 0.8));
  const path = new MotionPath(NAMES);
  path.load(restToRest(HOME, to, LIMITS, fraction, 1 / HZ, NAMES));
  const clock = new PathClock(N, 1 / HZ);
  clock.restart(1);
  const samples: Float64Array[] = [];
  const rates: number[] = [];
  for (let k = 0; k < cycles; k++) {
    want(k, clock);
    clock.advance(k / HZ, path, LIMITS);
    const sample = new Float64Array(N);
    path.sample(clock.s, sample);
    samples.push(sample);
    rates.push(clock.rate);
  }
  return { samples, rates, path, clock };
}

describe('path clock', () => {
  it('at rate 1 is time itself, to the last bit', () => {
    const { samples, path } = drive(1, 1, () => {});
    const exact = new Float64Array(N);
    samples.forEach((sample, k) => {
      path.sample(k / HZ, exact);
      expect([...sample]).toEqual([...exact]);
    });
  });

  it('keeps acceleration and jerk while rates change at any moment of a move at the limits', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'rates');
      const wants = Array.from({ length: 20 }, () => (rng.uniform() < 0.3 ? 0 : rng.uniform()));
      const every = 20 + rng.int(100);
      const { samples } = drive(seed, 1, (k, clock) => {
        if (k % every === 0 && k > 0) clock.want(wants[(k / every) % wants.length]);
      });
      const worst = { share: 0, where: '' };
      for (let k = 3; k < samples.length; k++) {
        for (let i = 0; i < N; i++) {
          const [d, c, b, a] = [samples[k - 3][i], samples[k - 2][i], samples[k - 1][i], samples[k][i]];
          const share = Math.max(
            (Math.abs(a - b) * HZ) / LIMITS.velocity[i],
            (Math.abs(a - 2 * b + c) * HZ * HZ) / LIMITS.acceleration[i],
            (Math.abs(a - 3 * b + 3 * c - d) * HZ ** 3) / LIMITS.jerk[i],
          );
          if (share > worst.share) Object.assign(worst, { share, where: `seed ${seed}, cycle ${k}, joint ${i + 1}` });
        }
      }
      expect(worst.share, worst.where).toBeLessThan(1.01);
    }
  });

  it('comes to the rate that is wanted without passing it, and to a stop in about the time that braking takes', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { rates } = drive(seed, 0.5, (k, clock) => {
        if (k === 100) clock.want(0);
        if (k === 700) clock.want(0.6);
      });
      const stopped = rates.indexOf(0);
      expect(stopped, `seed ${seed}`).toBeGreaterThan(100);
      expect(stopped, `seed ${seed}`).toBeLessThan(100 + 0.5 * HZ);
      expect(Math.max(...rates.slice(stopped + 1, 700)), `seed ${seed}`).toBe(0);
      expect(Math.max(...rates.slice(700)), `seed ${seed}`).toBeLessThan(0.6 + 1e-9);
      expect(rates.at(-1)).toBe(0.6);
    }
  });

  it('allocates nothing but a few boxed numbers, and that only while the rate changes', () => {
    const { path, clock } = drive(3, 0.5, () => {}, 10);
    let k = 10;
    const steady = (count: number) => {
      for (let c = 0; c < count; c++) clock.advance(k++ / HZ, path, LIMITS);
    };
    steady(20_000);
    expect(bytesPerCall(5000, steady)).toBeLessThanOrEqual(BOXED_NUMBER);
    const run = (count: number) => {
      for (let c = 0; c < count; c++) {
        if (k % 50 === 0) clock.want(k % 100 === 0 ? 0.4 : 0.9);
        clock.advance(k++ / HZ, path, LIMITS);
      }
    };
    run(5000);
    expect(bytesPerCall(2000, run, 12, 4 * BOXED_NUMBER)).toBeLessThanOrEqual(4 * BOXED_NUMBER);
  });
});
