import { comparePaired, type PairedComparison, SequentialTest } from '../../learning/index.ts';
import { type PlayedEpisode, type PlayedPolicy, type PolicyScore, scoreOf } from '../learned/index.ts';

export interface ComparedPolicies {
  readonly candidate: PlayedPolicy;
  readonly current: PlayedPolicy;
  readonly first: number;
  /** Worlds, at most. */
  readonly worlds: number;
}

/** How a candidate did on the worlds of the policy that it would replace. */
export interface ComparedScores {
  /** `open` where worlds ran out first. */
  readonly verdict: 'better' | 'not better' | 'open';
  readonly before: PolicyScore;
  readonly after: PolicyScore;
  readonly comparison: PairedComparison;
}

/** Worlds between two looks. */
const BLOCK = 20;
/**
 * Of worlds in which only one of the two succeeds, the candidate's share: a half if they are equally good, and 0.7 if it is
 * better by what is worth a change.
 */
const QUESTION = { rate: 0.6, indifference: 0.1, error: 0.05 } as const;

/**
 * Plays both on the same worlds until a sequential test (Wald, 1945) over those in which only one succeeds has found the
 * candidate better or not better, with an error of 5 % each way. Rates after an early stop are optimistic.
 *
 * @param onBlock  after each block, with the worlds played
 * @returns null if `signal` ended it
 */
export async function compareUntilDecided(
  { candidate, current, first, worlds }: ComparedPolicies,
  onBlock: (done: number) => void,
  signal?: AbortSignal,
): Promise<ComparedScores | null> {
  const test = new SequentialTest(QUESTION);
  const after: PlayedEpisode[] = [];
  const before: PlayedEpisode[] = [];
  while (after.length < worlds && test.verdict === 'open') {
    const count = Math.min(BLOCK, worlds - after.length);
    const from = first + after.length;
    const mine = await candidate.play(from, count, signal);
    const theirs = await current.play(from, count, signal);
    if (mine.length < count || theirs.length < count) return null;
    mine.forEach(({ success }, k) => {
      if (success !== theirs[k].success) test.add(success);
    });
    after.push(...mine);
    before.push(...theirs);
    onBlock(after.length);
  }
  const outcomes = (played: readonly PlayedEpisode[]) => played.map(({ success }) => success);
  return {
    verdict: test.verdict === 'above' ? 'better' : test.verdict === 'below' ? 'not better' : 'open',
    before: scoreOf(current, before),
    after: scoreOf(candidate, after),
    comparison: comparePaired(outcomes(after), outcomes(before)),
  };
}
