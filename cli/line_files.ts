import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { InputError } from '../contracts/index.ts';

const CHUNK = 1 << 16;
/** A longer line is no line of a stream. */
const LONGEST_LINE = 1 << 24;

export interface ReadLine {
  readonly text: string;
  /** Bytes read so far, and bytes of the whole file (0 for a pipe). */
  readonly read: number;
  readonly size: number;
}

/** The lines of a text file, however long it is. Throws InputError at once when it cannot be read. */
export function readLines(file: string): Iterable<ReadLine> {
  let descriptor: number;
  let size: number;
  try {
    descriptor = openSync(file, 'r');
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    size = stat.size;
  } catch (error) {
    throw new InputError(`${file} (${codeOf(error)})`, 'must be a file of JSON lines that can be read', {
      cause: error,
    });
  }
  return linesOf(descriptor, file, size);
}

function* linesOf(descriptor: number, file: string, size: number): Generator<ReadLine> {
  const chunk = Buffer.alloc(CHUNK);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let read = 0;
  try {
    for (;;) {
      const count = readSync(descriptor, chunk, 0, CHUNK, null);
      read += count;
      const lines = (rest + (count === 0 ? decoder.end() : decoder.write(chunk.subarray(0, count)))).split('\n');
      rest = count === 0 ? '' : (lines.pop() ?? '');
      for (const text of lines) yield { text, read, size };
      if (count === 0) return;
      if (rest.length > LONGEST_LINE) {
        throw new InputError(`${file}: a line of over ${LONGEST_LINE} characters`, 'must be JSON lines');
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Writes lines to a file that has its name only once it is whole, or was closed early on purpose. */
export class LineWriter {
  private readonly file: string;
  private readonly part: string;
  private readonly descriptor: number;
  private pending: string[] = [];
  private characters = 0;
  private open = true;

  /** Throws InputError when the place cannot be written. */
  constructor(file: string) {
    try {
      const existing = lstatSync(file, { throwIfNoEntry: false });
      const target = existing === undefined ? file : realpathSync(file);
      // A device or pipe takes the lines as they come.
      const plain = existing === undefined || lstatSync(target).isFile();
      this.file = target;
      this.part = plain ? `${target}.${process.pid}.part` : target;
      this.descriptor = openSync(this.part, 'w');
    } catch (error) {
      throw new InputError(`${file} (${codeOf(error)})`, 'must be a file that can be written', { cause: error });
    }
  }

  write(line: string): void {
    this.pending.push(line);
    this.characters += line.length;
    if (this.characters > CHUNK) this.flush();
  }

  close(): void {
    this.flush();
    this.open = false;
    closeSync(this.descriptor);
    if (this.part !== this.file) renameSync(this.part, this.file);
  }

  /** Leaves no file behind; nothing happens once it is closed. */
  discard(): void {
    if (!this.open) return;
    this.open = false;
    closeSync(this.descriptor);
    if (this.part !== this.file) rmSync(this.part, { force: true });
  }

  private flush(): void {
    if (this.pending.length === 0) return;
    const bytes = Buffer.from(`${this.pending.join('\n')}\n`);
    this.pending = [];
    this.characters = 0;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
    } catch (error) {
      throw new InputError(`${this.file} (${codeOf(error)})`, 'must be on a disk with room', { cause: error });
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
