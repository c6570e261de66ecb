import { z } from 'zod';

const seconds = z.number().nonnegative().finite();
const share = z.number().min(0).max(1);

/**
 * What decisions on a detection cost, in seconds of the cell's time, and how often asking settles a doubt. A right pick
 * costs nothing. Data: a cell has its own.
 */
export const decisionCosts = z
  .strictObject({
    /** Something that is not what it was taken for is picked: found out, undone, and what it may break. */
    wrong_pick_s: z.number().positive().finite(),
    /** An object that is there is left where it is. */
    skip_s: seconds,
    /** Another picture from elsewhere, the larger network on the same picture, a question to a person. */
    look_again_s: seconds,
    ask_full_s: seconds,
    ask_person_s: seconds,
    /** Share of doubts after which the truth is known. */
    look_again_settles: share,
    ask_full_settles: share,
    ask_person_settles: share,
  })
  .readonly();
export type DecisionCosts = z.infer<typeof decisionCosts>;

export const DEFAULT_COSTS: DecisionCosts = {
  wrong_pick_s: 60,
  skip_s: 20,
  look_again_s: 2,
  ask_full_s: 0.3,
  ask_person_s: 30,
  look_again_settles: 0.5,
  ask_full_settles: 0.3,
  ask_person_settles: 0.98,
};
