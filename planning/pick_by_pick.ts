import { type PickPlaceResult, StageError } from '../contracts/index.ts';
import { AttemptError, type Manipulation } from './manipulation.ts';
import type { Steps } from './requests.ts';

/** When a task of several picks is given up. */
export interface PickLimits {
  readonly most_picks: number;
  readonly most_failures: number;
  /** Whether only failures in a row count. */
  readonly in_a_row: boolean;
  /** What is not done after `most_picks`. */
  readonly undone: string;
}

/**
 * Plays picks one after the other until one says that nothing is left to do; every pick begins by looking. A failed
 * attempt is tried again within the limits, any other failure ends the task. Throws nothing of its own.
 */
export function* pickByPick(
  arm: Manipulation,
  { most_picks, most_failures, in_a_row, undone }: PickLimits,
  playOne: (pick: number) => Steps<'done' | 'more'>,
): Steps<PickPlaceResult> {
  let failures = 0;
  let reason = '';
  for (let pick = 1; pick <= most_picks; pick++) {
    arm.attempt = pick;
    try {
      yield* arm.enter('perceive', reason);
      if ((yield* playOne(pick)) === 'done') return { ok: true, stage: 'retreat', reason: '', attempts: pick };
      if (in_a_row) failures = 0;
      reason = '';
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      reason = error.message;
      if (error instanceof AttemptError && ++failures < most_failures) continue;
      return { ok: false, stage: error.stage, reason, attempts: pick };
    }
  }
  return { ok: false, stage: 'place', reason: `${undone} after ${most_picks} picks`, attempts: most_picks };
}
