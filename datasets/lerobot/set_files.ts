import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../run/file.ts';
import type { ExportedEpisode } from './export_progress.ts';
import type { FeatureSet } from './feature.ts';
import { EPISODES_PATH, fillPath, placeOf } from './layout.ts';
import { type ParquetColumn, ParquetFile, valueColumn } from './parquet_file.ts';
import { type FeatureStatistics, joinStatistics, namedStatistics, QUANTILE_NAMES } from './statistics.ts';

/** An episode with all that its row of the table of episodes says. */
export interface SetEpisode extends ExportedEpisode {
  readonly episode_index: number;
  readonly first_index: number;
  /** Number of its data file and of its videos. */
  readonly file: number;
  /** With those of its indices and its time. */
  readonly statistics: Readonly<Record<string, FeatureStatistics>>;
}

const STATISTICS = ['min', 'max', 'mean', 'std', 'count', ...QUANTILE_NAMES];

/** Writes meta/tasks.parquet: pandas takes the texts for its index because the metadata says so. */
export function writeTasks(out: string, tasks: readonly string[]): void {
  const metadata = {
    index_columns: ['task'],
    column_indexes: [
      { name: null, field_name: null, pandas_type: 'unicode', numpy_type: 'object', metadata: { encoding: 'UTF-8' } },
    ],
    columns: [
      { name: 'task_index', field_name: 'task_index', pandas_type: 'int64', numpy_type: 'int64', metadata: null },
      { name: 'task', field_name: 'task', pandas_type: 'unicode', numpy_type: 'object', metadata: null },
    ],
    creator: { library: 'surepick', version: '1' },
    pandas_version: '2.0.0',
  };
  const columns = [valueColumn('task_index', 'int64'), valueColumn('task', 'string')];
  const file = new ParquetFile(join(out, 'meta', 'tasks.parquet'), columns, { pandas: JSON.stringify(metadata) });
  file.writeGroup([tasks.map((_, k) => BigInt(k)), tasks]);
  file.finish();
}

/** Writes the table of episodes, one file and one row group. @param videos  keys of cameras whose pictures are in videos */
export function writeEpisodes(
  out: string,
  episodes: readonly SetEpisode[],
  features: FeatureSet,
  videos: readonly string[],
  fps: number,
): void {
  const columns: ParquetColumn[] = [];
  const rows: (readonly unknown[])[] = [];
  const add = (column: ParquetColumn, values: readonly unknown[]) => {
    columns.push(column);
    rows.push(values);
  };
  const integers = (name: string, of: (episode: SetEpisode) => number) =>
    add(
      valueColumn(name, 'int64'),
      episodes.map((episode) => BigInt(of(episode))),
    );
  integers('episode_index', ({ episode_index }) => episode_index);
  add(
    valueColumn('tasks', 'string', 1),
    episodes.map(({ tasks }) => tasks),
  );
  integers('length', ({ rows: length }) => length);
  integers('data/chunk_index', ({ file }) => placeOf(file).chunk_index);
  integers('data/file_index', ({ file }) => placeOf(file).file_index);
  integers('dataset_from_index', ({ first_index }) => first_index);
  integers('dataset_to_index', ({ first_index, rows: length }) => first_index + length);
  for (const key of videos) {
    integers(`videos/${key}/chunk_index`, ({ file }) => placeOf(file).chunk_index);
    integers(`videos/${key}/file_index`, ({ file }) => placeOf(file).file_index);
    const at = (frames: (episode: SetEpisode) => number) => episodes.map((episode) => frames(episode) / fps);
    add(
      valueColumn(`videos/${key}/from_timestamp`, 'float64'),
      at(({ first_frame }) => first_frame),
    );
    add(
      valueColumn(`videos/${key}/to_timestamp`, 'float64'),
      at(({ first_frame, rows: length }) => first_frame + length),
    );
  }
  for (const key of Object.keys(episodes[0]?.statistics ?? {})) {
    const picture = features.pictures.some((feature) => feature.key === key);
    const named = episodes.map(({ statistics }) => new Map(namedStatistics(statistics[key], picture)));
    for (const name of STATISTICS) {
      const count = name === 'count';
      const values = named.map((each) => each.get(name));
      add(
        valueColumn(`stats/${key}/${name}`, count ? 'int64' : 'float64', picture && !count ? 3 : 1),
        count ? episodes.map(({ statistics }) => [BigInt(statistics[key].count)]) : values,
      );
    }
  }
  integers('meta/episodes/chunk_index', () => 0);
  integers('meta/episodes/file_index', () => 0);
  const file = new ParquetFile(join(out, ...fillPath(EPISODES_PATH, placeOf(0)).split('/')), columns);
  file.writeGroup(rows);
  file.finish();
}

/** Writes meta/stats.json over all episodes. NaN stands as lerobot writes it. */
export function writeStatistics(out: string, episodes: readonly SetEpisode[], features: FeatureSet): void {
  const keys = Object.keys(episodes[0]?.statistics ?? {});
  const all = keys.map((key) => {
    const picture = features.pictures.some((feature) => feature.key === key);
    const joined = joinStatistics(episodes.map(({ statistics }) => statistics[key]));
    return [key, Object.fromEntries(namedStatistics(joined, picture))];
  });
  const text = JSON.stringify(
    Object.fromEntries(all),
    (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? `\u0000${value}` : value),
    1,
  );
  writeMeta(out, 'stats.json', text.replaceAll(/"\\u0000(-?\w+)"/g, '$1'));
}

/** Writes a text file under meta/. */
export function writeMeta(out: string, name: string, text: string): void {
  mkdirSync(join(out, 'meta'), { recursive: true });
  replaceFile(join(out, 'meta', name), `${text}\n`);
}
