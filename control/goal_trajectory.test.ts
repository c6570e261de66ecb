import { describe, expect, it } from 'vitest';
import { createRng, type JointTrajectory } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits } from '../safety/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { GoalRefusal, goalTrajectory } from './goal_trajectory.ts';
import { TrajectorySampler } from './trajectory_sampler.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const N = robot.arm_joints;
const NAMES = robot.model.joint_names.slice(0, N);
const LIMITS = envelopeLimits(envelopeForRobot(robot));
const HOME = robot.home_q.slice(0, N);
const STILL = { position: HOME, velocity: new Float64Array(N) };
const NONE = new Float64Array(0);

const points = (time_s: readonly number[], position: readonly number[]): JointTrajectory => ({
  joint_names: NAMES,
  time_s: Float64Array.from(time_s),
  position: Float64Array.from(position),
  velocity: NONE,
  acceleration: NONE,
});

function refusal(goal: JointTrajectory): GoalRefusal {
  try {
    goalTrajectory(goal, NAMES, STILL, LIMITS);
  } catch (error) {
    if (error instanceof GoalRefusal) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('a goal from outside', () => {
  it('keeps the limits where it is timed here, passes every point in order, and no sooner than it says', () => {
    const rng = createRng(9, 'goals');
    for (let round = 0; round < sweep(25, 60); round++) {
      const count = 1 + rng.int(6);
      const time_s: number[] = [];
      for (let k = 0; k < count; k++) time_s.push((time_s.at(-1) ?? 0) + rng.range(0.02, 1.5));
      const position = Array.from({ length: count * N }, (_, k) => HOME[k % N] + rng.range(-0.3, 0.3));
      const goal = points(time_s, position);
      const timed = goalTrajectory(goal, NAMES, STILL, LIMITS);
      const where = `round ${round}: ${time_s}`;
      expect(timed.time_s.length, where).toBe(count + 1);
      timed.time_s.forEach((t, k) => {
        if (k > 0) expect(t, where).toBeGreaterThanOrEqual(time_s[k - 1] * (1 - 1e-12));
      });
      const sampler = new TrajectorySampler(NAMES);
      sampler.load(timed);
      const rows = [0, 1, 2].map(() => new Float64Array(N));
      const h = 2e-3;
      let [fastest, hardest] = [0, 0];
      for (let t = 0; t + 2 * h < sampler.duration_s; t += h) {
        rows.forEach((row, d) => {
          sampler.sample(t + d * h, row);
        });
        for (let i = 0; i < N; i++) {
          const [a, b, c] = rows.map((row) => row[i]);
          fastest = Math.max(fastest, Math.abs(b - a) / h / LIMITS.velocity[i]);
          hardest = Math.max(hardest, Math.abs(c - 2 * b + a) / (h * h) / LIMITS.acceleration[i]);
        }
      }
      expect({ fastest: fastest < 1, hardest: hardest < 1 }, `${where}: ${fastest}, ${hardest}`).toEqual({
        fastest: true,
        hardest: true,
      });
    }
  });

  it('takes a goal with velocities as it is, in any order of joints', () => {
    const zero = new Float64Array(2 * N);
    const goal = { ...points([0, 2], [...HOME, ...HOME]), velocity: zero };
    expect(goalTrajectory(goal, NAMES, STILL, LIMITS)).toBe(goal);
    const reversed = { ...goal, joint_names: [...NAMES].reverse() };
    reversed.position = Float64Array.from([...HOME, ...HOME].map((_, k) => HOME[N - 1 - (k % N)]));
    expect(goalTrajectory(reversed, NAMES, STILL, LIMITS)).toBe(reversed);
  });

  it('begins where the arm is when its first point comes later', () => {
    const moving = { position: HOME, velocity: Float64Array.from(HOME, () => 0.1) };
    const goal = { ...points([1], [...HOME]), velocity: new Float64Array(N), acceleration: new Float64Array(N) };
    const whole = goalTrajectory(goal, NAMES, moving, LIMITS);
    expect([...whole.time_s]).toEqual([0, 1]);
    expect(whole.position.slice(0, N)).toEqual(HOME);
    expect(whole.velocity.slice(0, N)).toEqual(moving.velocity);
  });

  it.each<[string, Partial<JointTrajectory>, string, RegExp]>([
    [
      'unknown joints',
      { joint_names: [...NAMES.slice(1), 'elbow'] },
      'invalid_joints',
      /unknown joints elbow: must be/,
    ],
    ['missing joints', { joint_names: NAMES.slice(2) }, 'invalid_joints', /without joints panda_joint1, panda_joint2/],
    ['a joint twice', { joint_names: [...NAMES, NAMES[0]] }, 'invalid_joints', /names a joint twice/],
    ['no points', { time_s: NONE }, 'invalid_goal', /without points/],
    [
      'a position outside',
      { position: Float64Array.from(HOME, (q, i) => (i === 1 ? 2 : q)) },
      'invalid_goal',
      /^position 2.0000 of panda_joint2 at point 1: -1.7618 to 1.7618 rad by the envelope$/,
    ],
    [
      'a velocity outside',
      { velocity: Float64Array.from(HOME, (_, i) => (i === 6 ? -2.6 : 0)) },
      'invalid_goal',
      /^velocity -2.6000 of panda_joint7 at point 1: at most 2.5/,
    ],
    [
      'an acceleration outside',
      { velocity: new Float64Array(N), acceleration: Float64Array.from(HOME, (_, i) => (i === 6 ? 25 : 0)) },
      'invalid_goal',
      /^acceleration 25.000 of panda_joint7 at point 1: at most 19.999 rad\/s²/,
    ],
    ['accelerations alone', { acceleration: new Float64Array(N) }, 'invalid_goal', /no velocities/],
  ])('is refused with %s', (_, change, error, message) => {
    const refused = refusal({ ...points([1], [...HOME]), ...change });
    expect(refused.error).toBe(error);
    expect(refused.message).toMatch(message);
  });
});
