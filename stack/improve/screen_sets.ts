import {
  checkRecord,
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

/** @throws InputError naming the record of a set that a policy cannot learn from: of another layout, or not finite */
export function checkSets(sets: readonly DemonstrationSet[], policy: Improvable): void {
  const layout = layoutOf(policy);
  for (const record of sets.flatMap(recordsOf)) checkRecord(record, layout);
}

/**
 * Holds sets of demonstrations to themselves and to the expert before anything is learned from them.
 * @param trusted  of the expert, made now
 * @throws InputError where one cannot be read
 */
export function screenSets(
  trusted: readonly Demonstration[],
  sets: readonly DemonstrationSet[],
  policy: Improvable,
): ScreenedSets {
  const layout = layoutOf(policy);
  const known = trusted.map((one, k) => recordOf(one, 'expert', `${k}`));
  const offered = sets.map(recordsOf);
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

function layoutOf({ model, sizes, step_limit }: Improvable) {
  return recordLayout(model.manifest.observation, sizes.action, step_limit);
}

function recordsOf({ sha256, source, demonstrations }: DemonstrationSet): readonly EpisodeRecord[] {
  return demonstrations.map((one, k) => recordOf(one, source, `${sha256.slice(0, 8)}/${k}`));
}

function recordOf(demonstration: Demonstration, source: string, name: string): EpisodeRecord {
  return { ...demonstration, source, name };
}
