import { type Command, Option } from 'commander';
import { z } from 'zod';
import { costsFlag, jsonFlag, measuringFlags, modelsFlag, seedFlag, whole } from './flags.ts';

/** What the cameras are, as `--cameras` has it, and as learning does. */
const CAMERAS = { calibrated: 'calibrated', 'put-up': 'as_put_up' } as const;
const cameraNames = ['calibrated', 'put-up'] as const;

const flagsOf = measuringFlags.extend({
  objects: whole(1),
  leastScore: z.coerce.number().min(0).max(1).optional(),
  cameras: z.enum(cameraNames).transform((name) => CAMERAS[name]),
  write: z.boolean().default(false),
  out: z.string().optional(),
});
export type EvaluationFlags = z.infer<typeof flagsOf>;

/** Adds `models evaluate`. */
export function addEvaluate(models: Command): void {
  models
    .command('evaluate')
    .description(
      'What a model makes of worlds that no training drew from: recall, precision, poses, covariances and decisions, with intervals.',
    )
    .argument('[model]', 'NAME[@VERSION], FILE.onnx, or classical', 'vision')
    .option('--objects <n>', 'worlds are drawn until so many objects were asked for', '4000')
    .addOption(seedFlag('the worlds', 900_002))
    .addOption(
      new Option('--cameras <how>', 'what is known of the cameras: a calibration, or where they were meant to be')
        .choices(cameraNames)
        .default('calibrated'),
    )
    .option('--least-score <x>', 'detections below are not taken (default: 0.5 where scores are calibrated, else 0)')
    .addOption(costsFlag())
    .addOption(modelsFlag())
    .option('--write', 'put the figures into the manifest, for its card; a shipped model is pinned again')
    .option('--out <file>', 'a page with tables, decisions and the worst pictures, e.g. accuracy.html')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample: surepick models evaluate vision --objects 500 --out accuracy.html')
    .action(async (model: string, raw: unknown) => {
      const flags = flagsOf.parse(raw);
      // The simulator takes a while to load, which the other verbs do without.
      const { runEvaluation } = await import('./run_evaluation.ts');
      await runEvaluation(model, flags);
    });
}
