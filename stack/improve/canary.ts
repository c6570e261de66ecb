import { InputError, wilson95 } from '../../contracts/index.ts';
import { binomialTail, SequentialTest } from '../../learning/index.ts';
import type { PlayedEpisode, PlayedPolicy } from '../learned/index.ts';

export interface CanaryOptions {
  /** Plays under tighter limits. */
  readonly candidate: PlayedPolicy;
  readonly current: PlayedPolicy;
  readonly first: number;
  /** At most; most of them the current policy drives. */
  readonly episodes: number;
  /** Success rate of the current policy where the two were compared. */
  readonly rate: number;
}

/** How a trial run went. */
export interface CanaryReport {
  readonly outcome: 'accepted' | 'rolled back';
  readonly reason: string;
  /** Episodes after which it was decided. */
  readonly episodes: number;
  readonly candidate: CanarySide;
  readonly current: CanarySide;
}

export interface CanarySide {
  readonly episodes: number;
  readonly successes: number;
  readonly wilson95: readonly [number, number];
  /** Episodes that the safety gate stopped. */
  readonly stopped: number;
}

/** Episodes dealt out at a time; the candidate drives the first of them. */
const BLOCK = 20;
const CANDIDATE_SHARE = 0.25;
/**
 * A candidate worse than the current policy by twice this is found worse, one as good is accepted; a quarter of some 200
 * episodes is enough to tell these apart at any rate.
 */
const INDIFFERENCE = 0.1;
const ERROR = 0.05;
/** Probability of as many stops of a candidate that is as the current policy, below which it is ended at once. */
const STOPS_CHANCE = 0.01;

/**
 * A trial run: of every block of episodes the candidate drives a share, under tighter limits, and the current policy the
 * rest. It is rolled back as soon as a sequential test finds its success below the current policy's, or the gate stops it
 * more often than chance would; accepted when the test finds it no worse; rolled back too if episodes run out first.
 *
 * @returns null if `signal` ended it
 */
export async function flyCanary(
  { candidate, current, first, episodes, rate }: CanaryOptions,
  onBlock: (done: number) => void,
  signal?: AbortSignal,
): Promise<CanaryReport | null> {
  if (!(episodes >= BLOCK)) throw new InputError(`a trial run of ${episodes} episodes`, `at least ${BLOCK}, or none`);
  const test = new SequentialTest({ rate: middle(rate), indifference: INDIFFERENCE, error: ERROR });
  const [own, others]: PlayedEpisode[][] = [[], []];
  let done = 0;
  let stops = '';
  while (test.verdict === 'open' && stops === '' && done + BLOCK <= episodes) {
    const share = CANDIDATE_SHARE * BLOCK;
    const mine = await candidate.play(first + done, share, signal);
    const theirs = await current.play(first + done + share, BLOCK - share, signal);
    if (mine.length < share || theirs.length < BLOCK - share) return null;
    own.push(...mine);
    others.push(...theirs);
    done += BLOCK;
    for (const { success } of mine) test.add(success);
    stops = tooManyStops(own, others);
    onBlock(done);
  }
  const [reason, accepted] = verdictOf(test, stops, rate);
  return {
    ...{ outcome: accepted ? 'accepted' : 'rolled back', reason, episodes: done },
    ...{ candidate: sideOf(own), current: sideOf(others) },
  };
}

/** Between what the current policy reaches and what is clearly worse, inside of what a test can ask about. */
function middle(rate: number): number {
  return Math.min(1 - 1.2 * INDIFFERENCE, Math.max(1.2 * INDIFFERENCE, rate - INDIFFERENCE));
}

function tooManyStops(own: readonly PlayedEpisode[], others: readonly PlayedEpisode[]): string {
  const [mine, theirs] = [own, others].map((played) => played.filter(wasStopped).length);
  const usual = wilson95(theirs, others.length)[1];
  if (binomialTail(mine, own.length, usual) >= STOPS_CHANCE) return '';
  return `the safety gate stopped ${mine} of its ${own.length} episodes, and ${theirs} of ${others.length} of the current policy's`;
}

function verdictOf({ verdict, count }: SequentialTest, stops: string, rate: number): readonly [string, boolean] {
  if (stops !== '') return [stops, false];
  const reference = `the current policy's ${rate.toFixed(3)}`;
  switch (verdict) {
    case 'above':
      return [`no worse than ${reference} after ${count} of its episodes`, true];
    case 'below':
      return [`worse than ${reference} after ${count} of its episodes`, false];
    case 'open':
      return [`not shown to be as good as ${reference} in ${count} episodes`, false];
  }
}

function sideOf(played: readonly PlayedEpisode[]): CanarySide {
  const successes = played.filter(({ success }) => success).length;
  const stopped = played.filter(wasStopped).length;
  return { episodes: played.length, successes, wilson95: wilson95(successes, played.length), stopped };
}

function wasStopped({ stage }: PlayedEpisode): boolean {
  return stage === 'safety';
}
