import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../safety/index.ts';
import type { Dataset } from '../dataset/folder.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { actionOrder } from './action_order.ts';
import type { SkippedEpisode } from './export_progress.ts';
import { type FeatureSet, INDEX_FEATURES } from './feature.ts';
import { joinLeftOut } from './left_out.ts';
import { PICTURES_LOOKED_AT } from './picture_column.ts';
import type { SetEpisode } from './set_files.ts';

export interface ReportFacts {
  readonly dataset: Dataset;
  readonly episodes: readonly SetEpisode[];
  readonly facts: ReadonlyMap<string, DatasetEpisode>;
  readonly skipped: readonly SkippedEpisode[];
  readonly features: FeatureSet;
  readonly fps: number;
  readonly cameras: readonly string[] | null;
  readonly depth: boolean;
  readonly float64: boolean;
  readonly video: string | null;
}

export type ExportReport = ReturnType<typeof reportOf>;

/** surepick_export.json: what a set was made of, how, and what of it the format cannot hold. */
export function reportOf(told: ReportFacts) {
  const { dataset, episodes, facts, skipped, features, fps, cameras, depth, float64, video } = told;
  const { id, name, revision, licence } = dataset.index;
  const splitOf = (episode: SetEpisode) => facts.get(episode.id)?.split ?? null;
  const robots = [...new Set(episodes.map((episode) => facts.get(episode.id)?.robot.name ?? ''))].filter(
    (r) => r !== '',
  );
  return {
    ...{ schema: 'surepick/lerobot_export', version: 1 },
    dataset: { id, name, revision, licence, root: rootOf(dataset) },
    robot: robots.join('+'),
    options: { fps, cameras, depth, float64, video },
    splits: splitsOf(episodes.map(splitOf)),
    units: Object.fromEntries(
      [...features.numbers, ...INDEX_FEATURES]
        .filter(({ units }) => units.some((unit) => unit !== ''))
        .map(({ key, units }) => [key, units]),
    ),
    action: actionOrder(features.numbers),
    timing: {
      how: `rows every 1/${fps} s; each holds the newest sample whose measured stamp is not after it`,
      max_age_s: greatest(episodes.map(({ max_age_s }) => max_age_s)),
    },
    precision: {
      how: float64 ? 'float64, as recorded' : 'float32 where nothing else is told; greatest change of a value',
      max_change: greatest(episodes.map(({ max_rounding }) => max_rounding)),
    },
    statistics: `of pictures over at most ${PICTURES_LOOKED_AT} an episode; quantiles of the set are bounds of those of its episodes`,
    left_out: joinLeftOut(episodes.flatMap(({ left_out }) => left_out)),
    not_held: [
      'time of each sample: only the rows’ own',
      'attachments and metadata of recordings: URDF, seeds, versions, digests',
      'randomisation values, consent, licence and retention of episodes: they stay with the dataset',
      ...(video === null ? [] : ['pictures as recorded: videos are encoded anew, with loss']),
    ],
    skipped,
    episodes: episodes.map((episode) => {
      const known = facts.get(episode.id);
      const { success = null, stage = '', reason = '' } = known?.outcome ?? {};
      return {
        ...{ episode_index: episode.episode_index, id: episode.id, rows: episode.rows },
        ...{ sha256: known?.sha256 ?? '', split: splitOf(episode), success, stage, reason },
      };
    }),
  };
}

const merkle = z.looseObject({ root: z.string() });

/** Root of the dataset's own Merkle manifest where it has one, else a hash over its episodes' hashes. */
function rootOf({ folder, index }: Dataset): string {
  const file = join(folder, 'merkle.json');
  if (existsSync(file)) {
    const parsed = merkle.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data.root;
  }
  const all = index.episodes.map(({ id, sha256 }) => [id, sha256]);
  return `episodes:${createHash('sha256').update(canonicalJson(all)).digest('hex')}`;
}

/** Ranges of episodes by split; without any, everything is for training. */
function splitsOf(splits: readonly (string | null)[]): Record<string, string> {
  if (splits.every((split) => split === null)) return { train: `0:${splits.length}` };
  const names = [...new Set(splits)];
  return Object.fromEntries(
    names.map((name) => [name ?? 'unassigned', `${splits.indexOf(name)}:${splits.lastIndexOf(name) + 1}`]),
  );
}

function greatest(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const each of all) for (const [key, value] of Object.entries(each)) most[key] = Math.max(most[key] ?? 0, value);
  return most;
}
