import type { Command } from 'commander';
import { z } from 'zod';

const whole = (least: number) => z.coerce.number().int().min(least);
const flagsOf = z.object({
  objects: whole(1),
  seed: whole(0),
  leastScore: z.coerce.number().min(0).max(1),
  out: z.string().optional(),
  json: z.boolean().default(false),
});
export type EvaluationFlags = z.infer<typeof flagsOf>;

/** Adds `models evaluate`. */
export function addEvaluate(models: Command): void {
  models
    .command('evaluate')
    .description(
      'What a model makes of worlds that no training drew from: recall, precision, poses and covariances, with intervals.',
    )
    .argument('[model]', 'NAME[@VERSION], FILE.onnx, or classical', 'vision')
    .option('--objects <n>', 'worlds are drawn until so many objects were asked for', '4000')
    .option('--seed <n>', 'fixes the worlds', '900002')
    .option('--least-score <x>', 'detections below are not counted as such', '0.5')
    .option('--out <file>', 'a page with tables and the worst pictures, e.g. accuracy.html')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick models evaluate vision --objects 500 --out accuracy.html')
    .action(async (model: string, raw: unknown) => {
      const flags = flagsOf.parse(raw);
      // The simulator takes a while to load, which the other verbs do without.
      const { runEvaluation } = await import('./run_evaluation.ts');
      await runEvaluation(model, flags);
    });
}
