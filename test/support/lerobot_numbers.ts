import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataColumns, dataRows } from '../../datasets/lerobot/data_rows.ts';
import type { EpisodeTable } from '../../datasets/lerobot/episode_table.ts';
import type { NumberFeature } from '../../datasets/lerobot/feature.ts';
import { ParquetFile } from '../../datasets/lerobot/parquet_file.ts';

export interface NumberColumnOfSet {
  readonly width: number;
  readonly names?: readonly string[];
  /** Row by row. */
  readonly values: readonly number[];
}

/** Writes a LeRobot v3.0 set of one episode with numbers alone. */
export function writeNumberSet(
  folder: string,
  columns: Readonly<Record<string, NumberColumnOfSet>>,
  info: Readonly<Record<string, unknown>> = {},
): void {
  const numbers = Object.entries(columns).map(
    ([key, { width, names = null }]): NumberFeature => ({ key, dtype: 'float32', shape: [width], names, units: [] }),
  );
  const [[, first]] = Object.entries(columns);
  const rows = first.values.length / first.width;
  const features = { numbers, pictures: [], texts: [] };
  const values = Object.fromEntries(
    Object.entries(columns).map(([key, each]) => [key, Float64Array.from(each.values)]),
  );
  const table: EpisodeTable = {
    ...{ features, rows, numbers: values, pictures: {}, texts: {}, task: new Int32Array(rows), tasks: ['pick'] },
    ...{ statistics: {}, max_age_s: {}, max_rounding: {}, left_out: [] },
  };
  const file = new ParquetFile(join(folder, 'data', 'chunk-000', 'file-000.parquet'), dataColumns(features, false));
  file.writeGroup(dataRows(table, { episode_index: 0, first_index: 0, fps: 25, task_indices: [0] }, false));
  file.finish();
  mkdirSync(join(folder, 'meta'), { recursive: true });
  const described = Object.fromEntries(numbers.map(({ key, dtype, shape, names }) => [key, { dtype, shape, names }]));
  const document = {
    ...{ codebase_version: 'v3.0', fps: 25, total_episodes: 1, total_frames: rows, robot_type: 'panda' },
    ...{ data_path: 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet', features: described, ...info },
  };
  writeFileSync(join(folder, 'meta', 'info.json'), JSON.stringify(document));
}
