import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { SPLITS, type Split } from '../dataset/schema.ts';
import { type InfoFile, infoFile, rangeOf } from './info_file.ts';
import { fillPath } from './layout.ts';
import { ParquetReader, type ParquetRow } from './parquet_reader.ts';

const MOST_INFO_BYTES = 16 * 1024 * 1024;

/** An episode as the table of episodes says it. */
export interface SourceEpisode {
  readonly episode_index: number;
  readonly tasks: readonly string[];
  /** By camera: file of the video, and where in it the episode begins, s. */
  readonly videos: ReadonlyMap<string, { readonly file: string; readonly from_s: number }>;
}

/** A LeRobot set that somebody wrote: what its meta/ says, and where its data lies. */
export interface SourceSet {
  readonly folder: string;
  readonly info: InfoFile;
  /** By task_index. */
  readonly tasks: ReadonlyMap<number, string>;
  /** By episode_index; empty where meta/episodes cannot be read. */
  readonly episodes: ReadonlyMap<number, SourceEpisode>;
  /** Paths of the data files in order. */
  readonly data: readonly string[];
  /** What is wrong with meta/, in words. */
  readonly remarks: readonly string[];
}

/** Opens a set. Throws an InputError that names the field for one that cannot be used: another version, paths that lead out. */
export async function openSource(folder: string): Promise<SourceSet> {
  const info = readInfo(folder);
  const remarks: string[] = [];
  const told = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      remarks.push(error.message);
      return otherwise;
    }
  };
  const tasks = await told(() => readTasks(folder), new Map<number, string>());
  const rows = await told(() => readEpisodeRows(folder), []);
  const places = new Map(rows.map((row) => [placeKey(row), row]));
  // Paths that lead out are no remark: who makes such a set wants something.
  const named = [...places.values()].map((row) => dataFile(folder, info, row));
  const data = named.length > 0 ? named : parquetFiles(folder, 'data');
  if (data.length === 0) throw new InputError(`set ${folder}`, 'has no data: data/chunk-…/file-….parquet is missing');
  const episodes = new Map(rows.map((row) => episodeOf(folder, info, row)).map((each) => [each.episode_index, each]));
  return { folder, info, tasks, episodes, data, remarks };
}

/** Split of each episode by info.json, in our words. */
export function splitOf({ splits }: InfoFile, episode_index: number): Split | null {
  const known: Readonly<Record<string, Split>> = { val: 'validation', valid: 'validation', eval: 'validation' };
  // A set that was never split calls everything train.
  const entries = Object.entries(splits ?? {});
  if (entries.length < 2) return null;
  for (const [name, text] of entries) {
    const range = rangeOf(text, Number.MAX_SAFE_INTEGER);
    const split = known[name] ?? SPLITS.find((own) => own === name);
    if (range !== null && split !== undefined && episode_index >= range[0] && episode_index < range[1]) return split;
  }
  return null;
}

function readInfo(folder: string): InfoFile {
  const file = join(folder, 'meta', 'info.json');
  let content: unknown;
  try {
    const { size } = statSync(file);
    if (size > MOST_INFO_BYTES) throw new Error(`${size} bytes, ${MOST_INFO_BYTES} at most`);
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`set ${folder}: meta/info.json`, `cannot be read (${reason})`, { cause: error });
  }
  const parsed = infoFile.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`set ${folder}: meta/info.json: ${issue.path.join('.') || 'content'}`, issue.message);
  }
  const { codebase_version } = parsed.data;
  if (!/^v?3\./.test(codebase_version)) {
    const remedy = 'v3.0 can be read; lerobot converts older sets: lerobot.scripts.convert_dataset_v21_to_v30';
    throw new InputError(`set ${folder}: codebase_version ${codebase_version}`, remedy);
  }
  return parsed.data;
}

const integer = z.union([z.number(), z.bigint()]).transform(Number).pipe(z.number().int().nonnegative().max(1e12));
const task = z.object({ task_index: integer });

async function readTasks(folder: string): Promise<ReadonlyMap<number, string>> {
  const tasks = new Map<number, string>();
  for (const row of await readWhole(join(folder, 'meta', 'tasks.parquet'), () => true)) {
    const parsed = task.safeParse(row);
    const text = row.task ?? row.__index_level_0__;
    if (parsed.success && typeof text === 'string') tasks.set(parsed.data.task_index, text);
  }
  return tasks;
}

async function readEpisodeRows(folder: string): Promise<readonly ParquetRow[]> {
  const rows: ParquetRow[] = [];
  const files = parquetFiles(folder, join('meta', 'episodes'));
  for (const file of files) rows.push(...(await readWhole(file, (column) => !column.startsWith('stats/'))));
  return rows;
}

async function readWhole(file: string, wanted: (column: string) => boolean): Promise<readonly ParquetRow[]> {
  const reader = await ParquetReader.open(file);
  try {
    const rows: ParquetRow[] = [];
    const columns = reader.columns.filter(wanted);
    for (let group = 0; group < reader.groups; group++) rows.push(...(await reader.rows(group, columns)));
    return rows;
  } finally {
    await reader.close();
  }
}

const place = z.object({ 'data/chunk_index': integer, 'data/file_index': integer });
const placeKey = (row: ParquetRow) => `${row['data/chunk_index']}/${row['data/file_index']}`;

function dataFile(folder: string, { data_path }: InfoFile, row: ParquetRow): string {
  const parsed = place.safeParse(row);
  if (!parsed.success)
    throw new InputError(`set ${folder}: meta/episodes`, 'has no data/chunk_index and data/file_index');
  const { 'data/chunk_index': chunk_index, 'data/file_index': file_index } = parsed.data;
  return inside(folder, fillPath(data_path, { chunk_index, file_index }), 'data_path');
}

const named = z.object({ episode_index: integer, tasks: z.array(z.string()).nullish() });
const video = z.tuple([integer, integer, z.number().nonnegative()]);

function episodeOf(folder: string, { features, video_path }: InfoFile, row: ParquetRow): SourceEpisode {
  const parsed = named.safeParse(row);
  if (!parsed.success) throw new InputError(`set ${folder}: meta/episodes`, 'has a row without episode_index');
  const videos = new Map<string, { file: string; from_s: number }>();
  for (const key of Object.keys(features).filter((name) => features[name].dtype === 'video')) {
    const at = ['chunk_index', 'file_index', 'from_timestamp'].map((name) => row[`videos/${key}/${name}`]);
    const found = video.safeParse(at);
    if (!found.success || !video_path) continue;
    const [chunk_index, file_index, from_s] = found.data;
    const path = fillPath(video_path, { video_key: key, chunk_index, file_index });
    videos.set(key, { file: inside(folder, path, 'video_path'), from_s });
  }
  return { episode_index: parsed.data.episode_index, tasks: parsed.data.tasks ?? [], videos };
}

/** The path of a file of the set. Throws an InputError where it leads out of it, by its words or by links. */
function inside(folder: string, path: string, field: string): string {
  const file = resolve(folder, path);
  const within = (root: string, at: string) => {
    const from = relative(root, at);
    return from !== '' && from !== '..' && !from.startsWith(`..${sep}`) && resolve(root, from) === at;
  };
  const real = existsSync(file) ? realpathSync(file) : null;
  if (!within(resolve(folder), file) || (real !== null && !within(realpathSync(folder), real))) {
    throw new InputError(`set ${folder}: meta/info.json: ${field} ${path}`, 'must lie inside the set');
  }
  return file;
}

/** Parquet files two levels below a folder, in order. */
function parquetFiles(folder: string, below: string): readonly string[] {
  const root = join(folder, below);
  if (!existsSync(root)) return [];
  const chunks = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return chunks
    .flatMap(({ name }) => readdirSync(join(root, name)).map((file) => join(below, name, file)))
    .filter((file) => file.endsWith('.parquet'))
    .sort()
    .map((file) => inside(folder, file, below));
}
