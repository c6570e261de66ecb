import { writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import {
  CONTROLLED_BY,
  chosenSources,
  differenceText,
  figures,
  MEASURED_TOPICS,
  measuredText,
  OPEN_LOOP_ENGINES,
  type OpenLoopEngine,
  type OpenLoopTally,
  openLoopAll,
  openLoopPage,
  type ReplaySource,
  type ReplayTally,
  replayAll,
  replayPage,
  replaySources,
} from '../../../stack/index.ts';
import { emitJson, integerFrom, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';

interface ReplayFlags {
  readonly episodes?: string;
  readonly engine: OpenLoopEngine;
  readonly openLoop?: boolean;
  readonly workers: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addReplay(dataset: Command): void {
  dataset
    .command('replay')
    .description(
      'Play recorded episodes again from their records, and compare them with what was recorded, to the byte; or play only the commands, in the open loop, and tell how far it drifts.',
    )
    .argument('<dir|file>', 'a dataset, the folder of a run, or one recording')
    .option('--episodes <which>', 'positions, ranges of them and ids, as 0-9,12 (default: all)')
    .addOption(
      new Option('--engine <name>', 'same replays to the byte; another plays the commands in the open loop')
        .choices(OPEN_LOOP_ENGINES)
        .default('same'),
    )
    .option('--open-loop', 'only the commands, in the same engine too')
    .option('--workers <n>', 'worker threads', integerFrom(1, 256), 1)
    .option('--out <file>', 'a page with every episode, and plots of drift, e.g. replay.html')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples: surepick dataset replay runs/first --workers 2\n          surepick dataset replay runs/first --engine other --out drift.html',
    )
    .action(async (path: string, flags: ReplayFlags) => {
      const sources = chosenSources(replaySources(path), flags.episodes ?? null);
      const open_loop = flags.engine !== 'same' || flags.openLoop === true;
      const { interrupted, done } = await (open_loop ? driven(sources, flags) : replayed(sources, flags));
      if (interrupted) process.exitCode = 130;
      else if (done < sources.length) process.exitCode = 1;
    });
}

interface Ended {
  readonly interrupted: boolean;
  readonly done: number;
}

async function replayed(sources: readonly ReplaySource[], flags: ReplayFlags): Promise<Ended> {
  const tally = await withBar(sources.length, (step, signal) =>
    replayAll(sources, flags.workers, ({ id }) => step(id), signal),
  );
  if (flags.out !== undefined) writePage(flags.out, replayPage(tally));
  say(replayText(tally));
  if (flags.json === true) emitJson('dataset_replay', { mode: 'closed_loop', ...tally, not_compared: MEASURED_TOPICS });
  return { interrupted: tally.interrupted, done: tally.same };
}

async function driven(sources: readonly ReplaySource[], flags: ReplayFlags): Promise<Ended> {
  const tally = await withBar(sources.length, (step, signal) =>
    openLoopAll(sources, flags.engine, flags.workers, ({ id }) => step(id), signal),
  );
  if (flags.out !== undefined) writePage(flags.out, openLoopPage(tally));
  say(driftText(tally));
  if (flags.json === true) {
    const replays = tally.replays.map(({ series: _series, ...numbers }) => numbers);
    emitJson('dataset_replay', { mode: 'open_loop', controlled_by: CONTROLLED_BY, ...tally, replays });
  }
  return { interrupted: tally.interrupted, done: tally.played };
}

/** Runs work with a bar; it calls `step` after each episode. */
function withBar<T>(total: number, work: (step: (id: string) => void, signal: AbortSignal) => Promise<T>): Promise<T> {
  const bar = createBar('episodes');
  let done = 0;
  bar.update(0, total);
  return untilInterrupted((signal) => work((id) => bar.update(++done, total, id), signal).finally(bar.stop));
}

const SHOWN = 50;

/** Every episode that is not the same, and what all of them came to. */
function replayText({ replays, same, asked, interrupted, wall_seconds }: ReplayTally): string {
  const others = replays.filter(({ result }) => result !== 'same');
  const table = new Table({
    head: ['episode', 'result', 'where it differs first', 'why'],
    style: { head: [], border: [] },
    colWidths: [null, null, 60, 60],
    wordWrap: true,
  });
  for (const replay of others.slice(0, SHOWN))
    table.push([replay.id, replay.result, differenceText(replay), replay.reasons.join('; ')]);
  const looked = interrupted ? `, ${replays.length} looked at before it was interrupted` : '';
  return [
    ...(others.length === 0 ? [] : [table.toString()]),
    ...(others.length > SHOWN ? [`and ${others.length - SHOWN} more`] : []),
    `${same} of ${asked} replayed to the byte${looked}; ${tempo(replays.length, wall_seconds)}`,
    `measured on the wall clock and not compared: ${measuredText()}`,
  ].join('\n');
}

function driftText({ replays, played, asked, interrupted, wall_seconds }: OpenLoopTally): string {
  const table = new Table({
    head: [
      'episode',
      'engine',
      'joints p95 / most (rad)',
      'tool p95 / most (mm)',
      'objects at the end (mm)',
      'gate',
      'note',
    ],
    style: { head: [], border: [] },
    colWidths: [null, null, null, null, null, null, 50],
    wordWrap: true,
  });
  for (const { id, recorded_engine, engine, joints_rad, tool, objects, interventions, reasons } of replays.slice(
    0,
    SHOWN,
  )) {
    const two = (drift: { readonly p95: number; readonly max: number } | undefined | null) =>
      drift === undefined || drift === null ? '–' : `${figures(drift.p95)} / ${figures(drift.max)}`;
    const ends = objects.map(({ mm }) => figures(mm.final)).join(', ');
    const engines = engine === recorded_engine ? engine : `${recorded_engine} → ${engine}`;
    table.push([id, engines, two(joints_rad), two(tool?.mm), ends, interventions, reasons.join('; ')]);
  }
  return [
    table.toString(),
    ...(replays.length > SHOWN ? [`and ${replays.length - SHOWN} more`] : []),
    `${played} of ${asked} played in the open loop${interrupted ? ', interrupted' : ''}; ${tempo(replays.length, wall_seconds)}`,
    `controlled by ${CONTROLLED_BY}`,
  ].join('\n');
}

function tempo(episodes: number, wall_seconds: number): string {
  return `${wall_seconds.toFixed(1)} s, ${(episodes === 0 ? 0 : wall_seconds / episodes).toFixed(2)} s an episode`;
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`--out ${file}`, `cannot be written (${reason})`, { cause: error });
  }
}
