import type { DecisionCosts } from './costs.ts';
import { decide, type Inquiry, inquiryOf } from './decide.ts';

/** A detection with its calibrated probability, and whether it was right. */
export interface Outcome {
  readonly probability: number;
  readonly right: boolean;
}

/** One point of the curve: the likeliest `coverage` share is taken, of which `risk` is wrong. */
export interface RiskPoint {
  readonly coverage: number;
  readonly risk: number;
}

/** Risk of what is taken against how much is taken, the likeliest first (El-Yaniv and Wiener, JMLR 2010). */
export function riskCoverage(outcomes: readonly Outcome[]): RiskPoint[] {
  const sorted = [...outcomes].sort((a, b) => b.probability - a.probability);
  let wrong = 0;
  return sorted.map(({ right }, i) => {
    if (!right) wrong++;
    return { coverage: (i + 1) / sorted.length, risk: wrong / (i + 1) };
  });
}

/** Area under the curve of risk and coverage: 0 where everything is right, the share of wrong ones where the order is chance. */
export function areaUnderRisk(points: readonly RiskPoint[]): number {
  return points.reduce((sum, { risk }) => sum + risk, 0) / Math.max(1, points.length);
}

/** What decisions cost on detections whose truth is known, s an object; objects that nothing was said of count as skipped. */
export interface CostReport {
  readonly objects: number;
  /** By the least expected cost, with everything that may be asked. */
  readonly policy_s: number;
  /** By the least expected cost, taking or leaving. */
  readonly alone_s: number;
  readonly always_accept_s: number;
  readonly always_skip_s: number;
  /** Who knew the truth would take what is right and leave the rest: what was not detected is all it costs. */
  readonly oracle_s: number;
  /** What was done how often, and of what was accepted, how much was wrong. */
  readonly actions: Readonly<Record<string, number>>;
  readonly wrong_picks: number;
  /** Wrong ones that always accepting would have picked and the policy did not. */
  readonly saves: number;
}

/**
 * Costs of decisions on outcomes. Of an inquiry that settles a share r of doubts, 1 − r of the cost of deciding alone
 * remains.
 * @param missed  objects that are there and were not detected
 */
export function costReport(
  outcomes: readonly Outcome[],
  missed: number,
  costs: DecisionCosts,
  available: readonly Inquiry[],
): CostReport {
  const total = { policy: 0, alone: 0, accept: 0, skip: 0 };
  const actions: Record<string, number> = { accept: 0, ask_full: 0, look_again: 0, escalate: 0, skip: 0 };
  let [wrong_picks, saves] = [0, 0];
  for (const { probability, right } of outcomes) {
    const accepted = right ? 0 : costs.wrong_pick_s;
    const skipped = right ? costs.skip_s : 0;
    const alone = decide(probability, costs, []).action === 'accept' ? accepted : skipped;
    const { action } = decide(probability, costs, available);
    actions[action]++;
    if (action === 'accept' || action === 'skip') total.policy += action === 'accept' ? accepted : skipped;
    else {
      const { price_s, settles } = inquiryOf(costs, action);
      total.policy += price_s + (1 - settles) * alone;
    }
    total.alone += alone;
    total.accept += accepted;
    total.skip += skipped;
    if (!right && action === 'accept') wrong_picks++;
    if (!right && action !== 'accept') saves++;
  }
  const objects = missed + outcomes.filter(({ right }) => right).length;
  const each = (sum: number): number => (sum + missed * costs.skip_s) / Math.max(1, objects);
  return {
    objects,
    policy_s: each(total.policy),
    alone_s: each(total.alone),
    always_accept_s: each(total.accept),
    always_skip_s: each(total.skip),
    oracle_s: each(0),
    actions,
    wrong_picks,
    saves,
  };
}
