import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { GuardedMotion } from './guarded_motion.ts';
import { JointGuard } from './joint_guard.ts';

const HZ = 500;
const N = 3;
const BOUNDS = [
  { position_lower: -2.8, position_upper: 2.8, velocity: 2, acceleration: 15, jerk: 7500 },
  { position_lower: -1.7, position_upper: 1.7, velocity: 2.1, acceleration: 7.5, jerk: 3750 },
  { position_lower: -3, position_upper: 3, velocity: 2.5, acceleration: 20, jerk: 10000 },
];

type Path = (s: number) => readonly number[];

function motion(start: readonly number[]): GuardedMotion {
  const joints = BOUNDS.map((bounds) => new JointGuard(bounds, HZ));
  joints.forEach((joint, i) => {
    joint.reset(start[i]);
  });
  return new GuardedMotion(joints, HZ);
}

/** Distance (largest joint) of a point from a finely sampled path. */
function distanceFrom(path: Path, point: readonly number[], length: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= 2000; k++) {
    const at = path((length * k) / 2000);
    let greatest = 0;
    for (let i = 0; i < N; i++) greatest = Math.max(greatest, Math.abs(at[i] - point[i]));
    least = Math.min(least, greatest);
  }
  return least;
}

/** Commands path(s) with s by `profile`; greatest distance of the joints from the path, and whether they end at its end. */
function follow(path: Path, profile: (t_s: number) => number, duration_s: number): { off: number; left: number } {
  const arm = motion(path(0));
  const end = profile(duration_s);
  let off = 0;
  const command = new Float64Array(N);
  for (let k = 1; k <= HZ * (duration_s + 2); k++) {
    command.set(path(profile(Math.min(k / HZ, duration_s))));
    arm.followPosition(command);
    arm.commit();
    const p = arm.joints.map((joint) => joint.p);
    if (k % 5 === 0) off = Math.max(off, distanceFrom(path, p, end));
  }
  const goal = path(end);
  return { off, left: Math.max(...arm.joints.map((joint, i) => Math.abs(joint.p - goal[i]))) };
}

/** A smooth start and end of `ramp` of the duration each, constant in between. */
function ramped(duration_s: number, ramp: number): (t_s: number) => number {
  const r = ramp * duration_s;
  const speed = 1 / (1 - ramp);
  return (t_s) => {
    const t = Math.min(t_s, duration_s - t_s);
    const u = t / r;
    const s =
      t < r ? ((speed * r) / duration_s) * u * u * u * u * (2.5 - 3 * u + u * u) : (speed * (t - r / 2)) / duration_s;
    return t_s <= duration_s / 2 ? s : 1 - s;
  };
}

const line: Path = (s) => [-1.2 + 2.4 * s, -0.8 + 1.6 * s, 0.5 - 1.5 * s];
const arc: Path = (s) => [1.2 * Math.cos(3 * s), 0.9 * Math.sin(3 * s), 0.8 * Math.cos(2 * s)];

/** Time for the path at which its fastest joint is at `factor` of its velocity limit in the middle. */
function durationAt(factor: number, path: Path): number {
  let rate = 0;
  for (let k = 0; k < 1000; k++) {
    const here = path(k / 1000);
    path((k + 1) / 1000).forEach((next, i) => {
      rate = Math.max(rate, (1000 * Math.abs(next - here[i])) / BOUNDS[i].velocity);
    });
  }
  return (1.25 * rate) / factor;
}

describe('commands too fast for the arm', () => {
  it.each<[string, Path, number, number]>([
    ['a line', line, 1.1, 2e-3],
    ['a line', line, 1.3, 2e-3],
    ['an arc', arc, 1.1, 2e-3],
    // Too fast at the first bend already: nothing can be known of it before it comes.
    ['an arc', arc, 1.3, 0.04],
    ['a line', line, 1.8, 0.04],
    ['an arc', arc, 1.8, 0.08],
  ])('along %s are slowed down on their path, which is not left by more than said', (_name, path, factor, allowed) => {
    const duration_s = durationAt(factor, path);
    const { off, left } = follow(path, ramped(duration_s, 0.2), duration_s);
    expect(off).toBeLessThan(allowed);
    expect(left).toBeLessThan(1e-9);
  });

  it('that jump from rest are approached on a straight line, and reached exactly', () => {
    const rng = createRng(3);
    for (let round = 0; round < sweep(3, 30); round++) {
      const from = BOUNDS.map((bounds) => rng.range(bounds.position_lower, bounds.position_upper));
      const to = BOUNDS.map((bounds) => rng.range(bounds.position_lower, bounds.position_upper));
      const straight: Path = (s) => from.map((x, i) => x + s * (to[i] - x));
      const { off, left } = follow(straight, () => 1, 1);
      expect(off, `round ${round}`).toBeLessThan(2e-3);
      expect(left, `round ${round}`).toBeLessThan(1e-9);
    }
  });

  it('leave no trace once the arm has caught up: what is feasible passes again', () => {
    const arm = motion([0, 0, 0]);
    const command = new Float64Array(N);
    let passed = 0;
    let s = 0;
    for (let k = 0; k < 3000; k++) {
      s += (k > 200 && k < 400 ? 3.5 : 1) / HZ;
      for (let i = 0; i < N; i++) command[i] = Math.sin(s);
      if (arm.followPosition(command) === 0) passed++;
      else if (k > 2000) throw new Error(`not passed at cycle ${k}`);
      arm.commit();
      if (k > 2000) for (let i = 0; i < N; i++) expect(arm.joints[i].p).toBe(command[i]);
    }
    expect(passed).toBeGreaterThan(1500);
  });
});
