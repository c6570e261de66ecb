import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { InputError } from '../../../contracts/index.ts';
import { DATASET_NAME, type Dataset, episodePath, findEpisode } from '../../dataset/folder.ts';
import type { DatasetEpisode, Product } from '../../dataset/schema.ts';
import { MANIFEST_NAME } from '../../run/manifest.ts';
import { exportsInLog } from './exports.ts';
import { JOURNAL_NAME } from './journal.ts';
import { modelsMadeWith } from './models.ts';
import { outOfReach } from './out_of_reach.ts';
import { holdsTraces, type Traces, tracesOf } from './traces.ts';
import { type Walked, type WalkedFile, walk } from './walk.ts';

export interface Removal {
  /** From the folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly why: string;
}

/** What purging episodes will do; nothing has been done yet. */
export interface PurgePlan {
  readonly episodes: readonly DatasetEpisode[];
  readonly removes: readonly Removal[];
  /** Files that are written anew without the episodes. */
  readonly rewrites: readonly string[];
  /** Files that stay although they name an episode; they hold no byte of it. */
  readonly names_it: readonly string[];
  /** Exports, datasets and models that were made with them, as the index lists them. */
  readonly products: readonly Product[];
  /** Models beyond these that name them as their training data. */
  readonly models: readonly Product[];
  /** Exports, pages and datasets beyond these that the log of outlets tells of. */
  readonly exports: readonly Product[];
  readonly out_of_reach: readonly string[];
}

/** Files that are kept anew, or whose chain vouches for what happened; they hold no recorded data. */
const KEPT = [DATASET_NAME, MANIFEST_NAME, JOURNAL_NAME, 'merkle.json', 'audit.jsonl'];
const KEPT_FOLDERS = ['signatures/'];
/** Pages of ours show pictures and curves of every episode. */
const PAGES = ['report.html', 'card.html', 'quality.html'];
const TEXT = /\.(?:html?|svg|json|jsonl|csv|md|txt|yaml|yml|xml)$/i;
const LONGEST_TEXT_BYTES = 1 << 28;

export interface PurgeSearch {
  /** Folders whose models are looked at. */
  readonly models: readonly string[];
  /** File with the log of outlets; none by default. */
  readonly outlet_log?: string;
  /** ISO 8601. */
  readonly now: string;
}

/** Plans to remove episodes. Throws an InputError for an id that is not there, and a recording outside the folder. */
export async function planPurge(dataset: Dataset, ids: readonly string[], search: PurgeSearch): Promise<PurgePlan> {
  const { folder, index } = dataset;
  const episodes = [...new Set(ids)].map((id) => findEpisode(dataset, id));
  const others = new Set(index.episodes.filter((one) => !episodes.includes(one)).map(({ file }) => file));
  for (const episode of episodes) requireInside(dataset, episode);
  const traces: Traces[] = [];
  for (const episode of episodes)
    if (existsSync(episodePath(dataset, episode))) traces.push(await tracesOf(episodePath(dataset, episode)));
  const walked = walk(folder);
  const judged = walked.files.flatMap((file) => {
    const why = others.has(file.path) || isKept(file.path) ? '' : whyRemoved(folder, file, episodes, traces);
    return why === '' ? [] : [{ file, why }];
  });
  const removed = judged.map(({ file }) => file);
  const { exports, doubt } = exportsInLog(dataset, episodes, search.outlet_log ?? '');
  return {
    episodes,
    removes: judged.map(({ file: { path, bytes }, why }) => ({ path, bytes, why })),
    rewrites: [DATASET_NAME, ...(existsSync(join(folder, MANIFEST_NAME)) ? [MANIFEST_NAME] : [])],
    names_it: namedIn(folder, walked, removed, others, episodes),
    products: index.products.filter((one) => episodes.some(({ id }) => one.episodes.includes(id))),
    models: modelsMadeWith(dataset, episodes, search.models, search.now),
    exports,
    out_of_reach: [...outOfReach(folder, walked, removed), ...(doubt === '' ? [] : [doubt])],
  };
}

function whyRemoved(
  folder: string,
  { path, bytes }: WalkedFile,
  episodes: readonly DatasetEpisode[],
  traces: readonly Traces[],
): string {
  const name = basename(path);
  const own = episodes.find(({ file }) => file === path);
  if (own !== undefined) return `recording of ${own.id}`;
  const beside = episodes.find(({ id, file }) => name.startsWith(`${stemOf(file)}.`) || name.startsWith(`${id}.`));
  if (beside !== undefined) return `belongs to ${beside.id}`;
  if (PAGES.includes(name) || isOurPage(join(folder, path), name)) return 'a page that shows every episode';
  const held = bytes === 0 ? -1 : traces.findIndex((each) => holdsTraces(join(folder, path), each));
  if (held >= 0) return 'holds bytes of a purged recording';
  return /\.html?$/i.test(name) && namesAny(join(folder, path), bytes, episodes) ? 'a page that names the episode' : '';
}

/** The name of a recording's file without its ending. */
const stemOf = (file: string): string => basename(file).replace(/\.[^.]*$/, '');

function isKept(path: string): boolean {
  return KEPT.includes(path) || KEPT_FOLDERS.some((inner) => path.startsWith(inner));
}

function isOurPage(file: string, name: string): boolean {
  return /\.html?$/i.test(name) && /<title>[^<]*surepick/i.test(readFileSync(file, 'utf8').slice(0, 4096));
}

function namedIn(
  folder: string,
  { files }: Walked,
  removed: readonly WalkedFile[],
  others: ReadonlySet<string>,
  episodes: readonly DatasetEpisode[],
): string[] {
  return files
    .filter((file) => TEXT.test(file.path) && !removed.includes(file) && !others.has(file.path))
    .filter(({ path }) => ![DATASET_NAME, MANIFEST_NAME, JOURNAL_NAME].includes(path))
    .filter(({ path, bytes }) => namesAny(join(folder, path), bytes, episodes))
    .map(({ path }) => path);
}

function namesAny(file: string, bytes: number, episodes: readonly DatasetEpisode[]): boolean {
  if (bytes > LONGEST_TEXT_BYTES) return false;
  const text = readFileSync(file, 'utf8');
  return episodes.some(({ id, file: recording }) => text.includes(id) || text.includes(stemOf(recording)));
}

/** A dataset must not make us delete what lies elsewhere. */
function requireInside(dataset: Dataset, episode: DatasetEpisode): void {
  const path = episodePath(dataset, episode);
  if (!existsSync(path)) return;
  const root = realpathSync(dataset.folder);
  if (lstatSync(path).isSymbolicLink() || !realpathSync(path).startsWith(root + sep))
    throw new InputError(
      `episode ${episode.id}: ${path} leads to ${realpathSync(path)}`,
      'must lie in the folder itself; remove it there by hand, put the link away, and purge again',
    );
}
