import type { Command } from 'commander';
import { readMaskRules } from '../../datasets/index.ts';
import { runMainJob } from '../../stack/index.ts';
import { numberWithin, say } from '../common.ts';
import { addEpisodeOptions, batchFlags, calibrationOf, episodeOptionsOf, tellModel } from '../episode_options.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createProgress } from '../progress.ts';
import { batchFields, episodeTable } from '../results.ts';
import { finishBatch } from './sim.ts';

export function addRun(program: Command): void {
  addEpisodeOptions(
    program.command('run').description('The main job: episodes through the whole stack, recorded, with a report.'),
    10,
  )
    .option('--masks <file>', 'YAML or JSON: regions, depth ranges and people that are never stored')
    .option(
      '--ask <s>',
      'people answer what the robot is not sure of by surepick escalations --dir OUT, each within this simulated time (default: nobody is there)',
      numberWithin(1, 3600),
    )
    .option('--out <dir>', 'folder for the report and recordings (default: runs/RUN_ID)')
    .addHelpText(
      'after',
      '\nExamples: surepick run --episodes 3 --seed 7 --out runs/first\n' +
        '          surepick run --seed 7 --randomize hard --calibration cameras.json',
    )
    .action(async (flags: Record<string, unknown>) => {
      const batch = batchFlags.parse(flags);
      const out = typeof flags.out === 'string' ? flags.out : null;
      const episode = episodeOptionsOf(flags);
      const progress = createProgress(batch.episodes);
      const { result, run_id, out_dir, report } = await untilInterrupted((signal) =>
        runMainJob(
          {
            ...batch,
            episode,
            calibration: calibrationOf(batch),
            ...(batch.calibration === undefined ? {} : { calibration_file: batch.calibration }),
            trace_file: batch.trace ?? null,
            log_level: batch.logLevel,
            out_dir: out,
            answer_within_s: typeof flags.ask === 'number' ? flags.ask : null,
            masks: typeof flags.masks === 'string' ? readMaskRules(flags.masks) : null,
          },
          {
            onStage: progress.stage,
            onEpisode: ({ outcome }) => progress.episode(outcome.success),
          },
          signal,
        ).finally(progress.stop),
      );
      if (!batch.json || process.stderr.isTTY) say(episodeTable(result.results));
      await tellModel(episode);
      finishBatch('run', result, batch, { ...batchFields(result), run_id, out_dir });
      say(`report: ${report}`);
    });
}
