import { quantile, wilson95 } from '../../contracts/index.ts';
import type { Dataset } from '../dataset/folder.ts';
import type { DatasetEpisode, Finding } from '../dataset/schema.ts';
import { checkLeaks, leakText } from '../selection/index.ts';
import type { EpisodeLook } from './episode_look.ts';

/** Whether anybody vouches for a dataset, in words. */
export interface SignatureStatus {
  readonly status: 'signed' | 'unsigned' | 'broken' | 'not_checked';
  /** Who signed, or what is wrong; at most a few lines. */
  readonly lines: readonly string[];
}

/** Everything a card is made of. */
export interface CardContent {
  readonly dataset: Dataset;
  readonly signature: SignatureStatus;
  /** By id; an episode that could not be looked at is missing. */
  readonly looks: ReadonlyMap<string, EpisodeLook>;
  /** Why an episode could not be looked at, by id. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** How often something succeeded, with its Wilson interval at 95 %. */
export interface SuccessRow {
  readonly name: string;
  readonly episodes: number;
  readonly judged: number;
  readonly successes: number;
  readonly rate: number | null;
  readonly wilson95: readonly [number, number];
}

/** Five numbers of many; null where there are none. */
export interface Spread {
  readonly low: number;
  readonly p05: number;
  readonly median: number;
  readonly p95: number;
  readonly high: number;
  readonly count: number;
}

export type CardFacts = ReturnType<typeof cardFacts>;

/** The numbers of a card; `dataset card --json` prints them. */
export function cardFacts({ dataset, signature, looks, unreadable }: CardContent) {
  const { index, kind, folder } = dataset;
  const { episodes } = index;
  const scores = episodes.flatMap(({ quality }) => (quality === null ? [] : [quality.score]));
  return {
    ...{ folder, kind, id: index.id, name: index.name, revision: index.revision, description: index.description },
    ...{ licence: index.licence, created_at: index.created_at, changed_at: index.changed_at, signature },
    licences: counts(episodes, ({ governance }) => governance.licence || 'not told'),
    consent: counts(episodes, ({ governance }) => governance.consent),
    purposes: countsOfMany(episodes, ({ governance }) => governance.purposes),
    masked: countsOfMany(episodes, ({ governance }) => governance.masked),
    retained_until: episodes.flatMap(({ governance }) => governance.retain_until ?? []).sort()[0] ?? null,
    episodes: episodes.length,
    duration_s: episodes.reduce((sum, { duration_s }) => sum + duration_s, 0),
    bytes: episodes.reduce((sum, { bytes }) => sum + bytes, 0),
    success: {
      all: successRow('all', episodes),
      task: successBy(episodes, ({ task }) => [task]),
      object: successBy(episodes, ({ objects }) => objects),
      robot: successBy(episodes, ({ robot }) => [robot.name]),
      engine: successBy(episodes, ({ engine }) => [engine]),
      policy: successBy(episodes, ({ lineage }) => [lineage.policy]),
    },
    failures: counts(
      episodes.filter(({ outcome }) => outcome.success === false),
      ({ outcome }) => outcome.stage || 'stage not told',
    ),
    duration: spread(episodes.map(({ duration_s }) => duration_s)),
    joints: jointFacts(looks),
    cameras: cameraFacts(looks),
    randomization: randomizationFacts(episodes),
    quality: {
      scored: scores.length,
      score: spread(scores),
      findings: findingFacts(episodes),
    },
    splits: counts(episodes, ({ split }) => split ?? 'none'),
    leaks: checkLeaks(index).map((leak) => ({ ...leak, text: leakText(leak) })),
    lineage: {
      parents: index.parents,
      runs: counts(episodes, ({ lineage }) => lineage.run_id || 'not told'),
      sources: counts(episodes, ({ lineage }) => lineage.source),
      models: counts(
        episodes.filter(({ lineage }) => lineage.model_sha256 !== ''),
        ({ lineage }) => lineage.model_sha256,
      ),
      products: index.products,
    },
    tombstones: index.tombstones,
    unreadable: Object.fromEntries(unreadable),
  };
}

/** Five numbers of many; null of none. */
export function spread(values: readonly number[]): Spread | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const at = (fraction: number) => quantile(finite, fraction);
  return { low: at(0), p05: at(0.05), median: at(0.5), p95: at(0.95), high: at(1), count: finite.length };
}

function successRow(name: string, episodes: readonly DatasetEpisode[]): SuccessRow {
  const judged = episodes.filter(({ outcome }) => outcome.success !== null).length;
  const successes = episodes.filter(({ outcome }) => outcome.success === true).length;
  const rate = judged === 0 ? null : successes / judged;
  return { name, episodes: episodes.length, judged, successes, rate, wilson95: wilson95(successes, judged) };
}

function successBy(
  episodes: readonly DatasetEpisode[],
  namesOf: (episode: DatasetEpisode) => readonly string[],
): SuccessRow[] {
  const groups = new Map<string, DatasetEpisode[]>();
  for (const episode of episodes) {
    for (const name of namesOf(episode)) {
      const group = groups.get(name) ?? [];
      group.push(episode);
      groups.set(name, group);
    }
  }
  return [...groups]
    .map(([name, group]) => successRow(name || 'not told', group))
    .sort((a, b) => b.episodes - a.episodes || (a.name < b.name ? -1 : 1));
}

function counts(episodes: readonly DatasetEpisode[], of: (episode: DatasetEpisode) => string): Record<string, number> {
  return countsOfMany(episodes, (episode) => [of(episode)]);
}

function countsOfMany(
  episodes: readonly DatasetEpisode[],
  of: (episode: DatasetEpisode) => readonly string[],
): Record<string, number> {
  const found = new Map<string, number>();
  for (const episode of episodes) for (const name of of(episode)) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries([...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

function jointFacts(looks: CardContent['looks']) {
  const joints = new Map<string, { low: number; high: number; fastest: number[] }>();
  for (const { joints: ranges } of looks.values()) {
    for (const { name, low, high, fastest } of ranges) {
      const known = joints.get(name) ?? { low, high, fastest: [] };
      known.low = Math.min(known.low, low);
      known.high = Math.max(known.high, high);
      known.fastest.push(fastest);
      joints.set(name, known);
    }
  }
  return [...joints].map(([name, { low, high, fastest }]) => ({ name, low, high, fastest: spread(fastest) }));
}

function cameraFacts(looks: CardContent['looks']) {
  const cameras = new Map<string, EpisodeLook['cameras'][number][]>();
  for (const look of looks.values()) {
    for (const camera of look.cameras) {
      const name = `${camera.camera} ${camera.kind}`;
      cameras.set(name, [...(cameras.get(name) ?? []), camera]);
    }
  }
  return [...cameras].map(([name, all]) => ({
    name,
    pictures: all.reduce((sum, { pictures }) => sum + pictures, 0),
    rate_hz: spread(all.map(({ rate_hz }) => rate_hz)),
    jitter_s: spread(all.map(({ jitter_s }) => jitter_s)),
    bytes: spread(all.map(({ bytes }) => bytes)),
  }));
}

/** Values that are not the same in all episodes: numbers by their spread, words by how often they come. */
function randomizationFacts(episodes: readonly DatasetEpisode[]) {
  const values = new Map<string, (number | string | boolean)[]>();
  for (const { randomization } of episodes) {
    for (const [name, value] of Object.entries(randomization)) {
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
  }
  return [...values].flatMap(([name, all]) => {
    if (new Set(all).size < 2) return [];
    const numbers = all.filter((value) => typeof value === 'number');
    return numbers.length === all.length ? [{ name, spread: spread(numbers), values: numbers }] : [];
  });
}

function findingFacts(episodes: readonly DatasetEpisode[]) {
  const found = new Map<
    string,
    { severity: Finding['severity']; check: string; episodes: Set<string>; first: string; fix: string }
  >();
  for (const { id, quality } of episodes) {
    for (const { check, severity, detail, fix } of quality?.findings ?? []) {
      const key = `${severity} ${check}`;
      const known = found.get(key) ?? { severity, check, episodes: new Set(), first: `${id}: ${detail}`, fix };
      known.episodes.add(id);
      found.set(key, known);
    }
  }
  const rank = { major: 0, minor: 1, note: 2 };
  return [...found.values()]
    .map((each) => ({ ...each, episodes: each.episodes.size }))
    .sort((a, b) => rank[a.severity] - rank[b.severity] || b.episodes - a.episodes);
}
