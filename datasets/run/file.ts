import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';

/** Size and SHA-256 of a file. */
export function hashFile(file: string): { readonly bytes: number; readonly sha256: string } {
  const content = readFileSync(file);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Replaces a file in one step: readers see the old content or the new, also after a crash. */
export function replaceFile(file: string, content: string): void {
  const temporary = `${file}.tmp`;
  try {
    const descriptor = openSync(temporary, 'w');
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new InputError(file, `cannot be written (${messageOf(error)})`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
