import type { Command } from 'commander';
import { InputError } from '../../contracts/index.ts';
import { type BatchResult, type ReplayBatch, readWorldRecords, replayOf, runBatch } from '../../stack/index.ts';
import { emitJson, say } from '../common.ts';
import {
  addEpisodeOptions,
  type BatchFlags,
  batchFlags,
  calibrationOf,
  episodeOptionsOf,
  tellModel,
} from '../episode_options.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createProgress } from '../progress.ts';
import { batchFields, failureLine, summaryLine } from '../results.ts';

export function addSim(program: Command): void {
  addEpisodeOptions(program.command('sim').description('Run episodes in simulation without recording.'), 10)
    .option('--replay <file>', 'play episodes again as a recording, manifest or trace has them; it fixes their options')
    .addHelpText(
      'after',
      '\nExamples: surepick sim --episodes 100 --workers 2 --seed 7 --json\n' +
        '          surepick sim --seed 7 --randomize hard --calibration cameras.json',
    )
    .action(async (flags: Record<string, unknown>) => {
      const batch = batchFlags.parse(flags);
      const replay = typeof flags.replay === 'string' ? flags.replay : null;
      if (replay !== null && batch.calibration !== undefined)
        throw new InputError(
          '--calibration with --replay',
          'leave it out: the records have the one they were made with',
        );
      const what: Partial<ReplayBatch> & Pick<ReplayBatch, 'episode'> =
        replay === null
          ? { episode: episodeOptionsOf(flags), calibration: calibrationOf(batch) }
          : replayOf(await readWorldRecords(replay), `--replay ${replay}`);
      const progress = createProgress(what.episodes ?? batch.episodes);
      const result = await untilInterrupted((signal) =>
        runBatch(
          {
            ...{ ...batch, calibration: null },
            ...what,
            recording: null,
            trace_file: batch.trace ?? null,
            log_level: batch.logLevel,
          },
          {
            onStage: progress.stage,
            onEpisode: ({ outcome }) => progress.episode(outcome.success),
          },
          signal,
        ).finally(progress.stop),
      );
      await tellModel(what.episode);
      finishBatch('sim', result, batch, batchFields(result));
    });
}

/** Prints the result for people or machines, and sets the exit code. */
export function finishBatch(verb: string, result: BatchResult, flags: BatchFlags, fields: object): void {
  say(summaryLine(result.summary));
  if (result.degraded_reason !== '') say(`degraded, seen by the classical detector: ${result.degraded_reason}`);
  if (result.summary.failures.length > 0) say(`failures: ${failureLine(result.summary)}`);
  if (flags.json) emitJson(verb, fields);
  if (result.interrupted) process.exitCode = 130;
  else if (flags.minSuccess !== undefined && result.summary.success_rate < flags.minSuccess) {
    say(`error: success rate ${result.summary.success_rate}: --min-success asks for at least ${flags.minSuccess}`);
    process.exitCode = 1;
  }
}
