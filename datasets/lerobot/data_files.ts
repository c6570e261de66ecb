import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { dataColumns, dataRows } from './data_rows.ts';
import type { EpisodeTable } from './episode_table.ts';
import type { ClosedFile, ExportedEpisode, SkippedEpisode } from './export_progress.ts';
import { type FeatureSet, widthOf } from './feature.ts';
import { DATA_PATH, fillPath, placeOf } from './layout.ts';
import { ParquetFile } from './parquet_file.ts';
import { TaskNumbers } from './set_episodes.ts';
import type { VideoEncoder } from './video_encoder.ts';
import { VideoFiles } from './video_files.ts';

export interface DataFilesOptions {
  readonly out: string;
  readonly fps: number;
  readonly video: VideoEncoder | null;
  /** Files that were whole before. */
  readonly closed: readonly ClosedFile[];
  readonly onClosed: (closed: ClosedFile) => void;
  readonly data_bytes: number;
  readonly video_bytes: number;
}

/** Writes the rows of episodes into the files under data/ (and videos/), a new one where the next episode would be too much. */
export class DataFiles {
  private readonly options: DataFilesOptions;
  private readonly closed: ClosedFile[];
  private readonly tasks = new TaskNumbers();
  private known: FeatureSet | null;
  private count = 0;
  private rows = 0;
  private open: { readonly parquet: ParquetFile; readonly videos: VideoFiles | null } | null = null;
  private episodes: ExportedEpisode[] = [];
  private skipped: SkippedEpisode[] = [];
  private frames = 0;
  private video_bytes = 0;

  constructor(options: DataFilesOptions) {
    this.options = options;
    this.closed = [...options.closed];
    this.known = this.closed[0]?.features ?? null;
    for (const { episodes } of this.closed) {
      for (const { tasks, rows } of episodes) {
        this.tasks.numbersOf(tasks);
        this.count++;
        this.rows += rows;
      }
    }
  }

  /** Of the first episode; null before it. */
  get features(): FeatureSet | null {
    return this.known;
  }

  /** Episodes that were written or skipped. */
  get looked_at(): number {
    const whole = this.closed.reduce((sum, { episodes, skipped }) => sum + episodes.length + skipped.length, 0);
    return whole + this.episodes.length + this.skipped.length;
  }

  /** Episodes in files that are whole. */
  ids(): readonly string[] {
    return this.closed.flatMap(({ episodes }) => episodes.map(({ id }) => id));
  }

  skip(episode: SkippedEpisode): void {
    this.skipped.push(episode);
  }

  async add(id: string, table: EpisodeTable): Promise<void> {
    const { video, fps } = this.options;
    this.known ??= table.features;
    const bytes = this.sizes(table);
    const too_much =
      (this.open?.parquet.bytes ?? 0) + bytes.data > this.options.data_bytes ||
      this.video_bytes + bytes.video > this.options.video_bytes;
    if (this.episodes.length > 0 && too_much) await this.close();
    this.open ??= this.begin(table.features);
    const place = {
      ...{ episode_index: this.count, first_index: this.rows, fps },
      task_indices: this.tasks.numbersOf(table.tasks),
    };
    this.open.parquet.writeGroup(dataRows(table, place, video !== null));
    await this.open.videos?.add(table);
    const { rows, tasks, statistics, max_age_s, max_rounding, left_out } = table;
    this.episodes.push({ id, rows, tasks, statistics, max_age_s, max_rounding, left_out, first_frame: this.frames });
    this.count++;
    this.rows += rows;
    this.frames += rows;
    this.video_bytes += bytes.video;
  }

  /** Ends the last file. Episodes that were skipped after all files stand with the last. */
  async finish(): Promise<readonly ClosedFile[]> {
    if (this.open !== null) await this.close();
    const last = this.closed.pop();
    if (last === undefined) throw noEpisode(this.options.out, this.skipped);
    this.closed.push({ ...last, skipped: [...last.skipped, ...this.skipped] });
    this.skipped = [];
    return this.closed;
  }

  /** Removes what was begun and is not whole. */
  async abandon(): Promise<void> {
    this.open?.parquet.abandon();
    await this.open?.videos?.abandon();
    this.open = null;
  }

  private begin(features: FeatureSet) {
    const { out, video, fps } = this.options;
    const n = this.closed.length;
    rmSync(this.path(n), { force: true });
    const cameras = features.pictures.filter(({ kind }) => kind === 'colour');
    return {
      parquet: new ParquetFile(this.path(n), dataColumns(features, video !== null)),
      videos: video === null ? null : new VideoFiles(out, n, cameras, video, fps),
    };
  }

  private async close(): Promise<void> {
    const { open, known } = this;
    if (open === null || known === null) return;
    await open.videos?.finish();
    open.parquet.finish();
    const { size: bytes } = statSync(this.path(this.closed.length));
    const closed = { bytes, features: known, episodes: this.episodes, skipped: this.skipped };
    this.closed.push(closed);
    this.options.onClosed(closed);
    this.open = null;
    this.episodes = [];
    this.skipped = [];
    this.frames = 0;
    this.video_bytes = 0;
  }

  /** What an episode adds to its files at most. */
  private sizes({ features, rows, pictures }: EpisodeTable): { readonly data: number; readonly video: number } {
    const shown = (kind: 'colour' | 'depth') =>
      features.pictures
        .filter((feature) => feature.kind === kind)
        .reduce((sum, { key }) => sum + sizeOf(pictures[key]), 0);
    const numbers = features.numbers.reduce((sum, feature) => sum + 8 * widthOf(feature) * rows, 0);
    const videos = this.options.video !== null;
    const colour = shown('colour');
    return { data: numbers + shown('depth') + (videos ? 0 : colour), video: videos ? colour : 0 };
  }

  private path(n: number): string {
    return join(this.options.out, ...fillPath(DATA_PATH, placeOf(n)).split('/'));
  }
}

const sizeOf = ({ files, shown }: EpisodeTable['pictures'][string]) =>
  shown.reduce((sum, k) => sum + files[k].length, 0);

function noEpisode(out: string, skipped: readonly SkippedEpisode[]): Error {
  const [first] = skipped;
  const why = first === undefined ? 'none was chosen' : `${first.id}: ${first.why}`;
  return new InputError(`export to ${out}`, `no episode of ${skipped.length} can be exported; ${why}`);
}
