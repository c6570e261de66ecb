import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../../contracts/index.ts';
import { type Dataset, nextRevision, openDataset, writeIndex } from '../../dataset/folder.ts';
import type { DatasetIndex, Product, Tombstone } from '../../dataset/schema.ts';
import { replaceFile } from '../../run/file.ts';
import { MANIFEST_NAME } from '../../run/manifest.ts';
import { JOURNAL_NAME, type PurgeJournal, readJournal, writeJournal } from './journal.ts';
import type { PurgePlan } from './plan.ts';

const anyManifest = z.looseObject({ episodes: z.array(z.looseObject({ file: z.string() })) });

export interface PurgeOrder {
  readonly who: string;
  readonly why: string;
  /** ISO 8601. */
  readonly now: string;
}

export interface Purged {
  readonly index: DatasetIndex;
  readonly journal: PurgeJournal;
  /** Local exports that a note was put into. */
  readonly marked: readonly string[];
}

/** Put into exports that still hold purged episodes. */
export const MARK_NAME = 'PURGED.json';

/** Carries a plan out. Killed at any moment, `finishPurge` completes it. */
export async function carryOut(dataset: Dataset, plan: PurgePlan, { who, why, now }: PurgeOrder): Promise<Purged> {
  const journal: PurgeJournal = {
    ...{ schema: 'surepick/purge', version: 1, at: now, who, why },
    episodes: plan.episodes.map(({ id, file, sha256 }) => ({
      ...{ id, file, sha256 },
      used_by: [...plan.products, ...plan.exports, ...plan.models]
        .filter(({ episodes }) => episodes.includes(id))
        .map(({ kind, told }) => `${kind} ${told}`),
    })),
    models: [...plan.exports, ...plan.models],
    removes: plan.removes.map(({ path }) => path),
  };
  writeJournal(dataset.folder, journal);
  syncFolder(dataset.folder);
  return finish(dataset.folder, journal);
}

/** Completes a purge that was cut short; null where none was. */
export async function finishPurge(folder: string): Promise<Purged | null> {
  const journal = readJournal(folder);
  return journal === null ? null : finish(folder, journal);
}

/** The index goes first, so that nothing uses what is about to vanish; the journal goes last. Every step may be done twice. */
async function finish(folder: string, journal: PurgeJournal): Promise<Purged> {
  const { index } = await openDataset(folder);
  const next = withoutEpisodes(index, journal);
  if (next !== index) writeIndex(folder, next);
  rewriteManifest(folder, journal);
  const folders = new Set([folder]);
  for (const path of journal.removes) {
    const file = join(folder, ...path.split('/'));
    rmSync(file, { force: true });
    if (existsSync(dirname(file))) folders.add(dirname(file));
  }
  const marked = next.products.flatMap((one) => mark(one, journal));
  for (const each of folders) syncFolder(each);
  rmSync(join(folder, JOURNAL_NAME), { force: true });
  syncFolder(folder);
  return { index: next, journal, marked };
}

function withoutEpisodes(index: DatasetIndex, { episodes: gone, models, at, who, why }: PurgeJournal): DatasetIndex {
  const ids = new Set(gone.map(({ id }) => id));
  const known = new Set(index.tombstones.map(({ id }) => id));
  const fresh: Tombstone[] = gone
    .filter(({ id }) => !known.has(id))
    .map(({ id, sha256, used_by }) => ({ id, sha256, removed_at: at, who, why, used_by }));
  const episodes = index.episodes.filter(({ id }) => !ids.has(id));
  if (fresh.length === 0 && episodes.length === index.episodes.length) return index;
  const products = [...index.products, ...models].map((one) => ({
    ...one,
    tainted_by: [...new Set([...one.tainted_by, ...one.episodes.filter((id) => ids.has(id))])].sort(),
  }));
  return nextRevision(index, { episodes, products, tombstones: [...index.tombstones, ...fresh] }, at);
}

/** A run's manifest without the episodes; whatever else it says stays. */
function rewriteManifest(folder: string, { episodes }: PurgeJournal): void {
  const file = join(folder, MANIFEST_NAME);
  if (!existsSync(file)) return;
  const { data: manifest } = anyManifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (manifest === undefined) throw new InputError(file, 'must be the manifest of a run; restore it, and purge again');
  const gone = new Set(episodes.map((episode) => episode.file));
  const kept = manifest.episodes.filter((one) => !gone.has(one.file));
  if (kept.length === manifest.episodes.length) return;
  replaceFile(file, `${JSON.stringify({ ...manifest, episodes: kept }, null, 2)}\n`);
}

/** Leaves a note in a local export that still holds what was purged. */
function mark({ told, tainted_by, kind }: Product, { at, why, episodes }: PurgeJournal): string[] {
  if (!isAbsolute(told) || !existsSync(told) || !statSync(told).isDirectory()) return [];
  const gone = episodes.map(({ id }) => id).filter((id) => tainted_by.includes(id));
  if (gone.length === 0) return [];
  const note = { schema: 'surepick/purged', version: 1, kind, at, why, episodes: tainted_by };
  try {
    writeFileSync(join(told, MARK_NAME), `${JSON.stringify(note, null, 1)}\n`);
    return [told];
  } catch {
    return [];
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
