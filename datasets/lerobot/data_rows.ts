import type { EpisodeTable } from './episode_table.ts';
import { type FeatureSet, INDEX_FEATURES, type NumberFeature, widthOf } from './feature.ts';
import { type ParquetColumn, pictureColumn, valueColumn } from './parquet_file.ts';

/** Where an episode stands in its set. */
export interface EpisodePlace {
  readonly episode_index: number;
  /** Of its first row. */
  readonly first_index: number;
  /** Index in the set of each of its tasks. */
  readonly task_indices: readonly number[];
  readonly fps: number;
}

const depthOf = ({ shape }: NumberFeature) => (widthOf({ shape }) === 1 && shape.length === 1 ? 0 : shape.length);

/** Columns of the files under data/. @param videos  colour pictures stand in videos */
export function dataColumns({ numbers, pictures, texts }: FeatureSet, videos: boolean): readonly ParquetColumn[] {
  return [
    ...numbers.map((feature) => valueColumn(feature.key, feature.dtype, depthOf(feature))),
    ...pictures.filter(({ kind }) => !videos || kind === 'depth').map(({ key }) => pictureColumn(key)),
    ...texts.map(({ key }) => valueColumn(key, 'string')),
    ...INDEX_FEATURES.map(({ key, dtype }) => valueColumn(key, dtype)),
  ];
}

/** The rows of an episode for `dataColumns`, column by column. */
export function dataRows(table: EpisodeTable, place: EpisodePlace, videos: boolean): readonly (readonly unknown[])[] {
  const { numbers, pictures, texts } = table.features;
  const indices = indexRows(table, place);
  return [
    ...numbers.map((feature) => numberRows(feature, table.numbers[feature.key])),
    ...pictures.filter(({ kind }) => !videos || kind === 'depth').map(({ key }) => pictureRows(table.pictures[key])),
    ...texts.map(({ key }) => table.texts[key]),
    ...INDEX_FEATURES.map(({ key, dtype }) =>
      dtype === 'int64' ? Array.from(indices[key], (value) => BigInt(value)) : Array.from(indices[key]),
    ),
  ];
}

/** Time, indices and task of every row of an episode, by the names of their columns. */
export function indexRows({ rows, task }: Pick<EpisodeTable, 'rows' | 'task'>, place: EpisodePlace) {
  const each = (of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row));
  return {
    timestamp: each((row) => Math.fround(row / place.fps)),
    frame_index: each((row) => row),
    episode_index: each(() => place.episode_index),
    index: each((row) => place.first_index + row),
    task_index: each((row) => place.task_indices[task[row]]),
  } as Readonly<Record<string, Float64Array>>;
}

function numberRows(feature: NumberFeature, values: Float64Array): readonly unknown[] {
  const width = widthOf(feature);
  const written = writer(feature.dtype);
  const rows = values.length / width;
  if (depthOf(feature) === 0) return Array.from(values, written);
  return Array.from({ length: rows }, (_, row) =>
    nested(Array.from(values.subarray(width * row, width * (row + 1)), written), feature.shape),
  );
}

function writer(dtype: NumberFeature['dtype']): (value: number) => unknown {
  if (dtype === 'bool') return (value) => value !== 0;
  return dtype === 'int64' || dtype === 'uint32' ? (value) => BigInt(value) : (value) => value;
}

/** A flat list as lists in lists, row-major. */
function nested(values: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  if (shape.length <= 1) return values;
  const size = values.length / shape[0];
  return Array.from({ length: shape[0] }, (_, k) => nested(values.slice(k * size, (k + 1) * size), shape.slice(1)));
}

function pictureRows({ files, shown }: EpisodeTable['pictures'][string]): readonly unknown[] {
  return Array.from(shown, (k, row) => {
    const bytes = files[k];
    const extension = bytes[0] === 0xff ? 'jpg' : 'png';
    return { bytes, path: `frame-${String(row).padStart(6, '0')}.${extension}` };
  });
}
