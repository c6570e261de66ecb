import Table from 'cli-table3';
import type { BatchResult, BatchSummary, EpisodeResult } from '../stack/index.ts';

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;

/** One row an episode, for people. */
export function episodeTable(results: readonly EpisodeResult[]): string {
  const table = new Table({
    head: ['episode', 'object', 'result', 'placed within', 'attempts', 'sim time', 'gate events'],
    style: { head: [], border: [] },
    colAligns: ['right', 'left', 'left', 'right', 'right', 'right', 'right'],
  });
  for (const { index, object, outcome, sim_seconds } of results) {
    table.push([
      index,
      object,
      outcome.success ? 'ok' : `${outcome.stage}: ${outcome.reason}`,
      outcome.success && outcome.measures === undefined ? `${(1000 * outcome.placement_error_m).toFixed(1)} mm` : '',
      outcome.attempts,
      `${sim_seconds.toFixed(1)} s`,
      outcome.interventions,
    ]);
  }
  return table.toString();
}

/** The batch in one sentence. */
export function summaryLine(summary: BatchSummary): string {
  const [low, high] = summary.wilson95;
  return (
    `${summary.successes} of ${summary.episodes} succeeded (${percent(summary.success_rate)}, 95 % interval ` +
    `${percent(low)} to ${percent(high)}); ${summary.sim_seconds.toFixed(0)} s simulated in ` +
    `${summary.wall_seconds.toFixed(1)} s, ${summary.real_time_factor.toFixed(1)} times real time${pickPart(summary)}${countsPart(summary)}`
  );
}

/** What there is to tell of picks: "; 40 of 41 attempts brought an object to its place (97.6 %, …), 501 an hour". */
function pickPart({ picks }: BatchSummary): string {
  if (picks === null) return '';
  const [low, high] = picks.wilson95;
  return (
    `; ${picks.done} of ${picks.attempts} attempts brought an object to its place (${percent(picks.success_rate)}, ` +
    `95 % interval ${percent(low)} to ${percent(high)}), ${picks.per_hour.toFixed(0)} an hour`
  );
}

/** What was counted, where there is anything: "; 2 questions to people (1 answered, 0 overruled), 1 save, 3 retries". */
function countsPart({ counts }: BatchSummary): string {
  const { wrong_picks, retries, escalations_asked: asked, escalations_answered, escalations_overruled, saves } = counts;
  const times = (count: number, one: string) => (count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]);
  const people = `question${asked === 1 ? '' : 's'} to people (${escalations_answered} answered, ${escalations_overruled} overruled)`;
  const told = [
    ...times(wrong_picks, 'wrong pick'),
    ...(asked === 0 ? [] : [`${asked} ${people}`]),
    ...times(saves, 'save'),
    ...(retries === 0 ? [] : [`${retries} ${retries === 1 ? 'retry' : 'retries'}`]),
  ];
  return told.length === 0 ? '' : `; ${told.join(', ')}`;
}

/** Failures by stage, most frequent first: "grasp 3, place 1". */
export function failureLine(summary: BatchSummary): string {
  const counts = new Map<string, number>();
  for (const { stage } of summary.failures) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([stage, count]) => `${stage} ${count}`)
    .join(', ');
}

/** The fields of `sim --json` and `run --json`. */
export function batchFields(batch: BatchResult): object {
  const { setting, summary, model_sha256, degraded_reason, digest } = batch;
  return { ...setting, ...summary, model_sha256, degraded: degraded_reason !== '', degraded_reason, digest };
}
