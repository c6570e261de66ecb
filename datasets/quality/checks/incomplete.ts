import { z } from 'zod';
import type { Evidence } from '../evidence.ts';
import { type Observation, percent } from '../observation.ts';

/** Share of messages left out from which it is major. */
const MAJOR_SHARE = 0.05;

/** What recorders and repair say of themselves: messages left out, an early end, a file that was restored. */
export function findIncomplete({ series, metadata }: Evidence): readonly Observation[] {
  const { duration_s } = series;
  const span = { from_s: 0, to_s: duration_s };
  const found: Observation[] = [];
  const recording = metadata.get('recording') ?? {};
  const left_out = count(recording.left_out_messages);
  if (left_out > 0) {
    const kept = series.pictures.reduce(
      (sum, { time_s }) => sum + time_s.length,
      (series.joints?.time_s.length ?? 0) * 2,
    );
    const share = left_out / (left_out + kept);
    const detail = `the recorder left out ${left_out} messages (${percent(share)}, major from ${percent(MAJOR_SHARE)}): ${(recording.left_out ?? '').slice(0, 200)}`;
    found.push({
      check: 'incomplete',
      severity: share > MAJOR_SHARE ? 'major' : 'minor',
      detail,
      fix: 'record to a faster disk',
      ...span,
    });
  }
  if ((recording.ended_early ?? '') !== '') {
    const detail = `the recorder ended early: ${recording.ended_early}`;
    found.push({
      check: 'incomplete',
      severity: 'major',
      detail,
      fix: 'drop, or use what is there as a failure',
      from_s: duration_s,
      to_s: duration_s,
    });
  }
  for (const [name, entries] of metadata) {
    if (!/^repair(ed)?$/.test(name)) continue;
    const told = Object.entries(entries)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
    const detail = `was restored from an unfinished or damaged file: ${told.slice(0, 300) || 'nothing more is known'}`;
    found.push({
      check: 'incomplete',
      severity: 'minor',
      detail,
      fix: 'look at its end; the outcome may be missing',
      ...span,
    });
  }
  const interrupted = metadata.get('outcome')?.interrupted === 'true';
  if (interrupted)
    found.push({
      check: 'incomplete',
      severity: 'minor',
      detail: 'the episode was interrupted before its end',
      fix: 'drop, or use it as a failure',
      from_s: duration_s,
      to_s: duration_s,
    });
  return found;
}

const count = (text: string | undefined): number =>
  z.coerce
    .number()
    .int()
    .nonnegative()
    .catch(0)
    .parse(text ?? '0');
