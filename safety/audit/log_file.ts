import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../../contracts/index.ts';
import { type ChainHead, EMPTY_CHAIN } from './entry.ts';
import { readLog } from './read_log.ts';

/** How a log's file was found. */
export interface OpenedLog {
  readonly head: ChainHead;
  /** Bytes of a last line that was not written whole, and is cut off. */
  readonly torn_bytes: number;
  /** Where the chain of what was there is broken, and the name it was kept under; both empty where it is whole. */
  readonly broken: string;
  readonly set_aside: string;
}

/** Where the lines of a log go. Nothing of it throws once it is open. */
export interface LogFile {
  readonly opened: OpenedLog;
  /** Sequence of the last entry that outlives this process. */
  readonly kept: number;
  /** Why nothing can be written; empty where it can. */
  readonly failure: string;
  onKept: (sequence: number) => void;
  onFailure: (reason: string) => void;
  append(line: string, sequence: number): void;
  close(): Promise<void>;
}

/**
 * Writes every line at once, so that it outlives the process, and syncs at the end: for simulated time, which waits. A file
 * that is there is replaced. Throws InputError where it cannot be created.
 */
export class DirectLogFile implements LogFile {
  readonly opened: OpenedLog = { head: EMPTY_CHAIN, torn_bytes: 0, broken: '', set_aside: '' };
  kept = 0;
  failure = '';
  onKept: (sequence: number) => void = () => {};
  onFailure: (reason: string) => void = () => {};
  private descriptor: number | null;

  constructor(file: string) {
    try {
      this.descriptor = openSync(file, 'w', 0o644);
    } catch (error) {
      throw unwritable(file, error);
    }
  }

  append(line: string, sequence: number): void {
    if (this.descriptor === null || this.failure !== '') return;
    try {
      writeAll(this.descriptor, line);
    } catch (error) {
      this.failure = reasonOf(error);
      this.onFailure(this.failure);
      return;
    }
    this.kept = sequence;
    this.onKept(sequence);
  }

  async close(): Promise<void> {
    const { descriptor } = this;
    if (descriptor === null) return;
    this.descriptor = null;
    try {
      fdatasyncSync(descriptor);
    } catch (error) {
      this.failure ||= reasonOf(error);
    }
    closeSync(descriptor);
  }
}

/** Between two tries to write where it failed, ms. */
const RETRY_MS = 500;
/** Lines that wait while nothing can be written; those beyond are left out, and the chain shows it. */
const MOST_WAITING = 100_000;

/**
 * Appends in the background and syncs every batch before it counts as kept: for the wall clock, which must not wait. What
 * was there is gone on with: a last line that was torn is cut off, and a file whose chain is broken is set aside. After a
 * failed write the file is cut back to its last whole line, and it is tried again.
 */
export class SyncedLogFile implements LogFile {
  readonly opened: OpenedLog;
  kept: number;
  failure = '';
  onKept: (sequence: number) => void = () => {};
  onFailure: (reason: string) => void = () => {};
  private readonly file: string;
  private handle: FileHandle | null = null;
  private waiting: { readonly line: string; readonly sequence: number }[] = [];
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private length: number;
  private closed = false;

  /** Throws InputError where the file cannot be opened. */
  constructor(file: string, log: string) {
    this.file = file;
    try {
      const { opened, whole_bytes } = takeUp(file, log);
      this.opened = opened;
      this.length = whole_bytes;
      this.kept = opened.head.sequence;
    } catch (error) {
      throw unwritable(file, error);
    }
  }

  append(line: string, sequence: number): void {
    if (this.closed || this.waiting.length >= MOST_WAITING) return;
    this.waiting.push({ line, sequence });
    if (this.timer === null) this.writing ??= this.drain();
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.writing;
    if (this.waiting.length > 0) await this.drain();
    if (this.timer !== null) clearTimeout(this.timer);
    await this.letGo();
  }

  /** The next write opens the file anew: what was wrong with it may have been mended by another in its place. */
  private async letGo(): Promise<void> {
    const { handle } = this;
    this.handle = null;
    await handle?.close().catch(() => {});
  }

  private async drain(): Promise<void> {
    await null;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.write(batch.map(({ line }) => line).join(''));
      } catch (error) {
        this.waiting = [...batch, ...this.waiting];
        await this.letGo();
        this.fail(error);
        break;
      }
      this.recover();
      this.kept = batch[batch.length - 1].sequence;
      this.onKept(this.kept);
    }
    this.writing = null;
  }

  private async write(text: string): Promise<void> {
    const bytes = Buffer.from(text, 'utf8');
    this.handle ??= await open(this.file, 'r+');
    const { handle } = this;
    if (this.failure !== '' && (await handle.stat()).size > this.length) await handle.truncate(this.length);
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, this.length + done)).bytesWritten;
    }
    await handle.datasync();
    this.length += bytes.length;
  }

  private fail(error: unknown): void {
    const first = this.failure === '';
    this.failure = reasonOf(error);
    if (first) this.onFailure(this.failure);
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.writing ??= this.drain();
    }, RETRY_MS);
    this.timer.unref();
  }

  private recover(): void {
    if (this.failure === '') return;
    this.failure = '';
    this.onFailure('');
  }
}

function takeUp(file: string, log: string): { readonly opened: OpenedLog; readonly whole_bytes: number } {
  const descriptor = openSync(file, 'a+', 0o644);
  try {
    const { head, findings, torn_bytes, whole_bytes } = readLog(readFileSync(descriptor), log);
    if (findings.length === 0) {
      if (torn_bytes > 0) ftruncateSync(descriptor, whole_bytes);
      return { opened: { head, torn_bytes, broken: '', set_aside: '' }, whole_bytes };
    }
    const [{ line, what }] = findings;
    const set_aside = freeName(`${file}.broken`);
    renameSync(file, set_aside);
    closeSync(openSync(file, 'wx', 0o644));
    const opened = { head: EMPTY_CHAIN, torn_bytes: 0, broken: `line ${line}: ${what}`, set_aside };
    return { opened, whole_bytes: 0 };
  } finally {
    closeSync(descriptor);
  }
}

function freeName(wanted: string): string {
  for (let k = 1; ; k++) {
    const name = `${wanted}${k === 1 ? '' : `.${k}`}`;
    try {
      closeSync(openSync(name, 'wx'));
      return name;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : '';
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : error.message;
}

function unwritable(file: string, error: unknown): InputError {
  return new InputError(`audit log ${file}`, `cannot be written (${reasonOf(error)}); name a folder you may write to`, {
    cause: error,
  });
}
