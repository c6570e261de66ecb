import { closeSync, openSync, readSync, statSync, symlinkSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import sqlite, { type Database as SqliteDatabase } from 'node-sqlite3-wasm';
import { InputError } from '../../contracts/index.ts';

const MAGIC = 'SQLite format 3\0';
/** Bytes 18 and 19 of the header are 2 for a write-ahead log (sqlite.org/fileformat2.html). */
const WRITE_AHEAD = 2;
const HEADER_BYTES = 100;
/** Nothing that a schema holds may run, one lock serves for all statements, and a file cut short is read as far as it goes. */
const PRAGMAS = [
  'trusted_schema=OFF',
  'locking_mode=EXCLUSIVE',
  'cell_size_check=ON',
  'query_only=ON',
  'writable_schema=ON',
];

/**
 * An sqlite database that is read and never written to: it is opened through a link in a scratch folder, where its lock lies,
 * so that the folder of the bag may be read-only. One that a recorder left with a write-ahead log is copied there with it.
 */
export class ReadOnlyDatabase {
  readonly file: string;
  private scratch: string | null = null;
  private database: SqliteDatabase | null = null;

  constructor(file: string) {
    this.file = file;
  }

  get bytes(): number {
    return statSync(this.file).size;
  }

  /** Throws an InputError for what is no sqlite database. */
  async open(): Promise<void> {
    if (this.database !== null) return;
    const header = headerOf(this.file);
    const scratch = await mkdtemp(join(tmpdir(), 'surepick-bag-'));
    this.scratch = scratch;
    const path = join(scratch, 'bag.db3');
    const write_ahead = header[18] === WRITE_AHEAD || header[19] === WRITE_AHEAD;
    if (write_ahead) await copyWithLog(this.file, path);
    else symlinkSync(resolve(this.file), path);
    try {
      const database = new sqlite.Database(path, { readOnly: !write_ahead, fileMustExist: true });
      this.database = database;
      for (const pragma of PRAGMAS) database.exec(`PRAGMA ${pragma}`);
    } catch (error) {
      throw this.inWords(error);
    }
  }

  /** Runs `work` on the open database; what sqlite cannot do with it becomes an InputError. */
  use<T>(work: (database: SqliteDatabase) => T): T {
    if (this.database === null) throw new Error('the database is not open');
    try {
      return work(this.database);
    } catch (error) {
      throw this.inWords(error);
    }
  }

  inWords(error: unknown): unknown {
    // A trap of WebAssembly is a RuntimeError, whose class the types of Node do not name.
    const of_sqlite = error instanceof Error && /^(SQLite3Error|RuntimeError)$/.test(error.name);
    if (!of_sqlite) return error;
    const what = `is damaged or no rosbag2 file (${error.message}); sqlite3 FILE .recover restores what it holds`;
    return new InputError(`bag ${this.file}`, what, { cause: error });
  }

  async close(): Promise<void> {
    const { database, scratch } = this;
    this.database = null;
    this.scratch = null;
    try {
      database?.close();
    } catch {
      // a statement that failed on a damaged page may keep it from closing in order
    }
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }
}

async function copyWithLog(file: string, path: string): Promise<void> {
  const log = `${file}-wal`;
  await copyFile(file, path);
  if (statSync(log, { throwIfNoEntry: false })?.isFile() === true) await copyFile(log, `${path}-wal`);
}

function headerOf(file: string): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  if (Buffer.from(header.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) {
    throw new InputError(`bag ${file}`, `is no sqlite database, as ${basename(file)} promises`);
  }
  return header;
}
