import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import {
  balancedWeights,
  checkLeaks,
  type Dataset,
  type DatasetIndex,
  gather,
  leakText,
  nextRevision,
  openDataset,
  parseBalance,
  parseExpression,
  parseShares,
  type Selection,
  type Shares,
  SPLIT_LEVELS,
  type SplitLevel,
  select,
  type Written,
  withSplit,
  writeDataset,
  writeIndex,
} from '../../../datasets/index.ts';
import { emitJson, integerFrom, numberWithin, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';
import { checkLeaving } from './outlets.ts';
import { usableOf } from './usable.ts';

interface FilterOptions {
  readonly out: string;
  readonly where: readonly string[];
  readonly minQuality?: number;
  readonly success?: boolean;
  readonly task: readonly string[];
  readonly robot: readonly string[];
  readonly exclude: readonly string[];
  readonly max?: number;
  readonly seed: number;
  readonly balance: readonly string[];
  readonly weights: readonly string[];
  readonly split?: Shares;
  readonly splitBy?: SplitLevel;
  readonly name?: string;
  readonly link?: boolean;
  readonly purpose: string;
  readonly json?: boolean;
}

export function addFilter(dataset: Command): void {
  const many = { where: 'condition', task: 'name', robot: 'name', exclude: 'id' };
  dataset
    .command('filter')
    .description(
      'Makes a dataset of chosen episodes of runs and datasets. With the folder of one dataset as --out, only its index changes.',
    )
    .argument('<dir...>', 'folders of datasets or runs')
    .requiredOption('--out <dir>', 'folder of the dataset; must be new or empty, or the one input')
    .option(`--where <${many.where}...>`, 'what must hold, all of them', [])
    .option('--min-quality <x>', 'least score', numberWithin(0, 1))
    .option('--success', 'only what succeeded')
    .option('--no-success', 'only what failed')
    .option(`--task <${many.task}...>`, 'only these tasks', [])
    .option(`--robot <${many.robot}...>`, 'only these robots', [])
    .option(`--exclude <${many.exclude}...>`, 'without these episodes', [])
    .option('--max <n>', 'at most so many, drawn', integerFrom(1))
    .option('--seed <n>', 'fixes what is drawn', integerFrom(0), 0)
    .option('--balance <fields>', 'equal shares of these, e.g. task,objects,outcome', parseBalance, [])
    .option(
      '--weights <fields>',
      'print weights that give equal shares of these instead, with --json',
      parseBalance,
      [],
    )
    .option('--split <shares>', 'train/validation/test, e.g. 80/10/10', parseShares)
    .addOption(new Option('--split-by <what>', 'what no two parts share').choices(SPLIT_LEVELS))
    .option('--name <name>', 'name of the dataset (default: the folder)')
    .option('--purpose <name>', 'what the new dataset is for; episodes tagged for other purposes are left out', '')
    .option('--link', 'hard links instead of copies; then a purge of one folder does not reach the other')
    .option('--copy', 'copies (the default)')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      `\nExample: surepick dataset filter runs/a runs/b --where "duration_s > 5" "objects has 'box'" --success --split 80/10/10 --out data/boxes`,
    )
    .action((dirs: readonly string[], options: FilterOptions) => filter(dirs, options));
}

async function filter(dirs: readonly string[], options: FilterOptions): Promise<void> {
  const where = options.where.map(parseExpression);
  const datasets: Dataset[] = [];
  for (const dir of new Map(dirs.map((each) => [resolve(each), each])).values()) datasets.push(await openDataset(dir));
  const criteria = { where, tasks: options.task, robots: options.robot, exclude: options.exclude };
  const { minQuality: min_quality, success, seed, max, balance, split, splitBy: split_by } = options;
  const found = gather(datasets, { ...criteria, min_quality, success });
  const in_place = datasets.length === 1 && resolve(datasets[0].folder) === resolve(options.out);
  const { purpose } = options;
  const usable = new Set(
    in_place
      ? []
      : usableOf(
          found.chosen.map(({ episode }) => episode),
          purpose,
          new Date().toISOString(),
        ).usable,
  );
  const gathered = in_place ? found : { ...found, chosen: found.chosen.filter(({ episode }) => usable.has(episode)) };
  const selection = select(gathered.chosen, { seed, max, balance, split, split_by });
  if (selection.episodes.length === 0) {
    const all = datasets.reduce((total, { index }) => total + index.episodes.length, 0);
    throw new InputError(`filter ${dirs.join(' ')}`, `no episode of ${all} meets all conditions; leave one out`);
  }
  for (const line of [...gathered.said, ...selection.said]) say(line);
  const now = new Date().toISOString();
  const [first] = datasets;
  if (in_place) {
    const index = revised(first, selection, options, now);
    report(options, selection, { index, complete: true, copied: 0, linked: 0, kept: index.episodes.length });
    return;
  }
  await checkLeaving(options.out, first.folder, [...usable], purpose);
  const bar = createBar('episodes');
  const written = await untilInterrupted((signal) =>
    writeDataset({
      ...{ out: options.out, id: randomUUID(), name: options.name ?? nameOf(options.out), now, signal },
      ...{ episodes: selection.episodes, split: selection.split?.split ?? null, tombstones: gathered.tombstones },
      description: `surepick dataset filter ${dirs.join(' ')}`,
      how: options.link ? 'link' : 'copy',
      progress: (done, total, id) => bar.update(done, total, id),
    }),
  ).finally(() => bar.stop());
  if (written.complete) noteProducts(datasets, written.index, options.out, now);
  report(options, selection, written);
  if (!written.complete) process.exitCode = 130;
}

const nameOf = (out: string) => basename(resolve(out)).slice(0, 100) || 'dataset';

/** A new revision of the same folder: parts and name change, recordings do not. */
function revised({ folder, index }: Dataset, selection: Selection, options: FilterOptions, now: string): DatasetIndex {
  const lacking = index.episodes.find(({ id }) => !selection.episodes.some(({ episode }) => episode.id === id));
  if (lacking !== undefined) {
    const remedy = `surepick dataset purge removes episodes, or give another --out`;
    throw new InputError(`out ${folder}: ${lacking.id} would be left out`, `an index keeps its episodes; ${remedy}`);
  }
  const episodes = selection.split === null ? index.episodes : withSplit(index.episodes, selection.split.split);
  const next = nextRevision(index, { episodes, name: options.name ?? index.name }, now);
  writeIndex(folder, next);
  return next;
}

/** Datasets remember what was made of them, so that a purge can name it. */
function noteProducts(datasets: readonly Dataset[], made: DatasetIndex, out: string, made_at: string): void {
  for (const { kind, folder, index } of datasets) {
    if (kind !== 'dataset') continue;
    const own = new Set(index.episodes.map(({ id }) => id));
    const episodes = made.episodes.map(({ id }) => id).filter((id) => own.has(id));
    if (episodes.length === 0) continue;
    const format = { kind: 'dataset', told: resolve(out), format: 'surepick/dataset' } as const;
    const product = { ...format, made_at, revision: index.revision, episodes, tainted_by: [] };
    const others = index.products.filter(({ told }) => told !== product.told);
    writeIndex(folder, nextRevision(index, { products: [...others, product] }, made_at));
  }
}

function report(options: FilterOptions, selection: Selection, written: Written): void {
  const { index, complete, copied, linked, kept } = written;
  const { split } = selection;
  const leaks = checkLeaks(index);
  const weights = balancedWeights(index.episodes, options.weights);
  for (const line of weights.said) say(line);
  const parts =
    split === null
      ? ''
      : `; split by ${split.level.replace('_', ' ')} into ${split.groups} groups: ${counts(split.counts)}`;
  say(
    complete
      ? `${index.name} revision ${index.revision}: ${index.episodes.length} episodes in ${options.out}${parts}`
      : `interrupted after ${index.episodes.length} of ${selection.episodes.length}; the same command goes on`,
  );
  for (const leak of leaks) say(`${leak.severity}: ${leakText(leak)}`);
  if (!options.json) return;
  emitJson('dataset_filter', {
    ...{ out: options.out, complete, id: index.id, name: index.name, revision: index.revision },
    ...{ episodes: index.episodes.map(({ id }) => id), copied, linked, kept },
    split: split === null ? null : { level: split.level, groups: split.groups, counts: split.counts },
    ...{ balance: selection.cells, said: [...selection.said, ...weights.said], leaks },
    ...(options.weights.length === 0 ? {} : { weights: Object.fromEntries(weights.weights) }),
  });
}

const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
