import { homedir, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import {
  checkOutlet,
  type DatasetEpisode,
  type OutletContext,
  type OutletVerdict,
  openDataset,
  outletApprovals,
  outletLogFile,
  outletsFileOf,
  readOutlets,
} from '../../../datasets/index.ts';
import { emitJson, say } from '../../common.ts';

const flagsSchema = z.object({
  check: z.string().optional(),
  data: z.string().optional(),
  purpose: z.string().default(''),
  json: z.boolean().default(false),
});

/** Decides for this user whether episodes of a dataset may go to a folder or URL, and notes it. Throws an InputError if not. */
export function checkLeaving(
  to: string,
  folder: string,
  episodes: readonly DatasetEpisode[],
  purpose: string,
): Promise<OutletVerdict> {
  return checkOutlet(to, episodes, leaving(folder, purpose));
}

function leaving(folder: string, purpose: string): OutletContext {
  const [env, home, cwd, tmp] = [process.env, homedir(), process.cwd(), tmpdir()];
  return { env, home, cwd, tmp, own: resolve(folder), purpose, now_ms: Date.now() };
}

const EXAMPLE = `
Data of people or real robots goes to listed outlets only, and each of them needs an approval (surepick approve). The file:
  schema: surepick/outlets
  version: 1
  defaults: true        # simulated data may go below the working, home and temporary folders
  outlets:
    - { name: partner, destination: /mnt/partner, people: true, purposes: [training], licences: [CC-BY-4.0] }
Uploads: surepick opens no connection; a URL here only says what a program of yours may be told.

Example: surepick dataset outlets --check /mnt/partner/cups --data data/cups --purpose training`;

export function addOutlets(dataset: Command): void {
  dataset
    .command('outlets')
    .description('Where data may go: lists outlets, and checks a destination.')
    .option('--check <destination>', 'folder or URL; asks for the approval that it needs')
    .option('--data <dir>', 'dataset or run that shall go there; without, simulated data')
    .option('--purpose <name>', 'what the data is wanted for there')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', EXAMPLE)
    .action((raw: unknown) => outlets(flagsSchema.parse(raw)));
}

async function outlets({ check, data, purpose, json }: z.infer<typeof flagsSchema>): Promise<void> {
  const [env, home] = [process.env, homedir()];
  const file = outletsFileOf(env, home);
  const listed = readOutlets(file);
  const table = new Table({
    head: ['name', 'destination', 'people', 'purposes', 'licences'],
    style: { head: [], border: [] },
  });
  for (const { name, destination, people, purposes, licences } of listed.outlets)
    table.push([
      name,
      destination,
      people ? 'yes' : 'no',
      purposes?.join(', ') ?? 'any',
      licences?.join(', ') ?? 'any',
    ]);
  if (listed.outlets.length > 0) say(table.toString());
  say(`${listed.outlets.length} outlets in ${file}; defaults ${listed.defaults ? 'on' : 'off'}`);
  let verdict: OutletVerdict | null = null;
  if (check !== undefined) {
    const episodes = data === undefined ? [] : (await openDataset(data)).index.episodes;
    const asked = { ...leaving(data ?? outletApprovals(env, home), purpose), only_asked: true };
    verdict = await checkOutlet(check, episodes, asked);
    say(`may go to ${verdict.destination}: ${verdict.outlet}`);
  }
  const log = outletLogFile(env, home);
  if (json) emitJson('dataset_outlets', { file, ...listed, approvals: outletApprovals(env, home), log, verdict });
}
