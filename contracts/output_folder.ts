import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from './errors.ts';

/**
 * Creates a folder and its missing parents and makes sure that files can be written to it.
 * @param flag  the option that named it, for the message
 * @throws InputError if it cannot be written; folders made on the way are removed again
 */
export function prepareOutputFolder(folder: string, flag: string): string {
  const path = resolve(folder);
  const made: string[] = [];
  try {
    makeFolder(path, made);
    const probe = join(path, `.writable-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    if (made.length > 0) rmSync(made[0], { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${flag} ${folder}`, `cannot be written (${reason}); name a folder you may write to`, {
      cause: error,
    });
  }
  return path;
}

/** One folder at a time: where the file system takes no folders, Node's own recursion does not end. */
function makeFolder(path: string, made: string[]): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path), made);
  mkdirSync(path);
  made.push(path);
}
