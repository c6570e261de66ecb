import {
  type Demonstration,
  type DemonstrationSet,
  type EpisodeRecord,
  recordLayout,
  type Screening,
  screenRecords,
} from '../../learning/index.ts';
import type { Improvable } from './recipe.ts';

export interface ScreenedSets {
  /** What may be learned from: successes that nothing speaks against. */
  readonly sets: readonly DemonstrationSet[];
  readonly screening: Screening;
}

/**
 * Holds sets of demonstrations to themselves and to the expert before anything is learned from them.
 * @param trusted  of the expert, made now
 * @throws InputError where one cannot be read
 */
export function screenSets(
  trusted: readonly Demonstration[],
  sets: readonly DemonstrationSet[],
  { model, sizes, step_limit }: Improvable,
): ScreenedSets {
  const layout = recordLayout(model.manifest.observation, sizes.action, step_limit);
  const known = trusted.map((one, k) => recordOf(one, 'expert', `${k}`));
  const offered = sets.map(({ sha256, source, demonstrations }) =>
    demonstrations.map((one, k) => recordOf(one, source, `${sha256.slice(0, 8)}/${k}`)),
  );
  const screening = screenRecords(known, offered.flat(), layout);
  const accepted = new Set(screening.accepted);
  return {
    screening,
    sets: sets.map((set, i) => ({
      ...set,
      demonstrations: set.demonstrations.filter((one, k) => one.success && accepted.has(offered[i][k])),
    })),
  };
}

function recordOf(demonstration: Demonstration, source: string, name: string): EpisodeRecord {
  return { ...demonstration, source, name };
}
