import { type FileHandle, open } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import zstd from '@foxglove/wasm-zstd';
import { type Compressors, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { InputError } from '../../contracts/index.ts';
import { checkPages, MOST_VALUES } from './parquet_pages.ts';

const MIB = 1024 * 1024;
const MOST_FOOTER_BYTES = 256 * MIB;
/** Of a row group as it stands in the file, and as it will stand in memory. */
const MOST_GROUP_BYTES = 1024 * MIB;
const MOST_GROUP_ROWS = 8 * MIB;

/** No page gives more than its header says, which was checked. */
const COMPRESSORS: Compressors = {
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => zstd.decompress(input, length),
};

/** A row of a table: values, lists or objects by the names of their columns; bytes as they are. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** A Parquet file that somebody else wrote. */
export class ParquetReader {
  readonly file: string;
  private readonly handle: FileHandle;
  private readonly bytes: number;
  private readonly metadata: FileMetaData;

  private constructor(file: string, handle: FileHandle, bytes: number, metadata: FileMetaData) {
    this.file = file;
    this.handle = handle;
    this.bytes = bytes;
    this.metadata = metadata;
  }

  /** Throws an InputError for what cannot be read or is no Parquet file. */
  static async open(file: string): Promise<ParquetReader> {
    await zstd.isLoaded;
    const handle = await open(file).catch((error: unknown) => {
      throw problem(file, error);
    });
    try {
      const { size } = await handle.stat();
      if (size < 12) throw new Error(`${size} bytes are no Parquet file`);
      const footer = new DataView(await slice(handle, size, size - 8, size)).getUint32(0, true);
      if (footer > Math.min(MOST_FOOTER_BYTES, size - 8))
        throw new Error(`its footer says that it has ${footer} bytes`);
      const metadata = await parquetMetadataAsync(
        { byteLength: size, slice: (from, to) => slice(handle, size, from, to ?? size) },
        { geoparquet: false },
      );
      return new ParquetReader(file, handle, size, metadata);
    } catch (error) {
      await handle.close();
      throw problem(file, error);
    }
  }

  /** Names of the columns. */
  get columns(): readonly string[] {
    const { schema } = this.metadata;
    const names: string[] = [];
    for (let k = 1; k < schema.length; k = after(schema, k)) names.push(schema[k].name);
    return names;
  }

  get groups(): number {
    return this.metadata.row_groups.length;
  }

  /** Rows of a row group. Throws an InputError for one that is damaged or too large to be read at once. */
  async rows(group: number, columns: readonly string[]): Promise<readonly ParquetRow[]> {
    try {
      const first = this.metadata.row_groups.slice(0, group).reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
      const rows = Number(this.metadata.row_groups[group].num_rows);
      await this.check(group, columns);
      return await parquetReadObjects({
        file: { byteLength: this.bytes, slice: (from, to) => slice(this.handle, this.bytes, from, to ?? this.bytes) },
        ...{ metadata: this.metadata, columns: [...columns], rowStart: first, rowEnd: first + rows },
        ...{ compressors: COMPRESSORS, utf8: false, geoparquet: false },
      });
    } catch (error) {
      throw problem(`${this.file}, row group ${group}`, error);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async check(group: number, columns: readonly string[]): Promise<void> {
    const { num_rows, columns: chunks } = this.metadata.row_groups[group];
    const rows = Number(num_rows);
    if (rows < 0 || rows > MOST_GROUP_ROWS) throw new Error(`${rows} rows in a row group; ${MOST_GROUP_ROWS} at most`);
    let total = 0;
    for (const { meta_data } of chunks) {
      if (meta_data === undefined) throw new Error('a column has no metadata');
      if (!columns.includes(meta_data.path_in_schema[0])) continue;
      const values = Number(meta_data.num_values);
      if (values < 0 || values > MOST_VALUES) throw new Error(`a column of ${values} values; ${MOST_VALUES} at most`);
      total += Math.max(Number(meta_data.total_uncompressed_size), Number(meta_data.total_compressed_size));
      if (!(total >= 0 && total <= MOST_GROUP_BYTES))
        throw new Error(`a row group of ${total} bytes; ${MOST_GROUP_BYTES} at most`);
      const dictionary = Number(meta_data.dictionary_page_offset ?? meta_data.data_page_offset);
      const from = Math.min(dictionary || Number(meta_data.data_page_offset), Number(meta_data.data_page_offset));
      checkPages(
        await slice(this.handle, this.bytes, from, from + Number(meta_data.total_compressed_size)),
        Math.max(values, rows),
      );
    }
  }
}

/** Index after an element of a schema and all below it. */
function after(schema: FileMetaData['schema'], k: number): number {
  let [left, next] = [1, k];
  while (left > 0 && next < schema.length) left += (schema[next++].num_children ?? 0) - 1;
  return next;
}

async function slice(handle: FileHandle, size: number, from: number, to: number): Promise<ArrayBuffer> {
  if (!(from >= 0 && to >= from && to <= size)) throw new Error(`bytes ${from} to ${to} of ${size}`);
  if (to - from > MOST_GROUP_BYTES) throw new Error(`${to - from} bytes at once; ${MOST_GROUP_BYTES} at most`);
  const bytes = new Uint8Array(to - from);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) throw new Error(`it ends at byte ${from + done}`);
    done += bytesRead;
  }
  return bytes.buffer;
}

function problem(what: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new InputError(`table ${what}`, `cannot be read (${reason}); copy the set again`, { cause: error });
}
