import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';

/** Size and SHA-256 of a file, however large. */
export function hashFile(file: string): { readonly bytes: number; readonly sha256: string } {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, 'r');
  try {
    for (let bytes = 0; ; ) {
      const read = readSync(descriptor, block, 0, block.length, null);
      if (read === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(block.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(descriptor);
  }
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
