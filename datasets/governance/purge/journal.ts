import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../../contracts/index.ts';
import { episodeId, product } from '../../dataset/schema.ts';
import { replaceFile } from '../../run/file.ts';

export const JOURNAL_NAME = 'purge.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const inside = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (path) => !posix.isAbsolute(path) && posix.normalize(path) === path && !path.split('/').includes('..'),
    'must stay in the folder',
  );

/** What a purge is about to do, on the disk before it does anything, so that it can be gone on with after a crash. */
export const purgeJournal = z.strictObject({
  schema: z.literal('surepick/purge'),
  version: z.literal(1),
  at: z.iso.datetime(),
  who: z.string().min(1),
  why: z.string().min(1),
  episodes: z.array(z.strictObject({ id: episodeId, file: inside, sha256, used_by: z.array(z.string()) })).readonly(),
  /** Models and exports that were found to be made with them and that the index does not list yet. */
  models: z.array(product).readonly(),
  /** Files to delete, from the folder, with slashes. */
  removes: z.array(inside).readonly(),
});
export type PurgeJournal = Readonly<z.infer<typeof purgeJournal>>;

export function writeJournal(folder: string, journal: PurgeJournal): void {
  replaceFile(join(folder, JOURNAL_NAME), `${JSON.stringify(purgeJournal.parse(journal), null, 1)}\n`);
}

/** The journal of a purge that was cut short; null for none. Throws an InputError for one that cannot be used. */
export function readJournal(folder: string): PurgeJournal | null {
  const file = join(folder, JOURNAL_NAME);
  if (!existsSync(file)) return null;
  try {
    return purgeJournal.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new InputError(file, 'must be as a purge wrote it; remove it and purge again', { cause });
  }
}
