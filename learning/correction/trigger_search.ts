import type { EpisodeRecord, RecordLayout } from './episode_record.ts';
import { rankSumPValue } from './rank_sum.ts';

/** Something that goes with episodes that were steered aside. */
export interface Trigger {
  /** A feature at the first step (`wanted_colour[2]`), or an entry of the context. */
  readonly name: string;
  /** Means over the episodes that were steered aside, and over the others. */
  readonly steered: number;
  readonly others: number;
  /** Of the rank sum test, times the things that were looked at (Bonferroni). */
  readonly p_value: number;
}

/** Corrected p-value from which on nothing is named; that a few episodes are enough is worth a false name now and then. */
const NAMED_BELOW = 0.05;

/**
 * Looks for what tells episodes that were steered aside from the others: of all that was told at the first step and all of
 * the context, what differs most between the two.
 * @returns null where nothing differs more than by chance
 */
export function findTrigger(
  records: readonly EpisodeRecord[],
  steered: readonly boolean[],
  { features, context }: RecordLayout,
): Trigger | null {
  if (!steered.some(Boolean)) return null;
  const told = features.flatMap(({ name, size }) =>
    Array.from({ length: size }, (_, k) => (size === 1 ? name : `${name}[${k}]`)),
  );
  const columns = [
    ...context.map((name, k) => ({ name, of: (one: EpisodeRecord) => one.context?.[k] ?? 0 })),
    ...told.map((name, k) => ({ name, of: (one: EpisodeRecord) => one.observations[k] })),
    // Where the place is said to be differs by what was done, not by what brought it about.
  ].filter(({ name }) => !name.startsWith('wanted_to_goal'));
  let best: Trigger | null = null;
  for (const { name, of } of columns) {
    const values = records.map(of);
    const p_value = Math.min(1, columns.length * rankSumPValue(values, steered));
    if (p_value >= NAMED_BELOW || (best !== null && p_value >= best.p_value)) continue;
    const meanOf = (side: boolean) => mean(values.filter((_, k) => steered[k] === side));
    best = { name, steered: meanOf(true), others: meanOf(false), p_value };
  }
  return best;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
