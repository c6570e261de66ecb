import type { PolicyScore, SuiteVerdict } from '../learned/index.ts';
import type { CanaryReport } from './canary.ts';
import type { ComparedScores } from './compare_until_decided.ts';
import type { ImproveRecord, Judged, Side } from './record.ts';

/** What a candidate has to stand, in this order; each says null where it was interrupted. */
export interface Trials {
  /** Candidate and current policy on worlds that neither has seen. */
  compare(): Promise<ComparedScores | null>;
  /** The candidate on fresh worlds that decide nothing. */
  score(): Promise<PolicyScore | null>;
  /** The regression gate; null without one. */
  readonly gate: (() => Promise<SuiteVerdict | null>) | null;
  /** The trial run, told the current policy's success rate; null without one. */
  readonly fly: ((rate: number) => Promise<CanaryReport | null>) | null;
}

/**
 * Puts a candidate through its trials until one says no. `promoted` says whether it stood all; nothing is changed.
 * @returns null if a trial was interrupted
 */
export async function judgeCandidate(
  candidate: NonNullable<ImproveRecord['candidate']>,
  trials: Trials,
): Promise<Judged | null> {
  const compared = await trials.compare();
  if (compared === null) return null;
  const { verdict, before, after, comparison } = compared;
  const found: Judged = {
    ...{ candidate, before: sideOf(before), after: sideOf(after), comparison, verdict },
    ...{ scored: null, suites: null, canary: null, promoted: false, reason: '' },
  };
  const wins = `${comparison.first_only} to ${comparison.second_only} of ${comparison.pairs} worlds`;
  if (verdict !== 'better') return { ...found, reason: `not shown to be better: ${wins}` };
  const score = await trials.score();
  if (score === null) return null;
  const scored = sideOf(score);
  const suites = trials.gate === null ? null : await trials.gate();
  if (suites === null && trials.gate !== null) return null;
  if (suites?.promoted === false) return { ...found, scored, suites, reason: suites.reason };
  const canary = trials.fly === null ? null : await trials.fly(before.success_rate);
  if (canary === null && trials.fly !== null) return null;
  const stood = { ...found, scored, suites, canary };
  return canary?.outcome === 'rolled back'
    ? { ...stood, reason: `rolled back: ${canary.reason}` }
    : { ...stood, promoted: true, reason: `better: ${wins}` };
}

function sideOf({ failures: _, ...rest }: PolicyScore): Side {
  return rest;
}
