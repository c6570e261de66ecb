import { basename } from 'node:path';
import { type SafetyState, stampToSeconds } from '../contracts/index.ts';
import { readSafetyRecord, type SafetyReport, type SafetySeries } from '../datasets/index.ts';
import type { VerifiedLog } from './verify_run.ts';

/** States kept of a recording; interventions are in the log, however short. */
const MOST_STATES = 2000;

/** What a safety report shows of audit logs and of the recordings beside them. Throws InputError as `readRecording` does. */
export async function safetyReportOf(
  title: string,
  logs: readonly VerifiedLog[],
  recordings: readonly string[],
): Promise<SafetyReport> {
  const series: SafetySeries[] = [];
  for (const file of recordings) {
    const { states, checkpoints } = await readSafetyRecord(file);
    if (states.length > 0) series.push(seriesOf(checkpoints[0]?.log ?? basename(file), states));
  }
  return {
    title,
    logs: logs.map(({ file, verdict }) => ({
      name: verdict.entries[0]?.log ?? basename(file),
      file,
      events: verdict.entries.map(({ stamp_ns, ...entry }) => ({ ...entry, time_s: stampToSeconds(BigInt(stamp_ns)) })),
      findings: verdict.findings.map(({ line, what }) => (line === 0 ? what : `line ${line}: ${what}`)),
    })),
    series,
  };
}

function seriesOf(log: string, states: readonly SafetyState[]): SafetySeries {
  const every = Math.ceil(states.length / MOST_STATES);
  const kept = states.filter((_, index) => index % every === 0);
  return {
    log,
    t_s: kept.map(({ stamp_ns }) => stampToSeconds(stamp_ns)),
    separation_m: kept.map(({ separation_m }) => separation_m),
    protective_distance_m: kept.map(({ protective_distance_m }) => protective_distance_m),
    pace: kept.map(({ pace }) => pace),
  };
}
