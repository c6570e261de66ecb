import type { DecisionCosts } from './costs.ts';

/** What can be done with a detection; `skip` leaves it where it is and asks nobody. */
export const ACTIONS_ON_DOUBT = ['accept', 'ask_full', 'look_again', 'escalate', 'skip'] as const;
export type DoubtAction = (typeof ACTIONS_ON_DOUBT)[number];
/** Ways to learn more. */
export type Inquiry = Exclude<DoubtAction, 'accept' | 'skip'>;

export interface Decision {
  readonly action: DoubtAction;
  /** Expected cost of what was chosen, and of accepting, s. */
  readonly cost_s: number;
  readonly accept_cost_s: number;
}

const INQUIRIES = { ask_full: 'ask_full', look_again: 'look_again', escalate: 'ask_person' } as const;

/**
 * The action of least expected cost (Chow, On optimum recognition error and reject tradeoff, 1970, with several ways to
 * reject). Accepting costs (1 − p) wrong_pick, skipping p skip. An inquiry of price c that settles a share r of doubts costs
 * c + (1 − r) of the better of these two: what it does not settle is decided as before.
 * @param p  probability that the detection is right
 * @param available  ways to learn more that are at hand now
 */
export function decide(p: number, costs: DecisionCosts, available: readonly Inquiry[]): Decision {
  const accept_cost_s = (1 - p) * costs.wrong_pick_s;
  const skip_cost_s = p * costs.skip_s;
  const alone = Math.min(accept_cost_s, skip_cost_s);
  let action: DoubtAction = accept_cost_s <= skip_cost_s ? 'accept' : 'skip';
  let cost_s = alone;
  for (const inquiry of available) {
    const { price_s, settles } = inquiryOf(costs, inquiry);
    const with_it = price_s + (1 - settles) * alone;
    if (with_it >= cost_s) continue;
    action = inquiry;
    cost_s = with_it;
  }
  return { action, cost_s, accept_cost_s };
}

/**
 * Least probability at which accepting is best: the greatest of wrong/(wrong + skip) and of 1 − c/(r wrong) over what is
 * available. Grows with the cost of a wrong pick, falls with every other cost.
 */
export function acceptThreshold(costs: DecisionCosts, available: readonly Inquiry[]): number {
  let least = costs.wrong_pick_s / (costs.wrong_pick_s + costs.skip_s);
  for (const inquiry of available) {
    const { price_s, settles } = inquiryOf(costs, inquiry);
    if (settles > 0) least = Math.max(least, 1 - price_s / (settles * costs.wrong_pick_s));
  }
  return least;
}

/** Price (s) of an inquiry, and the share of doubts that it settles. */
export function inquiryOf(costs: DecisionCosts, inquiry: Inquiry): { price_s: number; settles: number } {
  const name = INQUIRIES[inquiry];
  return { price_s: costs[`${name}_s`], settles: costs[`${name}_settles`] };
}
