import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import { type FolderRepair, type RepairReport, repairFolder, repairRecording } from '../../../datasets/index.ts';
import { emitJson, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';

interface Options {
  readonly check?: true;
  readonly replace?: true;
  readonly json?: true;
}

/** A recorder writes at least twice a second: a part that is younger may be in the making. */
const QUIET_MS = 1500;

export function addRepair(dataset: Command): void {
  dataset
    .command('repair')
    .description(
      'Restore recordings that a crash, a power cut or a bad disk has left unfinished or damaged. Every chunk that passes its checksum is kept, the original too, as NAME.damaged.',
    )
    .argument('<path>', 'a recording (.mcap or .mcap.part), or the folder of a run or a dataset: all recordings in it')
    .option('--check', 'only say what would be done; exit code 1 where something would')
    .option('--replace', 'do not keep the damaged originals')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  surepick dataset repair runs/first --check\n  surepick dataset repair runs/first/episodes/episode-0003.mcap.part',
    )
    .action(repair);
}

async function repair(path: string, options: Options): Promise<void> {
  const { check = false, replace = false } = options;
  const now = new Date().toISOString();
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new InputError(path, 'does not exist; must be a recording or a folder of recordings');
  const bar = createBar('recordings');
  const onFile = (done: number, total: number, file: string) => bar.update(done, total, file);
  const outcome = await untilInterrupted(async (signal): Promise<FolderRepair> => {
    try {
      if (stat.isDirectory()) return await repairFolder(path, { check, replace, now, signal, onFile, quiet });
      await quiet(path);
      const reports = [await repairRecording(path, { check, replace, now })];
      return { folder: '', reports, refused: [], manifest: null, dataset: null, interrupted: false };
    } finally {
      bar.stop();
    }
  });
  tell(outcome);
  const count = (state: RepairReport['state']) => outcome.reports.filter((report) => report.state === state).length;
  if (options.json) {
    emitJson('dataset_repair', {
      ...{ repaired: count('repaired'), repairable: count('repairable'), whole: count('whole'), lost: count('lost') },
      ...{ refused: outcome.refused, manifest: outcome.manifest, dataset: outcome.dataset },
      ...{ interrupted: outcome.interrupted, files: outcome.reports },
    });
  }
  if (outcome.interrupted) process.exitCode = 130;
  else if (count('lost') + count('repairable') + outcome.refused.length > 0) process.exitCode = 1;
}

/** Waits until a part has been left alone for as long as a recorder never does. */
async function quiet(file: string): Promise<void> {
  const age_ms = () => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (!file.endsWith('.part') || age_ms() > QUIET_MS) return;
  await sleep(QUIET_MS);
  if (age_ms() < QUIET_MS) {
    throw new InputError(`recording ${file}`, 'is still being written; repair it when its recorder has ended');
  }
}

function tell({ reports, refused, manifest, dataset }: FolderRepair): void {
  for (const report of reports) if (report.state !== 'whole') for (const line of linesOf(report)) say(line);
  for (const { reason } of refused) say(`not repaired: ${reason}`);
  const states = (['repaired', 'repairable', 'whole', 'lost'] as const)
    .map((state) => ({ state, files: reports.filter((report) => report.state === state).length }))
    .filter(({ files }) => files > 0);
  say(states.map(({ state, files }) => `${files} ${state}`).join(', ') || 'no recording found');
  if (manifest !== null && manifest.added.length > 0) say(`listed as interrupted: ${manifest.added.join(', ')}`);
  const renewed = [...(manifest?.renewed ?? []), ...(dataset?.renewed ?? [])];
  if (renewed.length > 0) say(`size and hash renewed of what was repaired: ${renewed.join(', ')}`);
  if (dataset !== null && dataset.renewed.length > 0) say(`now revision ${dataset.revision}: sign it again`);
}

function linesOf({ file, state, reason, kept, lost, original, result, topics }: RepairReport): string[] {
  const worst = topics.filter((topic) => topic.lost > 0).map((topic) => `${topic.topic} ${topic.lost}`);
  const amount = lost.exact
    ? `${lost.messages} messages`
    : lost.messages === 0
      ? 'messages that nothing counts'
      : `at least ${lost.messages} messages`;
  return [
    `${file}: ${state}; ${reason}`,
    `  kept ${kept.messages} messages over ${kept.seconds.toFixed(2)} s, ${kept.bytes} bytes; lost ${amount} over ${lost.seconds.toFixed(2)} s, ${lost.bytes} bytes`,
    ...(worst.length > 0 ? [`  lost of ${worst.join(', ')}`] : []),
    ...(lost.records.length > 0 ? [`  lost metadata and attachments: ${lost.records.join(', ')}`] : []),
    ...(result !== null && result !== file ? [`  now ${result}`] : []),
    ...(original !== null ? [`  original kept as ${original}`] : []),
  ];
}
