import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import {
  type Dataset,
  type DatasetEpisode,
  findEpisode,
  nextRevision,
  openDataset,
  SPLITS,
  writeIndex,
} from '../../../datasets/index.ts';
import { emitJson, integerFrom, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';
import { EXPORT_FORMATS } from './formats/index.ts';
import { checkLeaving } from './outlets.ts';
import { usableOf } from './usable.ts';

interface ExportOptions {
  readonly format: string;
  readonly out: string;
  readonly episodes?: string;
  readonly split?: string;
  readonly purpose: string;
  readonly workers: number;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function addExport(dataset: Command): void {
  const formats = EXPORT_FORMATS.map(({ name }) => name);
  const command = dataset
    .command('export')
    .description('Writes episodes in a format of other tools, and says what that format cannot hold.')
    .argument('<dir>', 'folder of a dataset or a run')
    .addOption(new Option('--format <name>', 'format to write').choices(formats).makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder to write; must be new or empty, unless --resume')
    .option('--episodes <ids>', 'ids of episodes or positions from 0, with commas and ranges: 0-9,12')
    .addOption(new Option('--split <name>', 'episodes of this split alone').choices(SPLITS))
    .option('--purpose <name>', 'what it is for, e.g. training; episodes tagged for other purposes are left out', '')
    .option(
      '--workers <n>',
      'episodes read at the same time',
      integerFrom(1, 64),
      Math.max(1, Math.min(4, availableParallelism())),
    )
    .option('--resume', 'go on where an interrupted export ended')
    .option('--json', 'print one JSON object');
  for (const { addOptions } of EXPORT_FORMATS) addOptions?.(command);
  command
    .addHelpText('after', '\nExample: surepick dataset export runs/first --format lerobot --out exports/first --fps 20')
    .action((dir: string, options: ExportOptions) => runExport(dir, options));
}

async function runExport(dir: string, options: ExportOptions): Promise<void> {
  const dataset = await openDataset(dir);
  const now = new Date().toISOString();
  const { usable: episodes, left_out } = usableOf(chosen(dataset, options), options.purpose, now);
  const format = EXPORT_FORMATS.find(({ name }) => name === options.format);
  if (format === undefined) throw new InputError(`--format ${options.format}`, 'see surepick dataset export --help');
  await checkLeaving(options.out, dir, episodes, options.purpose);
  const bar = createBar('episodes');
  const { out, workers, resume = false } = options;
  const outcome = await untilInterrupted((signal) =>
    format.run({ dataset, episodes, out, workers, resume, now, signal, bar, options: { ...options } }),
  ).finally(() => bar.stop());
  for (const line of outcome.lines) say(line);
  if (outcome.complete && dataset.kind === 'dataset')
    noteProduct(dataset, format.name, resolve(out), outcome.episodes, now);
  if (options.json) {
    emitJson('dataset_export', { format: format.name, out, complete: outcome.complete, left_out, ...outcome.fields });
  }
  if (!outcome.complete) process.exitCode = 130;
}

/** The dataset remembers what was made of it, so that a purge can name it. */
function noteProduct(
  { folder, index }: Dataset,
  format: string,
  told: string,
  episodes: readonly string[],
  made_at: string,
): void {
  const made = { kind: 'export', told, format, made_at, revision: index.revision, tainted_by: [] } as const;
  const product = { ...made, episodes: [...episodes] };
  const others = index.products.filter((other) => other.told !== told || other.format !== format);
  writeIndex(folder, nextRevision(index, { products: [...others, product] }, made_at));
}

/** Episodes by id or position, and by split, in the order of the dataset. */
export function chosen(
  dataset: Dataset,
  { episodes, split }: { readonly episodes?: string; readonly split?: string },
): readonly DatasetEpisode[] {
  const all = dataset.index.episodes;
  const wanted = episodes === undefined ? null : new Set(episodes.split(',').flatMap((part) => named(dataset, part)));
  const found = all.filter(
    (episode) => (wanted?.has(episode.id) ?? true) && (split === undefined || episode.split === split),
  );
  if (found.length > 0) return found;
  const has = [...new Set(all.map((episode) => episode.split ?? 'none'))].join(', ') || 'no episodes';
  throw new InputError(
    `dataset ${dataset.folder}: --split ${split ?? ''} --episodes ${episodes ?? 'all'}`,
    `names no episode of ${all.length} (splits: ${has})`,
  );
}

function named(dataset: Dataset, part: string): readonly string[] {
  const text = part.trim();
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (from === undefined) return [findEpisode(dataset, text).id];
  const { length } = dataset.index.episodes;
  const [first, last] = [Number(from), Number(to ?? from)];
  if (first > last || last >= length) throw new InputError(`--episodes ${text}`, `positions from 0 to ${length - 1}`);
  return dataset.index.episodes.slice(first, last + 1).map(({ id }) => id);
}
