import { type Dataset, episodePath } from '../dataset/folder.ts';
import type { DatasetEpisode, Finding } from '../dataset/schema.ts';
import { CHECKS } from './checks/index.ts';
import { findDuplicates } from './duplicates.ts';
import { type Evidence, readEvidence } from './evidence.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import type { Observation } from './observation.ts';
import { scoreOf } from './score.ts';

/** What was found of an episode. */
export interface Examined {
  readonly episode: DatasetEpisode;
  readonly score: number;
  readonly observations: readonly Observation[];
  /** Samples a second of each signal. */
  readonly rates_hz: Readonly<Record<string, number>>;
}

export interface ExamineOptions {
  readonly signal?: AbortSignal;
  progress?(done: number, total: number, id: string): void;
}

/** Findings of one episode by itself. */
export const examineEvidence = (evidence: Evidence): readonly Observation[] =>
  CHECKS.flatMap((check) => check(evidence));

/**
 * Looks at every episode of a dataset, then compares them with each other. Aborted, it gives what was done until then. An
 * episode that cannot be read is a finding of its own, not an error.
 */
export async function examineDataset(
  dataset: Dataset,
  { signal, progress }: ExamineOptions = {},
): Promise<readonly Examined[]> {
  const { episodes } = dataset.index;
  const done: { episode: DatasetEpisode; observations: readonly Observation[]; rates_hz: Record<string, number> }[] =
    [];
  const prints: Fingerprint[] = [];
  for (const episode of episodes) {
    if (signal?.aborted) break;
    const looked = await look(dataset, episode);
    done.push({ episode, observations: looked.observations, rates_hz: looked.rates_hz });
    if (looked.print !== null) prints.push(looked.print);
    progress?.(done.length, episodes.length, episode.id);
  }
  const alike = findDuplicates(prints);
  return done.map(({ episode, observations: own, rates_hz }) => {
    const observations = [...own, ...(alike.get(episode.id) ?? [])];
    return { episode, observations, rates_hz, score: scoreOf(observations) };
  });
}

async function look(dataset: Dataset, episode: DatasetEpisode) {
  try {
    const evidence = await readEvidence(episodePath(dataset, episode), episode.outcome);
    const print = fingerprintOf(episode.id, episode.sha256, evidence);
    return { observations: examineEvidence(evidence), rates_hz: ratesOf(evidence), print };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const span = { from_s: 0, to_s: episode.duration_s };
    const unreadable: Observation = {
      check: 'unreadable',
      severity: 'major',
      detail,
      fix: 'surepick dataset repair, or drop',
      ...span,
    };
    return { observations: [unreadable], rates_hz: {}, print: null };
  }
}

function ratesOf({ series: { joints, pictures, wrench } }: Evidence): Record<string, number> {
  const rate = (time_s: Float64Array) =>
    time_s.length < 2 ? 0 : (time_s.length - 1) / (time_s[time_s.length - 1] - time_s[0]);
  return {
    ...(joints === null ? {} : { 'joint states': rate(joints.time_s) }),
    ...(wrench === null ? {} : { wrench: rate(wrench.time_s) }),
    ...Object.fromEntries(pictures.map(({ camera, kind, time_s }) => [`${camera} ${kind}`, rate(time_s)])),
  };
}

/** Findings as an index keeps them: without plots. */
export const findingsOf = (observations: readonly Observation[]): readonly Finding[] =>
  observations.map(({ check, severity, detail, fix, from_s, to_s }) => ({
    check,
    severity,
    detail,
    fix,
    from_s,
    to_s,
  }));
