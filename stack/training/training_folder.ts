import { mkdir, stat } from 'node:fs/promises';
import { InputError } from '../../contracts/index.ts';

/** Where a training keeps what it has done until it ends. */
export function trainingFolderOf(out: string): string {
  return `${out}.training`;
}

/** Makes the folder of a training. Throws InputError if one that was interrupted left it, and is not to be gone on with. */
export async function openTrainingFolder(out: string, resume: boolean): Promise<string> {
  const folder = trainingFolderOf(out);
  if (!resume && (await isThere(folder)))
    throw new InputError(folder, 'is of a training that was interrupted: go on with --resume, or remove it');
  await mkdir(folder, { recursive: true });
  return folder;
}

export async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
