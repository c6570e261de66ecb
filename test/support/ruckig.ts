import { expect } from 'vitest';
import { describeFailure, TrajectoryGenerator } from '../../trajectory/index.ts';
import { endError, inputOf, type MotionSet, worstExcess } from './trajectories.ts';

const SAME_DURATION_S = 1e-6;
const END_ERROR = 1e-9;
const SLACK = 1e-9;
/** Ruckig may miss its target by about 1e-8; a motion that does so by more than this is no bound on ours. */
const RUCKIG_MISS = 1e-10;

export interface Comparison {
  readonly compared: number;
  readonly shorter: number;
  /** Planned here, and not by Ruckig. */
  readonly only_here: number;
  readonly max_end_error: number;
  readonly max_excess: number;
}

/** Plans every motion of a set; fails on the first that is later than Ruckig's, misses its target or breaks a limit. */
export function compareWithRuckig(set: MotionSet, drawn = ''): Comparison {
  const generator = new TrajectoryGenerator(set.limits.vmax.length);
  let compared = 0;
  let shorter = 0;
  let only_here = 0;
  let max_end_error = 0;
  let max_excess = Number.NEGATIVE_INFINITY;
  set.durations.forEach((theirs, i) => {
    const input = inputOf(set, i);
    const where = () => `${set.name} ${drawn} case ${i}: ${JSON.stringify(set.cases[i])}`;
    if (!generator.plan(input, 'time')) {
      if (theirs !== null) expect.fail(`${where()}: Ruckig takes ${theirs} s; ${describeFailure(generator.failure)}`);
      return;
    }
    const error = endError(generator, input);
    const excess = worstExcess(generator, input);
    if (!(error < END_ERROR)) expect.fail(`${where()}: misses its target by ${error}`);
    if (!(excess < SLACK)) expect.fail(`${where()}: breaks a limit by ${excess}`);
    max_end_error = Math.max(max_end_error, error);
    max_excess = Math.max(max_excess, excess);
    if (theirs === null) only_here++;
    else if ((set.end_errors[i] ?? 1) < RUCKIG_MISS) {
      compared++;
      if (generator.duration < theirs - SAME_DURATION_S) shorter++;
      if (generator.duration > theirs + SAME_DURATION_S) {
        expect.fail(`${where()}: ${generator.duration} s, Ruckig takes ${theirs} s`);
      }
    }
  });
  expect(compared).toBeGreaterThan(0.75 * set.durations.length);
  return { compared, shorter, only_here, max_end_error, max_excess };
}
