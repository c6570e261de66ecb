import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Rng } from '../../contracts/index.ts';
import { type TrajectoryGenerator, TrajectoryInput } from '../../trajectory/index.ts';

/** The Panda's limits. */
export const VMAX = [2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61];
export const AMAX = [15, 7.5, 10, 12.5, 15, 20, 20];
export const JMAX = [7500, 3750, 5000, 6250, 7500, 10000, 10000];

const list = z.array(z.number());
const motions = z.object({
  seed: z.number(),
  ruckig: z.string(),
  sets: z.array(
    z.object({
      name: z.string(),
      velocity: z.boolean(),
      limits: z.object({ vmax: list, amax: list, jmax: list }),
      cases: z.array(z.object({ p0: list, v0: list, a0: list, p1: list, v1: list, a1: list })),
      durations: z.array(z.number().nullable()),
      end_errors: z.array(z.number().nullable()),
      replans: z.object({ count: z.number(), late: z.number(), failed: z.number() }).optional(),
    }),
  ),
});
export type MotionSet = z.infer<typeof motions>['sets'][number];

/** What make_golden.py has written. */
export function readMotions(file: string): z.infer<typeof motions> {
  return motions.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export function inputOf(set: MotionSet, i: number): TrajectoryInput {
  const input = new TrajectoryInput(set.limits.vmax.length);
  for (const field of ['vmax', 'amax', 'jmax'] as const) input[field].set(set.limits[field]);
  for (const field of ['p0', 'v0', 'a0', 'p1', 'v1', 'a1'] as const) input[field].set(set.cases[i][field]);
  input.free_position = set.velocity;
  return input;
}

/** Fills `input` with random states under the Panda's limits with `jerk_part` of its jerk; 0 for `reach` means anywhere. */
export function drawMotion(rng: Rng, input: TrajectoryInput, jerk_part: number, reach = 0, at_rest = false): void {
  for (let k = 0; k < input.n; k++) {
    input.vmax[k] = VMAX[k % 7];
    input.amax[k] = AMAX[k % 7];
    input.jmax[k] = JMAX[k % 7] * jerk_part;
    input.p0[k] = rng.range(-2.5, 2.5);
    input.p1[k] = reach > 0 ? input.p0[k] + rng.range(-reach, reach) : rng.range(-2.5, 2.5);
    for (const [v, a] of [
      [input.v0, input.a0],
      [input.v1, input.a1],
    ]) {
      a[k] = at_rest ? 0 : rng.range(-1, 1) * Math.min(input.amax[k], Math.sqrt(1.9 * input.jmax[k] * input.vmax[k]));
      v[k] = at_rest ? 0 : rng.range(-1, 1) * (input.vmax[k] - a[k] ** 2 / 2 / input.jmax[k]);
    }
  }
}

/** Largest difference between the end of a joint's segments and the target, in any unit. */
export function endError(generator: TrajectoryGenerator, input: TrajectoryInput): number {
  let worst = 0;
  for (let k = 0; k < input.n; k++) {
    const { count, position, velocity, acceleration } = generator.profile(k);
    const dp = input.free_position ? 0 : Math.abs(position[count] - input.p1[k]);
    worst = Math.max(
      worst,
      dp,
      Math.abs(velocity[count] - input.v1[k]),
      Math.abs(acceleration[count] - input.a1[k]) / Math.max(1, input.amax[k]),
    );
  }
  return worst;
}

/**
 * How far any limit is broken, relative, at the ends of segments and wherever within one velocity or position have an
 * extremum. A start beyond a limit counts as that limit, and so does the velocity it cannot but reach.
 */
export function worstExcess(generator: TrajectoryGenerator, input: TrajectoryInput): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < input.n; k++) {
    const { count, time, jerk, velocity, acceleration } = generator.profile(k);
    const coasting = input.v0[k] + (input.a0[k] * Math.abs(input.a0[k])) / (2 * input.jmax[k]);
    const vmax = Math.max(input.vmax[k], Math.abs(input.v0[k]), Math.abs(coasting));
    const amax = Math.max(input.amax[k], Math.abs(input.a0[k]));
    for (let i = 0; i <= count; i++) {
      let v = Math.abs(velocity[i]);
      const turn = i < count && jerk[i] !== 0 ? -acceleration[i] / jerk[i] : -1;
      if (turn > 0 && turn < time[i]) v = Math.max(v, Math.abs(velocity[i] - acceleration[i] ** 2 / (2 * jerk[i])));
      const j = i < count ? Math.abs(jerk[i]) / input.jmax[k] : 0;
      if (i < count && time[i] < 0) return Number.POSITIVE_INFINITY;
      worst = Math.max(worst, v / vmax - 1, Math.abs(acceleration[i]) / amax - 1, j - 1);
    }
    const { least, greatest } = positionRange(generator, k);
    const scale = Math.abs(input.p0[k]) + greatest - least;
    worst = Math.max(worst, (greatest - input.pmax[k]) / scale || -1, (input.pmin[k] - least) / scale || -1);
  }
  return worst;
}

/** Least and greatest position of joint `k`, by bisection for zero velocity on a fine division of every segment. */
export function positionRange(generator: TrajectoryGenerator, k: number): { least: number; greatest: number } {
  const { count, time, jerk, position, velocity, acceleration } = generator.profile(k);
  let least = Math.min(position[0], position[count]);
  let greatest = Math.max(position[0], position[count]);
  for (let i = 0; i < count; i++) {
    const v = (t: number) => velocity[i] + t * (acceleration[i] + (t * jerk[i]) / 2);
    const p = (t: number) => position[i] + t * (velocity[i] + t * (acceleration[i] / 2 + (t * jerk[i]) / 6));
    const turn = jerk[i] === 0 ? 0 : -acceleration[i] / jerk[i];
    const knots = turn > 0 && turn < time[i] ? [0, turn, time[i]] : [0, time[i]];
    for (let s = 1; s < knots.length; s++) {
      let low = knots[s - 1];
      let high = knots[s];
      const rising = v(high) > v(low);
      if (v(low) < 0 !== v(high) < 0) {
        for (let step = 0; step < 60; step++) {
          const middle = 0.5 * (low + high);
          if (v(middle) < 0 === rising) low = middle;
          else high = middle;
        }
      }
      for (const t of [low, high, knots[s]]) {
        least = Math.min(least, p(t));
        greatest = Math.max(greatest, p(t));
      }
    }
  }
  return { least, greatest };
}
