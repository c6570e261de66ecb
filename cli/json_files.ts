import { closeSync, lstatSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { InputError } from '../contracts/index.ts';

/** Reads a text file; throws InputError when it cannot be read. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} (${codeOf(error)})`, 'must be a file that can be read', { cause: error });
  }
}

/** Reads a JSON file and checks it; what does not fit is one InputError with file, place and what is allowed. */
export function readJsonFile<T>(file: string, schema: z.ZodType<T>, options: JsonOptions = {}): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} (${codeOf(error)})`, 'must be a JSON file that can be read', { cause: error });
  }
  let value: unknown;
  try {
    value = parseJson(text, options);
  } catch (error) {
    throw new InputError(`${file}: ${error instanceof Error ? error.message : error}`, 'must be JSON', {
      cause: error,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw new InputError(`${file}${place === '' ? '' : ` at ${place.replace(/^\./, '')}`}`, message, {
    cause: result.error,
  });
}

export interface JsonOptions {
  /** NaN and Infinity, which Python's json writes, are read as null, so that what holds them is refused and not the file. */
  readonly bareNumbers?: boolean;
}

function parseJson(text: string, { bareNumbers = false }: JsonOptions): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!bareNumbers || !BARE_NUMBER.test(text)) throw error;
    return JSON.parse(text.replaceAll(STRING_OR_BARE_NUMBER, (word) => (word.startsWith('"') ? word : 'null')));
  }
}

const BARE_NUMBER = /NaN|Infinity/;
const STRING_OR_BARE_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)\b/g;

/** Writes a JSON file whole or not at all. Throws InputError when the place cannot be written. */
export function writeJsonFile(file: string, value: object): void {
  writeTextFile(file, [`${JSON.stringify(value)}\n`]);
}

/** Writes a text whole or not at all, piece by piece. Throws InputError when the place cannot be written. */
export function writeTextFile(file: string, pieces: Iterable<string>): void {
  let part: string | null = null;
  let out = -1;
  try {
    const existing = lstatSync(file, { throwIfNoEntry: false });
    const target = existing === undefined ? file : realpathSync(file);
    const special = existing !== undefined && !lstatSync(target).isFile();
    part = special ? null : `${target}.${process.pid}.part`;
    out = openSync(part ?? target, 'w');
    for (const piece of pieces) writeFileSync(out, piece);
    closeSync(out);
    out = -1;
    if (part !== null) renameSync(part, target);
  } catch (error) {
    if (out >= 0) closeSync(out);
    if (part !== null) rmSync(part, { force: true });
    if (error instanceof InputError) throw error;
    throw new InputError(`${file} (${codeOf(error)})`, 'must be a file that can be written', { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
