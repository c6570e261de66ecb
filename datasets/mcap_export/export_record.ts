import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { episodeId } from '../dataset/schema.ts';
import { replaceFile } from '../run/file.ts';

const NAME = 'export.json';
const exported = z.strictObject({
  id: episodeId,
  /** Of the episode that it was made of. */
  source_sha256: z.string(),
  /** Folder of the bag, from here. */
  folder: z.string(),
  messages: z.number().int(),
  /** What was added to log and publish times, so that episodes of one file follow each other, ns. */
  moved_ns: z.string().regex(/^-?\d+$/),
});
export type ExportedEpisode = Readonly<z.infer<typeof exported>>;

const record = z.strictObject({
  schema: z.literal('surepick/mcap_export'),
  version: z.literal(1),
  dataset: z.strictObject({ id: z.string(), name: z.string(), revision: z.number().int() }),
  options: z.strictObject({
    topics: z.array(z.string()).nullable(),
    from_s: z.number().nullable(),
    to_s: z.number().nullable(),
    merge: z.boolean(),
  }),
  episodes: z.array(exported),
});
export type ExportRecord = Readonly<z.infer<typeof record>>;

/**
 * What an export did until it was interrupted, or a fresh record. Throws an InputError for a folder that holds anything else,
 * and where an export with other options would be gone on with.
 */
export function openRecord(out: string, fresh: ExportRecord, resume: boolean): ExportRecord {
  const there = existsSync(out) ? entries(out) : [];
  if (there.length === 0) {
    mkdirSync(out, { recursive: true });
    return fresh;
  }
  if (!resume) throw new InputError(`--out ${out}`, `must be new or empty; it holds ${there[0]}; --resume goes on`);
  const file = join(out, NAME);
  if (!existsSync(file)) {
    const foreign = there.find((name) => !name.endsWith('.part'));
    if (foreign === undefined) return fresh;
    throw new InputError(`--out ${out}`, `holds ${foreign} but no ${NAME} of an export to go on with`);
  }
  const told = readRecord(file);
  const of = ({ dataset, options }: ExportRecord) => JSON.stringify([dataset.id, options]);
  if (of(told) === of(fresh)) return { ...fresh, episodes: told.episodes };
  throw new InputError(`--resume ${out}`, 'was begun with other options or of another dataset; choose another --out');
}

export function writeRecord(out: string, content: ExportRecord): void {
  replaceFile(join(out, NAME), `${JSON.stringify(content, null, 1)}\n`);
}

function readRecord(file: string): ExportRecord {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`export ${file}`, 'is no JSON', { cause: error });
  }
  const parsed = record.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`export ${file}: ${issue.path.join('.')}`, issue.message);
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new InputError(`--out ${folder}`, 'is no folder', { cause: error });
  }
}
