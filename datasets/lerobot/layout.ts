/** Version of the format that is written and read. */
export const CODEBASE_VERSION = 'v3.0';
export const CHUNKS_SIZE = 1000;
export const DATA_FILE_MB = 100;
export const VIDEO_FILE_MB = 200;
export const MIB = 1024 * 1024;
export const DATA_PATH = 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet';
export const VIDEO_PATH = 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4';
export const EPISODES_PATH = 'meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet';
/** What the format cannot hold, and what the set was made of. */
export const REPORT_NAME = 'surepick_export.json';
/** How far an export has come; removed when it is whole. */
export const PROGRESS_NAME = 'surepick_export.progress.jsonl';

/** Place of the n-th file. */
export const placeOf = (n: number) => ({ chunk_index: Math.floor(n / CHUNKS_SIZE), file_index: n % CHUNKS_SIZE });

/** A path pattern filled in as Python's str.format does; what it names and is not given stays. */
export function fillPath(pattern: string, values: Readonly<Record<string, number | string>>): string {
  return pattern.replaceAll(/\{(\w+)(?::0?(\d+)d)?\}/g, (whole, name: string, digits?: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value).padStart(Number(digits ?? 0), '0');
  });
}
