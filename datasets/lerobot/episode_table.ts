import type { DatasetEpisode } from '../dataset/schema.ts';
import { type EpisodeSeries, readSeries } from '../recording/series.ts';
import { summarizeRecording } from '../recording/summary.ts';
import { type FeatureSet, type NumberFeature, widthOf } from './feature.ts';
import { numberFeatureOf, readSourceRecord } from './kept_feature.ts';
import { type KeptColumn, readKept } from './kept_series.ts';
import { type LeftOut, leftOut } from './left_out.ts';
import { type NumberColumn, numberColumns } from './number_columns.ts';
import { pictureStatistics } from './picture_column.ts';
import { type ChosenPictures, choosePictures, type PictureColumn, readPictureColumns } from './picture_series.ts';
import { holdSamples, type RowTimes, rowTimes } from './sample_and_hold.ts';
import { type FeatureStatistics, rowStatistics } from './statistics.ts';

/** How an episode becomes rows. */
export interface TableOptions {
  readonly fps: number;
  /** Cameras that are kept; null for all. */
  readonly cameras: readonly string[] | null;
  /** Depth pictures are kept, too. */
  readonly depth: boolean;
  /** Numbers are written as float64. */
  readonly float64: boolean;
  /** Rows say whether the episode succeeded; asked for where that is known of all. */
  readonly success: boolean;
}

/** An episode as rows at a fixed rate. */
export interface EpisodeTable {
  readonly features: FeatureSet;
  readonly rows: number;
  /** Values of each feature of numbers, row by row, rounded to the type that they are written as. */
  readonly numbers: Readonly<Record<string, Float64Array>>;
  /** Pictures of each camera, none twice, and which of them every row shows. */
  readonly pictures: Readonly<Record<string, { readonly files: readonly Uint8Array[]; readonly shown: Int32Array }>>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** What was to be done, in words, in order of their first row; and which of them every row is about. */
  readonly tasks: readonly string[];
  readonly task: Int32Array;
  readonly statistics: Readonly<Record<string, FeatureStatistics>>;
  /** How old the oldest sample of each feature is at its row, s. */
  readonly max_age_s: Readonly<Record<string, number>>;
  /** Greatest change of a value by that rounding. */
  readonly max_rounding: Readonly<Record<string, number>>;
  readonly left_out: readonly LeftOut[];
}

/** Name of the notes that say, in words, what is to be done from then on. */
export const TASK_NOTE = 'task_text';
const NO_TEXT = 'no task was told';

/**
 * Reads a recording as rows of sample and hold by measured stamps. Throws an InputError for a recording that cannot be read.
 * An episode without anything that lasts (joints, commands) has no rows.
 */
export async function readTable(path: string, episode: DatasetEpisode, options: TableOptions): Promise<EpisodeTable> {
  const summary = await summarizeRecording(path);
  const source = readSourceRecord(summary.metadata);
  const urdf = summary.attachments.find(({ name }) => name.endsWith('.urdf'));
  const series = await readSeries(path);
  const chosen = choosePictures(series, options, source);
  const kept = await readKept(path, series, source);
  const numbers = numberColumns(series, {
    urdf: urdf === undefined ? null : Buffer.from(urdf.data).toString('utf8'),
    told: source?.told ?? {},
    taken: new Set(source?.kept.map(({ key }) => key)),
    float64: options.float64,
  });
  const { columns: pictures, bad } = await readPictureColumns(path, series, chosen);
  const lasting = numbers.filter((column) => column.lasting);
  const ends = (lasting.length > 0 ? lasting : kept).map(({ time_s }) => time_s);
  const starts = [...numbers, ...pictures, ...kept].map(({ time_s }) => time_s);
  const times = ends.length === 0 ? { first_s: 0, rows: 0, fps: options.fps } : rowTimes(starts, ends, options.fps);
  const table = new Tabulated(times);
  for (const column of numbers) table.addNumbers(column);
  for (const column of pictures) await table.addPictures(column);
  for (const column of kept) table.addKept(column);
  if (source === null) table.addOutcome(options.success ? episode.outcome.success : null);
  return {
    ...table.columns(),
    ...tasksOf(series, times, episode),
    left_out: [...leftOut(episode.signals, usedTopics(series, pictures, chosen, kept)), ...bad],
  };
}

class Tabulated {
  private readonly times: RowTimes;
  private readonly features: NumberFeature[] = [];
  private readonly cameras: PictureColumn['feature'][] = [];
  private readonly numbers: Record<string, Float64Array> = {};
  private readonly pictures: Record<string, { files: readonly Uint8Array[]; shown: Int32Array }> = {};
  private readonly texts: Record<string, readonly string[]> = {};
  private readonly statistics: Record<string, FeatureStatistics> = {};
  private readonly max_age_s: Record<string, number> = {};
  private readonly max_rounding: Record<string, number> = {};

  constructor(times: RowTimes) {
    this.times = times;
  }

  addNumbers({ feature, time_s, values }: NumberColumn): void {
    const width = widthOf(feature);
    const sample = this.hold(feature.key, time_s);
    const rows = new Float64Array(width * sample.length);
    for (let row = 0; row < sample.length; row++)
      rows.set(values.subarray(width * sample[row], width * (sample[row] + 1)), width * row);
    this.add(feature, rows);
  }

  async addPictures({ feature, time_s, files }: PictureColumn): Promise<void> {
    const sample = this.hold(feature.key, time_s);
    const first = sample[0] ?? 0;
    const used = files.slice(first, (sample.at(-1) ?? -1) + 1);
    this.cameras.push(feature);
    const shown = sample.map((k) => k - first);
    this.pictures[feature.key] = { files: used, shown };
    this.statistics[feature.key] = await pictureStatistics(used, shown, feature);
  }

  addKept({ feature, time_s, values }: KeptColumn): void {
    const sample = this.hold(feature.key, time_s);
    const own = numberFeatureOf(feature);
    if (own === null) {
      this.texts[feature.key] = Array.from(sample, (k) => String(values[k]));
      return;
    }
    const rows = new Float64Array(widthOf(own) * sample.length);
    sample.forEach((k, row) => {
      const value = values[k];
      if (typeof value !== 'string') rows.set(value, widthOf(own) * row);
    });
    this.add(own, rows);
  }

  /** `next.done` at the last row, and `next.success` there where it is known. */
  addOutcome(success: boolean | null): void {
    const { rows } = this.times;
    const last = (value: boolean) => Float64Array.from({ length: rows }, (_, row) => Number(value && row === rows - 1));
    const feature = (key: string): NumberFeature => ({ key, dtype: 'bool', shape: [1], names: null, units: [''] });
    this.add(feature('next.done'), last(true));
    if (success !== null) this.add(feature('next.success'), last(success));
  }

  columns() {
    const { features, cameras, numbers, pictures, texts, statistics, max_age_s, max_rounding } = this;
    const columns = { numbers: features, pictures: cameras, texts: Object.keys(texts).map((key) => ({ key })) };
    return { features: columns, rows: this.times.rows, numbers, pictures, texts, statistics, max_age_s, max_rounding };
  }

  private add(feature: NumberFeature, rows: Float64Array): void {
    this.features.push(feature);
    const written = feature.dtype === 'float32' ? rows.map(Math.fround) : rows;
    this.max_rounding[feature.key] = rows.reduce((most, v, k) => Math.max(most, Math.abs(v - written[k]) || 0), 0);
    this.numbers[feature.key] = written;
    this.statistics[feature.key] = rowStatistics(written, widthOf(feature));
  }

  private hold(key: string, time_s: Float64Array): Int32Array {
    const { sample, max_age_s } = holdSamples(time_s, this.times);
    this.max_age_s[key] = max_age_s;
    return sample;
  }
}

/** Texts of the task by row: of the notes where there are some, else of the episode. */
function tasksOf(series: EpisodeSeries, times: RowTimes, { text, task }: DatasetEpisode) {
  const told = series.notes.filter(({ name }) => name === TASK_NOTE);
  const whole = { tasks: [text || task || NO_TEXT], task: new Int32Array(times.rows) };
  if (told.length === 0 || times.rows === 0) return whole;
  const { sample } = holdSamples(
    Float64Array.from(told, ({ time_s }) => time_s),
    times,
  );
  const tasks = [...new Set(Array.from(sample, (k) => told[k].text))];
  return { tasks, task: sample.map((k) => tasks.indexOf(told[k].text)) };
}

function usedTopics(
  { topics, joints, command, wrench }: EpisodeSeries,
  pictures: readonly PictureColumn[],
  chosen: readonly ChosenPictures[],
  kept: readonly KeptColumn[],
): ReadonlySet<string> {
  const numbers = [
    joints === null ? undefined : topics.get('joint_state'),
    command === null ? undefined : topics.get('joint_command'),
    wrench === null ? undefined : topics.get('wrench'),
  ].filter((topic) => topic !== undefined);
  const held = chosen.filter(({ key }) => pictures.some(({ feature }) => feature.key === key));
  return new Set([...numbers, ...held.map(({ topic }) => topic), ...kept.map(({ feature }) => feature.topic)]);
}
