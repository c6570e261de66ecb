import type { Rng } from '../../contracts/index.ts';
import { TrajectoryGenerator, TrajectoryInput } from '../../trajectory/index.ts';
import { drawMotion, endError } from './trajectories.ts';

const LATE_S = 1e-3;

export interface Replanning {
  count: number;
  late: number;
  failed: number;
  worst_late_s: number;
  max_end_error: number;
}

/**
 * Plans random motions of 7 joints, and anew from samples of themselves: `single` from random times of the first
 * trajectory, `chained` each from a sample of the one before. Counts those later than what was left.
 */
export function replanOften(
  rng: Rng,
  motions: number,
  each: number,
  draw: { readonly jerk_part: number; readonly reach?: number; readonly at_rest?: boolean },
): Readonly<Record<'single' | 'chained', Replanning>> {
  const none = (): Replanning => ({ count: 0, late: 0, failed: 0, worst_late_s: 0, max_end_error: 0 });
  const results = { single: none(), chained: none() };
  const first = new TrajectoryGenerator(7);
  const input = new TrajectoryInput(7);
  const next = new TrajectoryInput(7);
  const [a, b] = [new TrajectoryGenerator(7), new TrajectoryGenerator(7)];
  const judge = (result: Replanning, generator: TrajectoryGenerator, left_s: number): void => {
    result.count++;
    if (!generator.plan(next, 'time')) {
      result.failed++;
      return;
    }
    const late_s = generator.duration - left_s;
    if (late_s > LATE_S) result.late++;
    result.worst_late_s = Math.max(result.worst_late_s, late_s);
    result.max_end_error = Math.max(result.max_end_error, endError(generator, input));
  };
  for (let motion = 0; motion < motions; motion++) {
    drawMotion(rng, input, draw.jerk_part, draw.reach, draw.at_rest);
    for (const field of ['p1', 'v1', 'a1', 'vmax', 'amax', 'jmax'] as const) next[field].set(input[field]);
    if (!first.plan(input, 'time')) throw new Error(`no plan for motion ${motion}`);
    for (let i = 0; i < each; i++) {
      const t = rng.uniform() * first.duration;
      first.sample(t, next.p0, next.v0, next.a0);
      judge(results.single, a, first.duration - t);
    }
    let from = first;
    const step = first.duration / (each + 2);
    for (let i = 1; i <= each; i++) {
      const to = from === a ? b : a;
      from.sample(step, next.p0, next.v0, next.a0);
      judge(results.chained, to, first.duration - i * step);
      from = to;
    }
  }
  return results;
}

/** Motions as they are drawn for replanning. */
export const REPLANNED = [
  { name: 'full', jerk_part: 1 },
  { name: 'a twentieth of the jerk', jerk_part: 1 / 20 },
  { name: 'a 200th of the jerk', jerk_part: 1 / 200 },
  { name: 'short', jerk_part: 1, reach: 0.01 },
  { name: 'rest to rest', jerk_part: 1, at_rest: true },
] as const;
