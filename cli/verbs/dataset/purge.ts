import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../../contracts/index.ts';
import {
  carryOut,
  finishPurge,
  isOver,
  JOURNAL_NAME,
  openDataset,
  outletLogFile,
  type Purged,
  type PurgePlan,
  planPurge,
} from '../../../datasets/index.ts';
import { emitJson, say } from '../../common.ts';

const flagsSchema = z.object({
  episodes: z.array(z.string()).default([]),
  expired: z.boolean().default(false),
  who: z.string().trim().min(1).optional(),
  why: z.string().trim().min(1).optional(),
  models: z.array(z.string()).default([]),
  yes: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Flags = z.infer<typeof flagsSchema>;

const EXAMPLE = `
Shows what it will do and asks before it does it. What was cut short is completed by calling it again.

Example: surepick dataset purge data/cups --episodes cup-0007 --who "Ada" --why "asked to be forgotten"`;

export function addPurge(dataset: Command): void {
  dataset
    .command('purge')
    .description('Removes episodes with all that shows them, leaves tombstones, and says what it cannot reach.')
    .argument('<dir>', 'folder of a dataset or a run')
    .option('--episodes <id...>', 'which')
    .option('--expired', 'those whose retention is over')
    .option('--who <person>', 'who removes it')
    .option('--why <text>', 'why, for the tombstone')
    .option('--models <dir...>', 'folders of models that may be trained with it, beside those that surepick ships')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only show what it would do')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', EXAMPLE)
    .action((dir: string, raw: unknown) => {
      const { data, error } = flagsSchema.safeParse(raw);
      if (data === undefined) throw new InputError(`--${error.issues[0].path.join('.')}`, 'must not be empty');
      return purge(dir, data);
    });
}

async function purge(dir: string, flags: Flags): Promise<void> {
  const resumed = flags.dryRun ? null : await finishPurge(dir);
  if (resumed !== null) say(`completed what ${JOURNAL_NAME} says was begun at ${resumed.journal.at}`);
  const dataset = await openDataset(dir);
  const now = new Date().toISOString();
  const wanted = idsOf(flags, dataset.index.episodes, now).filter((id) => !wasPurged(resumed, id));
  if (wanted.length === 0) {
    if (resumed === null && !flags.expired) throw new InputError('purge', 'say which: --episodes ID… or --expired');
    if (resumed === null) say('nothing is to be purged');
    if (flags.json) emitJson('dataset_purge', fieldsOf(dir, null, resumed, flags, resumed !== null));
    return;
  }
  const { who, why = flags.expired ? 'retention is over' : undefined } = flags;
  if (who === undefined || why === undefined) throw new InputError('purge', 'say --who removes it and --why');
  const models = [join(PACKAGE_ROOT, 'models'), ...flags.models].map((folder) => resolve(folder));
  const plan = await planPurge(dataset, wanted, { models, now, outlet_log: outletLogFile(process.env) });
  say(shown(plan));
  if (flags.dryRun) {
    say('nothing was done (--dry-run)');
    if (flags.json) emitJson('dataset_purge', fieldsOf(dir, plan, null, flags, false));
    return;
  }
  if (!flags.yes && !(await isAgreed(`Remove ${plan.episodes.length} episodes for good?`))) {
    say('nothing was done');
    process.exitCode = 130;
    return;
  }
  const done = await carryOut(dataset, plan, { who, why, now });
  say(`purged ${plan.episodes.length} episodes; revision ${done.index.revision}`);
  say('signatures of older revisions do not vouch for it: surepick dataset sign signs it anew, where it was signed');
  if (flags.json) emitJson('dataset_purge', fieldsOf(dir, plan, done, flags, resumed !== null));
}

function idsOf(
  { episodes, expired }: Flags,
  all: readonly { readonly id: string; readonly governance: { readonly retain_until: string | null } }[],
  now: string,
): string[] {
  const over = expired ? all.filter(({ governance }) => isOver(governance.retain_until, now)) : [];
  return [...new Set([...episodes, ...over.map(({ id }) => id)])];
}

function wasPurged(resumed: Purged | null, id: string): boolean {
  return resumed?.journal.episodes.some((one) => one.id === id) ?? false;
}

function shown(plan: PurgePlan): string {
  const { episodes, removes, rewrites, names_it, products, exports, models, out_of_reach } = plan;
  const listed = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  return [
    ...listed(
      'episodes',
      episodes.map(({ id, bytes }) => `${id} (${(bytes / 1e6).toFixed(1)} MB)`),
    ),
    ...listed(
      'removed',
      removes.map(({ path, why }) => `${path}: ${why}`),
    ),
    ...listed('written anew without it', rewrites),
    ...listed('stays, and names it', names_it),
    ...listed(
      'made with it, and marked so',
      [...products, ...exports, ...models].map(({ kind, told }) => `${kind} ${told}`),
    ),
    ...listed('out of reach', out_of_reach),
  ].join('\n');
}

function fieldsOf(folder: string, plan: PurgePlan | null, done: Purged | null, { dryRun }: Flags, resumed: boolean) {
  const purged = plan?.episodes.map(({ id }) => id) ?? done?.journal.episodes.map(({ id }) => id) ?? [];
  return {
    ...{ folder, dry_run: dryRun, resumed, purged, revision: done?.index.revision ?? null },
    removed: plan?.removes ?? done?.journal.removes.map((path) => ({ path })) ?? [],
    rewritten: plan?.rewrites ?? [],
    names_it: plan?.names_it ?? [],
    products: [...(plan?.products ?? []), ...(plan?.exports ?? []), ...(plan?.models ?? [])].map(({ kind, told }) => ({
      ...{ kind, told },
    })),
    marked: done?.marked ?? [],
    out_of_reach: plan?.out_of_reach ?? [],
  };
}

async function isAgreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new InputError('purge without a terminal', 'nobody can be asked; --yes asks nobody');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
