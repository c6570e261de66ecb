import type { EpisodeRecord, RecordLayout } from './episode_record.ts';

/** Farther than this from its place an object is not placed; the task allows 0.02, the last step may move it a little (m). */
const AWAY_M = 0.025;
/** Higher than this it does not fall to rest within the last step; an object let go of near the table may (m). */
const HELD_UP_M = 0.03;
/** Nearer than this it is placed, if nothing else went wrong (m). */
const PLACED_M = 0.018;
const STANDS_M = 0.003;
/** An episode that ends so many steps before its time has succeeded, or something fell or was stopped. */
const STEPS_LEFT = 10;

/** How the end of a record contradicts what it says of its outcome; null where it does not. */
export function outcomeContradiction(record: EpisodeRecord, layout: RecordLayout): string | null {
  const { success, length, observations } = record;
  const { offsets, observation } = layout;
  const last = (length - 1) * observation;
  const away_m = endDistance(record, layout);
  const gap_m = observations[last + offsets.wanted_gap];
  const millimetres = (metres: number) => `${Math.round(1000 * metres)} mm`;
  if (success && away_m > AWAY_M) return `success is said; the object ends ${millimetres(away_m)} from its place`;
  if (success && gap_m > HELD_UP_M) return `success is said; the object ends ${millimetres(gap_m)} over the table`;
  if (!success && away_m < PLACED_M && gap_m < STANDS_M && length < layout.step_limit - STEPS_LEFT) {
    return `failure is said; the object stands ${millimetres(away_m)} from its place with time left`;
  }
  return null;
}

/** How far from its place the object ends, on the table (m). */
function endDistance({ length, observations }: EpisodeRecord, { observation, offsets }: RecordLayout): number {
  const at = (length - 1) * observation + offsets.wanted_to_goal;
  return Math.hypot(observations[at], observations[at + 1]);
}
