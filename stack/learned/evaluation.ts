import { createHash } from 'node:crypto';
import { createRng, quantile, wilson95 } from '../../contracts/index.ts';
import {
  type ConfidenceCalibration,
  comparePaired,
  confidenceCalibration,
  type PairedComparison,
  SequentialTest,
} from '../../learning/index.ts';
import type { PlayedEpisode, PlayedPolicy } from './play_policy.ts';

export interface FailureClass {
  readonly stage: string;
  readonly episodes: number;
  readonly share: number;
  readonly wilson95: readonly [number, number];
}

/** How well a policy did. */
export interface PolicyScore {
  readonly policy: string;
  readonly model_sha256: string | null;
  readonly episodes: number;
  readonly successes: number;
  readonly success_rate: number;
  readonly wilson95: readonly [number, number];
  readonly failures: readonly { readonly episode: number; readonly stage: string; readonly reason: string }[];
  /** By stage, most frequent first. */
  readonly failure_classes: readonly FailureClass[];
  /** Of successful episodes; NaN where there is none. */
  readonly time_s: { readonly median: number; readonly p95: number };
  /** Median root mean square change of the action from step to step; null of a policy that is not learned. */
  readonly roughness: number | null;
  readonly interventions: number;
  /** Episodes that ended because the policy asked for help. */
  readonly asked: number;
  /** Of the policy's own confidence; null where it does not say. */
  readonly calibration: ConfidenceCalibration | null;
  /** SHA-256 over how every episode went. */
  readonly digest: string;
}

export interface Evaluation {
  readonly score: PolicyScore;
  readonly against: PolicyScore | null;
  /** On the same worlds; null without one to compare with. */
  readonly comparison: PairedComparison | null;
  /** What a sequential test has found; null where none was asked for. */
  readonly decision: Decision | null;
  readonly played: readonly PlayedEpisode[];
  readonly interrupted: boolean;
}

export interface Decision {
  /** Success rate above or below what was asked, or better or worse than the other; open when episodes ran out. */
  readonly verdict: 'above' | 'below' | 'better' | 'worse' | 'open';
  /** Worlds played until then. */
  readonly episodes: number;
  readonly error: number;
}

export interface EvaluationOptions {
  readonly policy: PlayedPolicy;
  readonly against: PlayedPolicy | null;
  readonly first: number;
  /** At most, where a sequential test stops early. */
  readonly episodes: number;
  /** Success rate that a sequential test asks about (unused where there are two policies); null for no test. */
  readonly until_decided: number | null;
}

/** Worlds between two looks of the sequential test. */
const BLOCK = 20;
const ERROR = 0.05;
const INDIFFERENCE = 0.03;
/** Of worlds in which only one of two succeeds: the share of the better one is not looked for nearer to a half. */
const PAIRED_INDIFFERENCE = 0.15;

/**
 * Plays a policy, and another on the same worlds, and says how they did. With `until_decided` it stops as soon as a
 * sequential test has its verdict; the outcomes are told to it in the order of their worlds, so it is the same for any
 * number of threads.
 */
export async function evaluatePolicy(options: EvaluationOptions, signal?: AbortSignal): Promise<Evaluation> {
  const { policy, against, first, episodes, until_decided } = options;
  const test = until_decided === null ? null : sequentialTest(against === null ? until_decided : null);
  const block = test === null ? episodes : BLOCK;
  const own: PlayedEpisode[] = [];
  const others: PlayedEpisode[] = [];
  let looked = 0;
  while (own.length < episodes && (test === null || test.verdict === 'open') && signal?.aborted !== true) {
    const count = Math.min(block, episodes - own.length);
    const from = first + own.length;
    const mine = await policy.play(from, count, signal);
    const theirs = against === null ? [] : await against.play(from, count, signal);
    const whole = against === null ? mine : mine.filter(({ episode }) => theirs.some((one) => one.episode === episode));
    own.push(...whole);
    others.push(...theirs.filter(({ episode }) => whole.some((one) => one.episode === episode)));
    for (; test !== null && test.verdict === 'open' && looked < own.length; looked++) {
      if (against === null) test.add(own[looked].success);
      else if (own[looked].success !== others[looked].success) test.add(own[looked].success);
    }
    if (whole.length < count) break;
  }
  const played = test === null || test.verdict === 'open' ? own : own.slice(0, looked);
  const paired = others.slice(0, played.length);
  return {
    score: scoreOf(policy, played),
    against: against === null ? null : scoreOf(against, paired),
    comparison: against === null ? null : comparePaired(played.map(succeeded), paired.map(succeeded)),
    decision: test === null ? null : decisionOf(test, against !== null, played.length),
    played,
    interrupted: signal?.aborted === true,
  };
}

const succeeded = ({ success }: PlayedEpisode): boolean => success;

function sequentialTest(rate: number | null): SequentialTest {
  if (rate === null) return new SequentialTest({ rate: 0.5, indifference: PAIRED_INDIFFERENCE, error: ERROR });
  return new SequentialTest({ rate, indifference: Math.min(INDIFFERENCE, (1 - rate) / 2, rate / 2), error: ERROR });
}

function decisionOf({ verdict }: SequentialTest, paired: boolean, episodes: number): Decision {
  if (verdict === 'open' || !paired) return { verdict, episodes, error: ERROR };
  return { verdict: verdict === 'above' ? 'better' : 'worse', episodes, error: ERROR };
}

/** Sums up how a policy did in the episodes played. */
export function scoreOf(
  policy: Pick<PlayedPolicy, 'name' | 'model_sha256'>,
  played: readonly PlayedEpisode[],
): PolicyScore {
  const n = played.length;
  const failed = played.filter(({ success }) => !success);
  const successes = n - failed.length;
  const times = played.filter(succeeded).map(({ time_s }) => time_s);
  const rough = played.flatMap(({ roughness }) => (roughness === null ? [] : [roughness]));
  const stated = played.flatMap(({ confidence, success }) =>
    confidence === null ? [] : [{ confidence: confidence.median, success }],
  );
  const outcomes = played.map(({ picture: _, ...rest }) => rest);
  return {
    ...{ policy: policy.name, model_sha256: policy.model_sha256, episodes: n, successes },
    ...{ success_rate: n === 0 ? 0 : successes / n, wilson95: wilson95(successes, n) },
    failures: failed.map(({ episode, stage, reason }) => ({ episode, stage, reason })),
    failure_classes: classesOf(failed, n),
    time_s: { median: quantile(times, 0.5), p95: quantile(times, 0.95) },
    roughness: rough.length === 0 ? null : quantile(rough, 0.5),
    interventions: played.reduce((sum, { interventions }) => sum + interventions, 0),
    asked: played.filter(({ asked }) => asked).length,
    calibration: stated.length === 0 ? null : confidenceCalibration(stated, createRng(0, 'calibration')),
    digest: createHash('sha256').update(JSON.stringify(outcomes)).digest('hex'),
  };
}

function classesOf(failed: readonly PlayedEpisode[], n: number): readonly FailureClass[] {
  const counts = new Map<string, number>();
  for (const { stage } of failed) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  return [...counts]
    .sort(([a, most], [b, least]) => least - most || a.localeCompare(b))
    .map(([stage, episodes]) => ({ stage, episodes, share: episodes / n, wilson95: wilson95(episodes, n) }));
}
