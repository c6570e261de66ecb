import { chmodSync, closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, open, rename } from 'node:fs/promises';

const PRIVATE = 0o600;

/** Puts a file of mode 0600 in the place of what is there, whole or not at all. Blocks until it is on the disk. */
export function replacePrivateFile(file: string, text: string): void {
  const part = `${file}.part`;
  const fd = openSync(part, 'w', PRIVATE);
  try {
    chmodSync(part, PRIVATE);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(part, file);
}

/** The same, without anybody waiting for the disk. Calls must not overlap. */
export async function replacePrivateFileSoon(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, 'w', PRIVATE);
  try {
    await chmod(part, PRIVATE);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}
