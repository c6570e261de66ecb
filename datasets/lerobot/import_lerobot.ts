import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { describeEpisode } from '../dataset/describe_episode.ts';
import { writeIndex } from '../dataset/folder.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { partialName } from '../recording/mcap_file.ts';
import { hashFile } from '../run/file.ts';
import { EpisodeWriter } from './episode_writer.ts';
import { type ImportPlan, planImport } from './import_plan.ts';
import { ParquetReader } from './parquet_reader.ts';
import { RowReader, type SourceRow } from './source_row.ts';
import { openSource, type SourceSet, splitOf } from './source_set.ts';
import type { VideoReader, VideoSource } from './video_source.ts';

export interface LerobotImportOptions {
  readonly source: string;
  readonly out: string;
  readonly name: string;
  /** Wall time, ISO 8601. */
  readonly now: string;
  /** Of the dataset; a random one without. */
  readonly id?: string;
  /** Null where there is no ffmpeg: pictures in videos are then left out. */
  readonly video: VideoSource | null;
  readonly signal?: AbortSignal;
  readonly onEpisode?: (done: number, total: number, id: string) => void;
}

export interface LerobotImport {
  readonly complete: boolean;
  readonly episodes: readonly DatasetEpisode[];
  /** Episodes, row groups and files that are left out, each with the reason. */
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
  /** What of the episodes is left out or is not known. */
  readonly remarks: readonly string[];
}

/**
 * Makes a dataset of a LeRobot v3.0 set: a recording of standard messages an episode. Row by row, a row group in memory at a
 * time. Values, names and pictures are kept as they are; units are not told by such sets. Throws an InputError for a set or a
 * folder that cannot be used; damaged parts are left out and named.
 */
export async function importLerobot(options: LerobotImportOptions): Promise<LerobotImport> {
  const { out, source, name, now } = options;
  const set = await openSource(source);
  if (existsSync(out) && readdirSync(out).length > 0) throw new InputError(`--out ${out}`, 'must be new or empty');
  mkdirSync(join(out, 'episodes'), { recursive: true });
  const work = new SetImport(options, set);
  const complete = await work.run();
  const { episodes, skipped } = work;
  if (episodes.length === 0 && complete) {
    rmSync(join(out, 'episodes'), { recursive: true });
    const [first] = skipped;
    throw new InputError(`set ${source}`, `no episode can be read (${first?.what ?? 'data'}: ${first?.why ?? 'none'})`);
  }
  writeIndex(out, {
    ...{ schema: 'surepick/dataset', version: 1, id: options.id ?? randomUUID(), name, revision: 0 },
    ...{ description: `imported from a LeRobot set, ${set.info.codebase_version}`, licence: '' },
    ...{ created_at: now, changed_at: now, parents: [], episodes: [...episodes], tombstones: [], products: [] },
  });
  return { complete, episodes, skipped, remarks: work.remarks() };
}

class SetImport {
  readonly episodes: DatasetEpisode[] = [];
  readonly skipped: { what: string; why: string }[] = [];
  private readonly options: LerobotImportOptions;
  private readonly set: SourceSet;
  private readonly plan: ImportPlan;
  private readonly problems = new Map<string, number>();
  private readonly seen = new Set<number>();
  private readonly info_sha256: string;

  constructor(options: LerobotImportOptions, set: SourceSet) {
    this.options = options;
    this.set = set;
    this.plan = planImport(set.info);
    this.info_sha256 = hashFile(join(options.source, 'meta', 'info.json')).sha256;
  }

  /** false where it was interrupted. */
  async run(): Promise<boolean> {
    for (const file of this.set.data) {
      const whole = await this.file(file).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        this.skip(relative(this.set.folder, file), error.message);
        return true;
      });
      if (!whole) return false;
    }
    const { total_episodes } = this.set.info;
    const missing = total_episodes - this.seen.size;
    if (missing > 0) this.skip(`${missing} episodes`, `info.json tells of ${total_episodes}; their rows are nowhere`);
    return true;
  }

  remarks(): readonly string[] {
    const { left_out, cameras } = this.plan;
    const videos = cameras.filter(({ video }) => video).map(({ key }) => key);
    const no_ffmpeg = this.options.video === null && videos.length > 0;
    return [
      ...this.set.remarks,
      'units of the values are not told by LeRobot sets: they are kept as they are',
      ...left_out.map(({ key, why }) => `left out: ${key}: ${why}`),
      ...(no_ffmpeg ? [`left out: videos of ${videos.join(', ')}: install ffmpeg and import again`] : []),
      ...[...this.problems].map(([what, times]) => `left out: ${what} (${times})`),
    ];
  }

  private async file(file: string): Promise<boolean> {
    const { signal } = this.options;
    const data_sha256 = existsSync(file) ? hashFile(file).sha256 : '';
    const reader = await ParquetReader.open(file);
    const rows = new RowReader(this.plan, this.set.info, reader.columns);
    const episode = new OpenEpisode(this.options, this.set, this.plan, [data_sha256, this.info_sha256]);
    try {
      for (let group = 0; group < reader.groups; group++) {
        for (const raw of await reader.rows(group, rows.columns)) {
          if (signal?.aborted) return false;
          const row = read(rows, raw);
          const index = typeof row === 'string' ? indexOf(raw, episode.index) : row.episode_index;
          if (index !== episode.index) {
            await this.end(episode);
            await this.begin(episode, index);
          }
          if (typeof row === 'string') episode.spoil(row);
          else await episode.add(row);
        }
      }
      await this.end(episode);
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (episode.index !== null) this.skip(`episode ${episode.index}`, 'its rows end in a part that cannot be read');
      throw error;
    } finally {
      await episode.abandon();
      await reader.close();
    }
  }

  private async begin(episode: OpenEpisode, index: number): Promise<void> {
    const again = this.seen.has(index);
    this.seen.add(index);
    await episode.begin(index);
    if (again) episode.spoil('its rows are in two places');
  }

  private async end(episode: OpenEpisode): Promise<void> {
    const { index } = episode;
    if (index === null) return;
    const made = await episode.end();
    if (typeof made === 'string') this.skip(`episode ${index}`, made);
    else {
      this.episodes.push(made.episode);
      for (const [what, times] of made.problems) this.problems.set(what, (this.problems.get(what) ?? 0) + times);
    }
    this.options.onEpisode?.(this.seen.size, this.set.info.total_episodes, `episode ${index}`);
  }

  private skip(what: string, why: string): void {
    this.skipped.push({ what, why });
  }
}

function read(rows: RowReader, raw: Readonly<Record<string, unknown>>): SourceRow | string {
  try {
    return rows.read(raw);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The episode that a row which cannot be read says it is of; else the one before it. */
function indexOf({ episode_index }: Readonly<Record<string, unknown>>, before: number | null): number {
  const index = typeof episode_index === 'bigint' ? Number(episode_index) : episode_index;
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : (before ?? 0);
}

/** The episode whose rows are being read. */
class OpenEpisode {
  index: number | null = null;
  private readonly options: LerobotImportOptions;
  private readonly set: SourceSet;
  private readonly plan: ImportPlan;
  private readonly made_of: readonly string[];
  private writer: EpisodeWriter | null = null;
  private videos: ReadonlyMap<string, VideoReader> = new Map();
  private spoilt = '';
  private texts: string[] = [];
  private success: boolean | null = null;

  constructor(options: LerobotImportOptions, set: SourceSet, plan: ImportPlan, made_of: readonly string[]) {
    this.options = options;
    this.set = set;
    this.plan = plan;
    this.made_of = made_of.filter((sha256) => sha256 !== '');
  }

  async begin(index: number): Promise<void> {
    const { info, episodes } = this.set;
    this.index = index;
    this.texts = [];
    this.success = null;
    const facts = { robot: info.robot_type ?? '', imported_from: `lerobot ${info.codebase_version}` };
    this.writer = await EpisodeWriter.create(this.path(), this.plan, info.fps, facts);
    const { video } = this.options;
    const at = episodes.get(index)?.videos ?? new Map();
    this.videos = new Map(
      video === null ? [] : [...at].map(([key, { file, from_s }]) => [key, video(file, from_s, info.fps)]),
    );
  }

  /** Says why the episode cannot be used. */
  spoil(why: string): void {
    if (this.spoilt === '') this.spoilt = why;
  }

  async add(row: SourceRow): Promise<void> {
    const { writer } = this;
    if (writer === null || this.spoilt !== '') return;
    if (row.frame_index !== writer.rows) return this.spoil(`row ${writer.rows} has frame_index ${row.frame_index}`);
    const text = this.set.tasks.get(row.task_index) ?? this.set.episodes.get(row.episode_index)?.tasks[0] ?? '';
    if (!this.texts.includes(text)) this.texts.push(text);
    const succeeded = row.numbers.get('next.success');
    if (succeeded !== undefined) this.success = (this.success ?? false) || succeeded[0] === 1;
    const pictures = new Map<string, Uint8Array>();
    for (const [key, video] of this.videos) {
      const picture = await video.next();
      if (picture !== null) pictures.set(key, picture);
    }
    await writer.add(row, text, pictures);
  }

  /** The episode as a dataset has it, or why it is left out. */
  async end() {
    const { writer, index, spoilt } = this;
    if (writer === null || index === null) return 'it was never begun';
    if (spoilt !== '' || writer.rows === 0) {
      await this.abandon();
      return spoilt || 'it has no rows';
    }
    await writer.finish(this.success === null ? {} : { success: String(this.success) });
    this.writer = null;
    await this.abandon();
    const [text = ''] = this.texts;
    const episode = await describeEpisode(this.options.out, {
      ...{ id: idOf(index), file: `episodes/${idOf(index)}.mcap`, text, task: text },
      outcome: { success: this.success },
      robot: { name: this.set.info.robot_type ?? '' },
      lineage: { source: 'import', versions: { lerobot: this.set.info.codebase_version }, made_of: this.made_of },
    });
    const named = { ...episode, engine: 'unknown', split: splitOf(this.set.info, index) };
    return { episode: named, problems: writer.problems };
  }

  async abandon(): Promise<void> {
    for (const video of this.videos.values()) await video.close();
    this.videos = new Map();
    if (this.writer !== null) {
      await this.writer.abandon();
      rmSync(partialName(this.path()), { force: true });
    }
    this.writer = null;
    this.index = null;
    this.spoilt = '';
  }

  private path(): string {
    return join(this.options.out, 'episodes', `${idOf(this.index ?? 0)}.mcap`);
  }
}

const idOf = (index: number) => `episode_${String(index).padStart(6, '0')}`;
