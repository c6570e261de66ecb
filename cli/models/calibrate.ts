import type { Command } from 'commander';
import { z } from 'zod';
import { costsFlag, jsonFlag, measuringFlags, modelsFlag, seedFlag, whole } from './flags.ts';

const flagsOf = measuringFlags.extend({
  worlds: whole(1),
  check: whole(1),
  level: z.coerce.number().gt(0).lt(1),
  full: z.string().optional(),
  deadline: z.coerce.number().min(0),
  out: z.string().optional(),
  write: z.boolean(),
});
export type CalibrateFlags = z.infer<typeof flagsOf>;

/** Adds `models calibrate`. */
export function addCalibrate(models: Command): void {
  models
    .command('calibrate')
    .description(
      'Fits how sure a model is when it says so, on worlds of its own, and measures it on held-out ones; exit code 1 if that does not hold.',
    )
    .argument('[model]', 'NAME[@VERSION], or classical', 'vision')
    .option('--worlds <n>', 'worlds to fit on, two pictures each', '500')
    .option('--check <n>', 'held-out worlds to measure on, two pictures each', '350')
    .addOption(seedFlag('the worlds to fit on', 7001))
    .option('--level <x>', 'share of detections whose sets are to hold the truth', '0.98')
    .addOption(costsFlag())
    .option('--full <model>', 'measure what asking this model only in doubt saves against always asking it')
    .option('--deadline <s>', 'with --full: time in which a picture must be answered (s); 0 for none', '0')
    .addOption(modelsFlag())
    .option(
      '--out <dir>',
      'writes calibration.json, reliability.svg and risk_coverage.svg there, and what was drawn, from which the same command goes on',
    )
    .option('--no-write', 'leave the model as it is')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample: surepick models calibrate vision --worlds 200 --check 100 --out calibration')
    .action(async (model: string, raw: unknown) => {
      const flags = flagsOf.parse(raw);
      // The simulator takes a while to load, which the other verbs do without.
      const { runCalibration } = await import('./run_calibration.ts');
      await runCalibration(model, flags);
    });
}
