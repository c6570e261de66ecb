import { readRecording } from '../recording/read_recording.ts';
import type { EpisodeSeries } from '../recording/series.ts';
import { decodeKept, type KeptFeature, type SourceRecord } from './kept_feature.ts';

/** A kept feature at the times it was logged. */
export interface KeptColumn {
  readonly feature: KeptFeature;
  readonly time_s: Float64Array;
  readonly values: readonly (Float64Array | string)[];
}

/** Values of the features that an imported recording keeps in topics of their own. */
export async function readKept(
  path: string,
  { start_ns }: Pick<EpisodeSeries, 'start_ns'>,
  source: SourceRecord | null,
): Promise<readonly KeptColumn[]> {
  if (source === null || source.kept.length === 0) return [];
  const rows = new Map(
    source.kept.map((feature) => [
      feature.topic,
      { feature, time_s: [] as number[], values: [] as (Float64Array | string)[] },
    ]),
  );
  for await (const message of readRecording(path, [...rows.keys()])) {
    const row = rows.get(message.topic);
    const value = row === undefined ? null : decodeKept(message, row.feature);
    if (row === undefined || value === null) continue;
    row.time_s.push(Number(message.log_ns - start_ns) / 1e9);
    row.values.push(value);
  }
  return [...rows.values()]
    .filter(({ values }) => values.length > 0)
    .map(({ feature, time_s, values }) => ({ feature, time_s: Float64Array.from(time_s), values }));
}
