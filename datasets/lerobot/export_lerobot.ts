import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { canonicalJson } from '../../safety/index.ts';
import { type Dataset, episodePath } from '../dataset/folder.ts';
import { type DatasetEpisode, SPLITS } from '../dataset/schema.ts';
import { hashFile, replaceFile } from '../run/file.ts';
import { chooseFps } from './choose_fps.ts';
import { DataFiles } from './data_files.ts';
import type { EpisodeTable, TableOptions } from './episode_table.ts';
import { type ClosedFile, ExportProgress } from './export_progress.ts';
import { type ExportReport, reportOf } from './export_report.ts';
import { difference, type FeatureSet } from './feature.ts';
import { infoOf } from './info_file.ts';
import { DATA_FILE_MB, MIB, REPORT_NAME, VIDEO_FILE_MB } from './layout.ts';
import { setEpisodes } from './set_episodes.ts';
import { writeEpisodes, writeMeta, writeStatistics, writeTasks } from './set_files.ts';
import { createTableReader, type TableReader } from './table_pool.ts';
import type { VideoEncoder } from './video_encoder.ts';

export interface LerobotExportOptions {
  readonly dataset: Dataset;
  /** Those wanted; they are written split by split. */
  readonly episodes: readonly DatasetEpisode[];
  readonly out: string;
  /** Rows a second; null for the rate of the cameras, else of the joints. */
  readonly fps: number | null;
  /** Null for all. */
  readonly cameras: readonly string[] | null;
  readonly depth: boolean;
  readonly float64: boolean;
  /** Colour pictures become videos; null for pictures as they were recorded. */
  readonly video: VideoEncoder | null;
  /** Episodes read at the same time. */
  readonly workers: number;
  readonly resume: boolean;
  readonly signal?: AbortSignal;
  readonly onEpisode?: (done: number, total: number, id: string) => void;
  /** Sizes at which files end, bytes. */
  readonly data_file_bytes?: number;
  readonly video_file_bytes?: number;
}

export interface LerobotExport {
  /** false: interrupted; `resume` goes on after the last whole file. */
  readonly complete: boolean;
  /** Null until it is complete. */
  readonly report: ExportReport | null;
  readonly episodes: readonly string[];
}

/** Episodes of fewer rows are no trajectories. */
const FEWEST_ROWS = 2;

/**
 * Writes episodes as a LeRobot v3.0 set: rows at a fixed rate by sample and hold of measured stamps. Memory holds the tables of
 * `workers` episodes and one open file. The same episodes and options give the same bytes, with any number of workers, and
 * after interruptions. Throws an InputError for a folder that cannot be used and where no episode can be exported.
 */
export async function exportLerobot(options: LerobotExportOptions): Promise<LerobotExport> {
  const { dataset, out, resume, video, signal } = options;
  const episodes = bySplit(options.episodes);
  const progress = new ExportProgress(out, requestOf(options, episodes));
  const done = begin(out, resume, progress);
  const fps = options.fps ?? (await chooseFps(dataset, episodes));
  const success = episodes.every(({ outcome }) => outcome.success !== null);
  const { cameras, depth, float64 } = options;
  const table_options: TableOptions = { fps, cameras, depth, float64, success };
  const reader = createTableReader(Math.min(options.workers, episodes.length));
  const files = new DataFiles({
    ...{ out, fps, video, closed: done, onClosed: (closed) => progress.add(closed) },
    data_bytes: options.data_file_bytes ?? DATA_FILE_MB * MIB,
    video_bytes: options.video_file_bytes ?? VIDEO_FILE_MB * MIB,
  });
  try {
    const rest = episodes.slice(files.looked_at);
    for await (const { episode, table } of inOrder(dataset, rest, table_options, reader, options.workers)) {
      if (signal?.aborted) return { complete: false, report: null, episodes: files.ids() };
      const why = typeof table === 'string' ? table : unfit(table, files.features);
      if (typeof table === 'string' || why !== '') files.skip({ id: episode.id, why });
      else await files.add(episode.id, table);
      options.onEpisode?.(files.looked_at, episodes.length, episode.id);
    }
    if (signal?.aborted) return { complete: false, report: null, episodes: files.ids() };
    const closed = await files.finish();
    return finishSet(options, closed, fps, progress);
  } finally {
    await files.abandon();
    await reader.close();
  }
}

function finishSet(
  { dataset, out, episodes: wanted, video, cameras, depth, float64 }: LerobotExportOptions,
  closed: readonly ClosedFile[],
  fps: number,
  progress: ExportProgress,
): LerobotExport {
  const { episodes, tasks } = setEpisodes(closed, fps);
  const features = closed[0].features;
  const facts = new Map(wanted.map((episode) => [episode.id, episode]));
  const skipped = closed.flatMap((file) => file.skipped);
  const report = reportOf({
    ...{ dataset, episodes, facts, skipped, features, fps, cameras, depth, float64 },
    video: video === null ? null : `${video.name} (${video.codec})`,
  });
  const videos = video === null ? [] : features.pictures.filter(({ kind }) => kind === 'colour').map(({ key }) => key);
  const info = infoOf({
    ...{ fps, features, video: video === null ? null : { codec: video.codec, pixels: video.pixels } },
    ...{ episodes: episodes.length, frames: episodes.reduce((sum, { rows }) => sum + rows, 0), tasks: tasks.length },
    ...{ robot: report.robot, splits: report.splits },
  });
  writeTasks(out, tasks);
  writeEpisodes(out, episodes, features, videos, fps);
  writeStatistics(out, episodes, features);
  replaceFile(join(out, REPORT_NAME), `${JSON.stringify(report, null, 1)}\n`);
  writeMeta(out, 'info.json', JSON.stringify(info, null, 4));
  progress.end();
  return { complete: true, report, episodes: episodes.map(({ id }) => id) };
}

/** Tables in the order of the episodes, a few ahead; a reason where there is none. */
async function* inOrder(
  dataset: Dataset,
  episodes: readonly DatasetEpisode[],
  options: TableOptions,
  reader: TableReader,
  ahead: number,
): AsyncGenerator<{ readonly episode: DatasetEpisode; readonly table: EpisodeTable | string }> {
  const begun: { episode: DatasetEpisode; table: Promise<EpisodeTable | string> }[] = [];
  const read = async (episode: DatasetEpisode): Promise<EpisodeTable | string> => {
    const path = episodePath(dataset, episode);
    if (episode.governance.consent === 'refused') return 'consent was refused';
    try {
      if (hashFile(path).sha256 !== episode.sha256) return 'its recording is not the one that the index names';
      return await reader.read({ path, episode, options });
    } catch (error) {
      if (error instanceof InputError) return error.message;
      if (error instanceof Error && 'code' in error) return `its recording cannot be read (${error.message})`;
      throw error;
    }
  };
  for (const episode of episodes) {
    const table = read(episode);
    // Seen when its turn comes.
    table.catch(() => {});
    begun.push({ episode, table });
    const first = begun.length > ahead ? begun.shift() : undefined;
    if (first !== undefined) yield { episode: first.episode, table: await first.table };
  }
  for (const { episode, table } of begun) yield { episode, table: await table };
}

function unfit(table: EpisodeTable, features: FeatureSet | null): string {
  if (table.rows < FEWEST_ROWS) return `${table.rows} rows; ${FEWEST_ROWS} are the fewest`;
  const other = features === null ? '' : difference(table.features, features);
  return other === '' ? '' : `its features are others than those of the episodes before: ${other}`;
}

function bySplit(episodes: readonly DatasetEpisode[]): readonly DatasetEpisode[] {
  const rank = ({ split }: DatasetEpisode) => (split === null ? SPLITS.length : SPLITS.indexOf(split));
  return [...episodes].sort((a, b) => rank(a) - rank(b));
}

/** Everything that the bytes of an export depend on. */
function requestOf(
  { dataset, fps, cameras, depth, float64, video, data_file_bytes, video_file_bytes }: LerobotExportOptions,
  episodes: readonly DatasetEpisode[],
): string {
  const of = episodes.map(({ id, sha256, split, outcome, text, task }) => [
    id,
    sha256,
    split,
    outcome.success,
    text,
    task,
  ]);
  const asked = { fps, cameras, depth, float64, video: video?.name ?? null, data_file_bytes, video_file_bytes };
  const whole = JSON.parse(JSON.stringify({ id: dataset.index.id, of, asked, version: 1 }));
  const sha256 = createHash('sha256').update(canonicalJson(whole)).digest('hex');
  return JSON.stringify({ export: 'lerobot', sha256 });
}

/** Makes the folder ready; the files that an interrupted export left whole, else none. */
function begin(out: string, resume: boolean, progress: ExportProgress): readonly ClosedFile[] {
  mkdirSync(out, { recursive: true });
  if (resume && progress.exists()) {
    const closed = progress.read(out);
    progress.restart(closed);
    return closed;
  }
  if (existsSync(join(out, REPORT_NAME))) {
    throw new InputError(`--out ${out}`, `holds a whole export (${REPORT_NAME}); give a new folder`);
  }
  if (readdirSync(out).length > 0) {
    const remedy = progress.exists()
      ? 'holds an export that was interrupted: --resume goes on'
      : 'must be new or empty';
    throw new InputError(`--out ${out}`, remedy);
  }
  progress.begin();
  return [];
}
